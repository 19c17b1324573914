import io
import subprocess
import sys
import tarfile
from contextlib import contextmanager

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.evaluate import archive
from bot.evaluate.inside import pack
from bot.evaluate.set_up import Prepared, SetUp, SetUpSettings, build_inputs
from bot.ports import End, Limits, RunResult
from tests.fakes.ports import FakeProgress

PROJECT = Project("/py", ("",), None, ())
TREE = Snapshot("c", {"mod.py": File(b"x"), "lib.c": File(b"c")})


def tar(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Box:
    """A sandbox that answers runs of a command by its first word, and hands out one archive."""

    isolation, fixes_layout, notes = Isolation.NAMESPACE, True, ("something",)
    tree, tools, scratch = "/box/tree", "/box/tools", "/box/scratch"

    def __init__(self, data=None, **answers) -> None:
        self.data = tar(made=b"1") if data is None else data
        self.answers = answers
        self.opened, self.ran = [], []

    @contextmanager
    def open(self, tree, limits):
        self.opened.append((tree, limits))
        yield self

    def run(self, argv, *, env, timeout, stdin=b"", place=None):
        self.ran.append((argv, timeout))
        return self.answers.get(argv[0], RunResult(End.EXITED, 0, b"", b"", 0.0))

    def take(self, name, max_bytes):
        return self.data or None


def prepared(box, *commands, **settings):
    return Prepared(box, SetUp(box, PROJECT, SetUpSettings(commands or (("make",),), **settings), FakeProgress()))


def opened(box, sandbox, tree=TREE, limits=Limits()):  # noqa: B008 - a frozen value
    with sandbox.open(tree, limits) as session:
        assert session is box
    return box.opened[-1]


def test_the_network_is_there_for_the_commands_and_gone_afterwards():
    box = Box()
    sandbox = prepared(box, ("python", "-m", "pip"), ("make",), network=True, seconds=7.0)
    tree, limits = opened(box, sandbox)
    assert set(tree.files) == {"mod.py", "lib.c", "made"}
    assert not limits.network
    assert box.opened[0] == (TREE, Limits(network=True, wall_seconds=7.0))
    assert [argv[:3] for argv, _ in box.ran[:2]] == [("/py", "-m", "pip"), ("make",)]


def test_without_a_yes_there_is_no_network_at_all():
    box = Box()
    opened(box, prepared(box))
    assert not any(limits.network for _, limits in box.opened)


def test_a_candidate_has_the_set_up_of_its_base_and_another_base_its_own():
    box = Box()
    sandbox = prepared(box)
    opened(box, sandbox)
    opened(box, sandbox, Snapshot("", {**TREE.files, "mod.py": File(b"faster")}))
    assert sum(argv == ("make",) for argv, _ in box.ran) == 1
    opened(box, sandbox, Snapshot("", {**TREE.files, "lib.c": File(b"other")}))
    assert sum(argv == ("make",) for argv, _ in box.ran) == 2


def test_what_a_commit_holds_is_not_replaced():
    box = Box(tar(**{"mod.py": b"changed by the set-up"}))
    tree, _ = opened(box, prepared(box))
    assert tree.files["mod.py"].data == b"x"


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (RunResult(End.EXITED, 2, b"", b"no rule\nto make it\x1b", 0.0), "`make` ended with code 2: to make it?"),
        (RunResult(End.TIMED_OUT, 0, b"", b"", 9.0), "did not end within 600 s (`sandbox: setup_timeout:`)"),
        (RunResult(End.SIGNALLED, 11, b"", b"", 0.0), "was ended by signal 11"),
        (RunResult(End.OOM, 9, b"", b"", 0.0), "more memory than it may"),
        (RunResult(End.OUTPUT_LIMIT, 0, b"", b"", 0.0), "more output than it may"),
        (RunResult(End.UNAVAILABLE, 127, b"", b"make: no such file", 0.0), "cannot be started: make: no such file"),
    ],
)
def test_a_command_that_fails_is_one_sentence(answer, part):
    with pytest.raises(Refused) as caught:
        opened(None, prepared(Box(make=answer)))
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sandbox_that_fails_is_no_fault_of_the_command():
    with pytest.raises(SandboxError, match="could not be started: the daemon is gone"):
        opened(None, prepared(Box(make=RunResult(End.UNAVAILABLE, 1, b"", b"the daemon is gone", 0.0))))


@pytest.mark.parametrize("data", [tar(**{"../up": b""}), b"rubbish" * 200, b""])
def test_what_cannot_be_kept_is_refused(data):
    with pytest.raises(Refused, match="cannot be kept"):
        opened(None, prepared(Box(data)))


def test_a_failed_set_up_is_tried_again():
    box = Box(make=RunResult(End.EXITED, 1, b"", b"", 0.0))
    sandbox = prepared(box)
    with pytest.raises(Refused):
        opened(box, sandbox)
    box.answers.clear()
    assert "made" in opened(box, sandbox)[0].files


def test_what_a_set_up_builds_from():
    same = build_inputs(TREE)
    assert build_inputs(Snapshot("", {**TREE.files, "new.py": File(b"")})) == same
    for changed in ({"setup.py": File(b"")}, {"pyproject.toml": File(b"")}, {"lib.c": File(link="mod.py")}):
        assert build_inputs(Snapshot("", {**TREE.files, **changed})) != same


def test_a_module_of_the_tree_does_not_stand_for_one_of_the_packing_program(tmp_path):
    box = Box()
    opened(box, prepared(box))
    interpreter, *flags, program, _, most = box.ran[-1][0]
    assert (interpreter, program) == ("/py", "/box/tools/hotlap_inside/pack.py")
    (tmp_path / "tarfile.py").write_text("raise SystemExit(7)\n")
    (tmp_path / "left").write_text("x")
    out = tmp_path.parent / f"{tmp_path.name}.tar"
    argv = [sys.executable, *flags, pack.__file__, str(out), most]
    shadowed = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(argv, cwd=tmp_path, env=shadowed, input=b"[]", check=True)
    assert set(archive.read(out.read_bytes())) == {"left", "tarfile.py"}
