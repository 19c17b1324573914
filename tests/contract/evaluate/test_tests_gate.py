"""The tests gate with real processes: what a candidate can do to a run of the tests, and what is seen of it."""

import sys
import textwrap
from pathlib import Path

import pytest

import bot.evaluate.inside
from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.evaluate.tests_gate import TestsGate

pytestmark = pytest.mark.slow

TOOLS = {path.name: path.read_bytes() for path in Path(bot.evaluate.inside.__file__).parent.glob("*.py")}
MODULE = """
def grow(number):
    return number + 1


def idle():
    pass
"""
TESTS = """
import pytest
from mod import grow, idle

def test_grow():
    assert grow(1) == 2

@pytest.mark.parametrize("number", [1, 2, 3])
def test_many(number):
    assert grow(number) == number + 1

def test_maybe():
    if grow(0) != 1:
        pytest.skip("not here")

@pytest.mark.skip(reason="never")
def test_never():
    pass

@pytest.mark.xfail
def test_wrong():
    assert grow(1) == 3

def test_idle():
    idle()
"""
TOTAL = 8


def tree(module, tests=TESTS):
    return Snapshot("", {"mod.py": File(textwrap.dedent(module).encode()), "tests/test_mod.py": File(tests.encode())})


def gate(timeout=60.0, tests=("python", "-m", "pytest", "-q")):
    return TestsGate(ProcessSandbox(TOOLS), Project(sys.executable, ("",), tests, (), tests_timeout=timeout))


@pytest.fixture(scope="module")
def base():
    return gate().baseline(tree(MODULE))


def check(base, old, new, **more):
    return gate(**more).check(base, tree(MODULE.replace(old, new)))


def test_the_base_and_an_honest_candidate(base):
    assert base.total == TOTAL
    assert base.flaky == ()
    found = check(base, "number + 1", "1 + number")
    assert (found.total, found.passed, found.failed, found.skipped) == (TOTAL, 6, 0, 2)
    assert found.newly_failing == found.missing == found.newly_skipped == found.unexpected == ()


def test_a_mistake_and_a_skip_are_named(base):
    found = check(base, "number + 1", "number + (1 if number not in (0, 2) else 0)")
    assert found.newly_failing == ("tests.test_mod::test_many[2]",)
    assert found.newly_skipped == ("tests.test_mod::test_maybe",)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("import os\n    os._exit(0)", "ended with code 0 and wrote no report"),
        ("import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("import os\n    os.close(1); os.close(2); os._exit(1)", "ended with code 1 and wrote no report"),
    ],
)
def test_a_run_that_does_not_end_by_itself_has_no_tests(base, new, why):
    found = check(base, "pass", new)
    assert why in found.missing[0]
    assert len(found.missing) == TOTAL + 1
    assert found.passed == 0


def test_a_run_that_hangs_is_told_apart(base):
    found = check(base, "pass", "while True: pass", timeout=8.0)
    assert "did not end within 8 s" in found.missing[0]


def test_a_run_that_ends_early_lacks_tests(base):
    found = check(base, "pass", "import pytest; pytest.exit('done', returncode=0)")
    assert "tests.test_mod::test_idle" in found.missing


def test_a_report_that_the_candidate_wrote_is_no_way_to_skip_tests(base):
    forged = """import sys, os
    path = next(one.split("=", 1)[1] for one in sys.argv if one.startswith("--junitxml"))
    cases = '<testcase classname="tests.test_mod" name="test_grow"/>'
    open(path, "w").write(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    os._exit(0)"""
    found = check(base, "pass", forged)
    assert len(found.missing) == TOTAL - 1


@pytest.mark.parametrize("kind", ["fifo", "link", "huge", "bomb"])
def test_reports_that_would_hurt_the_reader_are_not_read(base, kind):
    write = {
        "fifo": "os.mkfifo(path)",
        "link": "os.symlink('/etc/passwd', path)",
        "huge": "open(path, 'wb').write(b'<testsuites>' + b' ' * (50 << 20) + b'</testsuites>')",
        "bomb": "open(path, 'w').write('<!DOCTYPE a [<!ENTITY b \"c\">]><testsuites>&b;</testsuites>')",
    }[kind]
    found = check(
        base,
        "pass",
        "import sys, os\n"
        "    path = next(one.split('=', 1)[1] for one in sys.argv if one.startswith('--junitxml'))\n"
        f"    {write}\n    os._exit(0)",
    )
    assert "every test" in found.missing[0]
    assert len(found.missing) == TOTAL + 1


def test_a_candidate_that_prints_without_end_is_only_cut_short(base):
    found = check(base, "pass", "import os\n    for _ in range(100): os.write(2, b'x' * 1_000_000)")
    assert found.newly_failing == found.missing == ()


def test_a_candidate_cannot_bring_its_own_tests(base):
    files = {**tree(MODULE.replace("number + 1", "0")).files, "tests/conftest.py": File(b"collect_ignore_glob = ['*']")}
    files["tests/test_mod.py"] = File(b"def test_grow(): pass")
    found = gate().check(base, Snapshot("", files))
    assert "tests.test_mod::test_grow" in found.newly_failing
    assert found.missing == ()


def test_flaky_tests_are_named_and_left_out(tmp_path):
    marker = tmp_path / "seen"
    flaky = f"""{TESTS}
def test_flaky():
    from pathlib import Path
    marker = Path({str(marker)!r})
    found = marker.exists()
    marker.unlink() if found else marker.touch()
    assert not found
"""
    found = gate().baseline(tree(MODULE, flaky))
    assert found.flaky == ("tests.test_mod::test_flaky",)
    marker.touch()
    evidence = gate().check(found, tree(MODULE, flaky))
    assert evidence.failed == 1
    assert evidence.newly_failing == ()


@pytest.mark.parametrize(
    ("tests", "command", "sentence"),
    [
        ("import missing_module", ("python", "-m", "pytest"), "cannot be collected on the base: .*test_mod"),
        ("x = 1", ("python", "-m", "pytest"), "finds no tests|ended with code 5"),
        (TESTS, ("python", "-m", "pytest", "missing"), "ended with code 4|finds no tests"),
        (TESTS, ("no-such-program-pytest/pytest", "--unknown-option"), "ended with code 4"),
    ],
)
def test_a_base_without_a_verdict_is_refused(tests, command, sentence):
    with pytest.raises(Refused, match=sentence):
        gate(tests=command).baseline(tree(MODULE, tests))


def test_a_few_tests_are_run_before_all_of_them(base):
    few = ("tests/test_mod.py::test_many[2]", "tests/test_mod.py::test_idle")
    wrong = tree(MODULE.replace("number + 1", "number + 2"))
    found = gate().check(base, wrong, few)
    assert found.newly_failing == ("tests.test_mod::test_many[2]",)
    assert found.total == len(few)
    right = gate().check(base, tree(MODULE.replace("number + 1", "1 + number")), few)
    assert right.total == TOTAL
