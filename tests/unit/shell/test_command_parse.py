import io
import json
import sys

import pytest

from bot.cli.boundary import run


def parsed(monkeypatch, capsys, body):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    code = run(["command", "--parse", "-", "--json", "-"])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_command_is_one_object_of_the_list(monkeypatch, capsys):
    body = b"please\n/optimize src/a.py::f --hardware arm --budget 10m\n"
    code, out, err = parsed(monkeypatch, capsys, body)
    assert code == 0
    assert json.loads(out) == [
        {"verb": "run", "target": "src/a.py::f", "hardware": ["arm"], "budget": "10m", "strategy": None, "text": None}
    ]
    assert "src/a.py::f" in err


def test_no_command_is_an_empty_list(monkeypatch, capsys):
    code, out, err = parsed(monkeypatch, capsys, b"> /optimize\n")
    assert (code, json.loads(out), err) == (0, [], "no command\n")


def test_line_ends_are_those_of_the_comment(tmp_path, capsys):
    path = tmp_path / "body"
    path.write_bytes(b"a\r\n/optimize help\r\n")
    assert run(["command", "--parse", str(path), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verb"] == "help"


def test_what_would_be_refused_is_said_to_people(monkeypatch, capsys):
    code, out, err = parsed(monkeypatch, capsys, b"/optimize f --budget soon")
    assert (code, json.loads(out)[0]["budget"]) == (0, "soon")
    assert "would be refused" in err


@pytest.mark.parametrize("arguments", [["command"], ["command", "--parse", "/no/such/file"], ["command", "--parse"]])
def test_a_command_line_that_says_nothing_to_parse(arguments, capsys):
    assert run(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_bytes_that_are_no_text(monkeypatch, capsys):
    code, _, err = parsed(monkeypatch, capsys, b"/optimize \xff")
    assert (code, "not UTF-8" in err) == (2, True)
