from contextlib import contextmanager

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.evaluate.junit import Case, Run
from bot.evaluate.tests_gate import Baseline, TestsGate, compared, with_tests_of
from bot.ports import End, RunResult

TREE = Snapshot("", {"mod.py": File(b"x")})
PROJECT = Project("/usr/bin/python3", ("",), ("python", "-m", "pytest", "-q"), ())


def xml(**outcomes):
    inner = {"p": "", "f": "<failure message='boom'/>", "s": "<skipped/>"}
    cases = "".join(f"<testcase classname='t' name='{name}'>{inner[how]}</testcase>" for name, how in outcomes.items())
    return f"<testsuites><testsuite>{cases}</testsuite></testsuites>".encode()


class FakeSession:
    isolation = Isolation.PROCESS
    tree, tools, scratch = "/box/tree", "/box/tools", "/box/scratch"

    def __init__(self, result, data) -> None:
        self.result, self.data, self.argv, self.taken = result, data, None, None

    def run(self, argv, *, env, timeout, stdin=b"", place=None):
        self.argv = argv
        return self.result

    def take(self, name, max_bytes):
        self.taken = name
        return self.data


class FakeSandbox:
    """Answers one prepared run after the other."""

    def __init__(self, *runs) -> None:
        self.runs = list(runs)
        self.sessions = []
        self.trees = []

    @contextmanager
    def open(self, tree, limits):
        self.trees.append(tree)
        self.sessions.append(FakeSession(*self.runs.pop(0)))
        yield self.sessions[-1]


def ran(data, code=0, end=End.EXITED, stderr=b""):
    return RunResult(end, code, b"", stderr, 1.5), data


def baseline(*runs, project=PROJECT):
    return TestsGate(FakeSandbox(*runs), project).baseline(TREE)


def test_a_baseline_names_flaky_tests():
    found = baseline(ran(xml(a="p", b="p", c="s", d="p")), ran(xml(a="p", b="f", c="s")))
    assert found.cases == {"t::a": Case.PASSED, "t::c": Case.SKIPPED}
    assert found.flaky == ("t::b", "t::d")
    assert found.total == 4


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (ran(None, 127, End.UNAVAILABLE), "the tests do not run on the base: /usr/bin/python3 cannot be started"),
        (ran(None, 1, stderr=b"x\nNo module named pytest\n"), "No module named pytest"),
        (ran(None, 5), "ended with code 5 and wrote no report"),
        (ran(xml(), 5), "finds no tests"),
        (ran(xml(x="f"), 2), "cannot be collected on the base: t::x: boom"),
        (ran(xml(a="p"), 0, End.TIMED_OUT), "did not end within 600 s"),
        (ran(xml(a="p"), 9, End.OOM), "more memory"),
        (ran(xml(a="p"), 11, End.SIGNALLED), "signal 11"),
        (ran(b"<", 0), "cannot be read"),
        (ran(xml(a="f", b="s"), 1), "no test of the repository passes twice"),
    ],
)
def test_a_base_that_cannot_judge_is_refused_in_one_sentence(run, sentence):
    with pytest.raises(Refused, match=sentence) as caught:
        baseline(run, run)
    assert "\n" not in str(caught.value)


def test_a_fault_of_the_sandbox_is_not_the_users():
    with pytest.raises(SandboxError):
        baseline(ran(None, 1, End.UNAVAILABLE))


def test_commands_without_a_report_are_refused():
    command = Project("/usr/bin/python3", ("",), ("make", "test"), ())
    with pytest.raises(Refused, match=r"tests\.junit"):
        baseline(ran(None), project=command)
    with pytest.raises(Refused, match="make cannot be started"):
        baseline(ran(None, 127, End.UNAVAILABLE), project=command)
    with pytest.raises(Refused, match=r"tests\.command"):
        baseline(project=Project("/usr/bin/python3", ("",), None, ()))


def test_the_command_is_the_repositorys_own_with_a_report_added():
    sandbox = FakeSandbox(ran(xml(a="p")), ran(xml(a="p")))
    TestsGate(sandbox, Project("/venv/python", ("",), ("pytest", "-x"), ())).baseline(TREE)
    assert sandbox.sessions[0].argv == (
        "/venv/python", "-m", "pytest", "-x", "--junitxml=/box/scratch/junit.xml", "-p", "no:cacheprovider",
    )  # fmt: skip
    own = FakeSandbox(ran(xml(a="p")), ran(xml(a="p")))
    TestsGate(own, Project("/venv/python", ("",), ("make", "test"), (), junit="out/r.xml")).baseline(TREE)
    assert own.sessions[0].argv == ("make", "test")
    assert own.sessions[0].taken == "../tree/out/r.xml"


