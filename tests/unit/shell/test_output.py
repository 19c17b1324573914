import io
import json
import os
import stat
from pathlib import Path

import pytest

from bot.cli.output import Output, screen
from bot.domain.code import Span
from bot.domain.errors import Refused
from bot.domain.evidence import Isolation
from bot.domain.legible import harmless, one_line
from bot.domain.plain import plain


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "live", "colour"),
    [
        (Terminal(), {"TERM": "xterm"}, True, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        (Terminal(), {"TERM": "dumb"}, False, False),
        (Terminal(), {"CI": "true"}, False, False),
        (Terminal(), {"CI": "false"}, True, True),
        (io.StringIO(), {"TERM": "xterm"}, False, False),
    ],
)
def test_what_a_stream_can_show(stream, environment, live, colour):
    found = screen(stream, environment)
    assert (found.live, found.colour) == (live, colour)


def streams():
    return {"stdout": io.StringIO(), "stderr": io.StringIO(), "environment": {}}


def test_without_json_people_read_standard_output():
    given = streams()
    output = Output(**given)
    output.say("hello")
    output.result({"a": 1})
    assert given["stdout"].getvalue() == "hello\n"
    assert given["stderr"].getvalue() == ""


def test_with_a_dash_standard_output_holds_the_object_alone():
    given = streams()
    output = Output("-", **given)
    output.say("hello")
    output.result({"a": Span("x.py", 1, 2)})
    assert json.loads(given["stdout"].getvalue()) == {"a": {"path": "x.py", "start": 1, "end": 2}}
    assert given["stderr"].getvalue() == "hello\n"


def test_with_a_file_it_is_replaced_in_one_step(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old")
    Output(str(target), **streams()).result({"b": [1.5, float("nan")]})
    assert json.loads(target.read_text()) == {"b": [1.5, None]}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_link_keeps_pointing_and_a_device_stays_a_device(tmp_path):
    real = tmp_path / "real.json"
    link = tmp_path / "link.json"
    link.symlink_to(real)
    Output(str(link), **streams()).result([1])
    assert link.is_symlink()
    assert json.loads(real.read_text()) == [1]
    Output(os.devnull, **streams()).result([1])
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("place", ["missing/out.json", ".", "file/out.json"])
def test_a_target_that_cannot_be_written_is_refused_before_the_work(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"^--json: "):
        Output(str(tmp_path / place), **streams())


def test_a_value_that_is_none_of_ours_is_a_fault_and_leaves_the_file_alone(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old")
    with pytest.raises(TypeError, match="object is not a value"):
        Output(str(target), **streams()).result({"a": object()})
    assert target.read_text() == "old"


def test_control_characters_come_out_harmless():
    assert harmless("a\x1b[2Jb\r\u202e\ud800\tc\n") == "a\\x1b[2Jb\\x0d\\u202e\\ud800\tc\n"
    assert harmless("größer 你好") == "größer 你好"


def test_one_line_has_a_limit_and_keeps_both_ends():
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("x" * 50 + "end", 20) == "x" * 13 + "…" + "xxxend"
    assert len(one_line("y" * 999)) == 300


def test_plain_values():
    value = {Isolation.VM: (1, True, None), "s": frozenset({"b", "a"}), "p": Path("x"), "d": b"\xff", "i": float("inf")}
    assert plain(value) == {"vm": [1, True, None], "s": ["a", "b"], "p": "x", "d": "\ufffd", "i": None}