BASE = Baseline(TREE, {"a": Case.PASSED, "b": Case.PASSED, "c": Case.SKIPPED, "d": Case.FAILED}, ("w",))


def test_a_candidate_is_compared_test_by_test():
    cases = {"a": Case.FAILED, "b": Case.SKIPPED, "d": Case.FAILED, "w": Case.FAILED, "n": Case.PASSED}
    found = compared(BASE, Run(cases, {}), 2.0, 1)
    assert found.newly_failing == ("a",)
    assert found.newly_skipped == ("b",)
    assert found.missing == ("c",)
    assert found.unexpected == ("n",)
    assert found.flaky == ("w",)
    assert (found.total, found.passed, found.failed, found.skipped) == (5, 1, 3, 1)


def test_a_candidate_that_changes_nothing_has_no_findings():
    found = compared(BASE, Run({**BASE.cases, "w": Case.PASSED}, {}), 2.0, 1)
    assert found.newly_failing == found.missing == found.newly_skipped == found.unexpected == ()


def test_an_exit_code_that_the_report_does_not_explain_is_a_failure():
    base = Baseline(TREE, {"a": Case.PASSED})
    assert "ends with code 1" in compared(base, Run({"a": Case.PASSED}, {}), 1.0, 1).newly_failing[0]
    flaky = Baseline(TREE, {"a": Case.PASSED}, ("w",))
    assert compared(flaky, Run({"a": Case.PASSED, "w": Case.FAILED}, {}), 1.0, 1).newly_failing == ()


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (ran(None), "ended with code 0 and wrote no report"),
        (ran(xml(a="p", b="p"), 0, End.TIMED_OUT), "did not end within 600 s"),
        (ran(xml(a="p", b="p"), 9, End.OOM), "more memory"),
        (ran(xml(a="p", b="p"), 9, End.SIGNALLED), "signal 9"),
    ],
)
def test_without_a_report_every_test_is_missing_and_the_reason_is_said(run, why):
    found = TestsGate(FakeSandbox(run), PROJECT).check(BASE, TREE)
    assert why in found.missing[0]
    assert found.missing[1:] == ("a", "b", "c", "d")


def test_the_bases_tests_judge_the_candidate():
    base = Snapshot("", {"mod.py": File(b"1"), "tests/test_a.py": File(b"t"), "pyproject.toml": File(b"p")})
    other = Snapshot(
        "",
        {
            "mod.py": File(b"2"),
            "tests/test_a.py": File(b"weaker"),
            "tests/conftest.py": File(b"cheat"),
            "pytest.ini": File(b"x"),
        },
    )
    merged = with_tests_of(base, other)
    assert {path: file.data for path, file in merged.files.items()} == {
        "mod.py": b"2",
        "tests/test_a.py": b"t",
        "pyproject.toml": b"p",
    }


FEW = ("t.py::a", "t.py::b")
WHOLE = Baseline(
    TREE, {f"t::{name}": Case.PASSED for name in "abcd"} | {"t::twice": Case.PASSED, "t::twice #2": Case.FAILED}
)


def test_a_few_tests_that_fail_are_the_answer():
    sandbox = FakeSandbox(ran(xml(a="f", b="p"), 1), ran(xml(a="p", b="p")), ran(xml(a="f", b="f"), 1))
    gate = TestsGate(sandbox, PROJECT)
    found = gate.check(WHOLE, TREE, FEW)
    assert (found.newly_failing, found.total, found.missing) == (("t::a",), 2, ())
    assert sandbox.sessions[0].argv[-2:] == ("-p", "hotlap_inside.chosen")
    assert gate.check(WHOLE, TREE, FEW).newly_failing == ("t::a", "t::b")
    assert sandbox.runs == []  # what they do alone on the base was known


@pytest.mark.parametrize(
    "few",
    [
        [ran(xml(a="p", b="p"))],
        [ran(xml(a="f", b="p"), 1), ran(xml(a="f", b="p"), 1)],
        [ran(xml(twice="f", b="p"), 1)],
        [ran(None, 9, End.TIMED_OUT)],
    ],
    ids=["pass", "fail alone on the base, too", "one of two with this name", "no report"],
)
def test_where_a_few_tests_say_nothing_the_whole_suite_does(few):
    sandbox = FakeSandbox(*few, ran(xml(a="p", b="f", c="p", d="p", twice="p"), 1))
    found = TestsGate(sandbox, PROJECT).check(WHOLE, TREE, FEW)
    assert found.newly_failing == ("t::b",)
    assert "hotlap_inside.chosen" not in sandbox.sessions[-1].argv
    assert sandbox.runs == []
