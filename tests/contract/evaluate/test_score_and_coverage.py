"""The user's score function and the tracer of tests, with real processes in the weakest sandbox."""

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.evaluate.coverage import LineCoverage
from bot.evaluate.score_function import ScoreFunction
from bot.localize.index import Index
from bot.ports import Limits

INSIDE = Path(__file__).parents[3] / "bot" / "evaluate" / "inside"
SCORES = b"""
import os

def best(table):
    print("noise on standard output")
    return max(one["ratio"] for one in table)

def text(table):
    return "fast"

def nan(table):
    return float("nan")

def breaks(table):
    return table[0]["nothing"]

def dies(table):
    os._exit(3)
"""
WORK = b"""
def kinds(value):
    if value > 0:
        return "positive"
    found = [one for one in (value,)]
    return str(found)


class Box:
    @property
    def untouched(self):
        return 1
"""
TESTS = b"""
from work import kinds

def test_kinds():
    assert kinds(1) == "positive"
"""


@pytest.fixture
def sandbox():
    return ProcessSandbox({path.name: path.read_bytes() for path in INSIDE.glob("*.py")})


def project(tests=("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")):
    return Project(sys.executable, ("",), tests, ())


def ask(sandbox, name, path="bench/score.py"):
    tree = Snapshot("", {"bench/score.py": File(SCORES)})
    function = ScoreFunction(sandbox, project(), Limits(), tree, path, name)
    table = [{"name": "a", "base_seconds": 1.0}, {"name": "b", "base_seconds": 1.0}]
    return function(table, [[0.0, 1.0], [2.0, 0.0]])


def test_a_score_function_sees_ratios_and_may_print(sandbox):
    assert ask(sandbox, "best") == (pytest.approx(2.718, abs=1e-3), pytest.approx(7.389, abs=1e-3))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("text", "failed: TypeError: it returned 'fast', not a finite number"),
        ("nan", "failed: TypeError: it returned nan, not a finite number"),
        ("breaks", "failed: KeyError: 'nothing'"),
        ("absent", "failed: AttributeError: module 'score' has no attribute 'absent'"),
        ("dies", "gave no answer: the driver ended with code 3"),
    ],
)
def test_a_score_function_that_gives_no_number_is_refused_with_one_sentence(sandbox, name, sentence):
    with pytest.raises(Refused) as caught:
        ask(sandbox, name)
    assert str(caught.value) == f"the score function {name} of bench/score.py {sentence}"


def test_a_score_function_must_be_on_the_base(sandbox):
    with pytest.raises(Refused, match="the base has no such file"):
        ask(sandbox, "best", "other.py")


def covered(sandbox, names=("kinds",), source=WORK, tests=TESTS, command=None):
    tree = Snapshot("", {"work.py": File(source), "test_work.py": File(tests)})
    functions = [one for one in Index(tree).functions("work.py") if one.qualname in names]
    return LineCoverage(sandbox, project(*([command] if command else [])), Limits())(tree, functions)


def test_lines_that_the_tests_run_are_counted(sandbox):
    assert covered(sandbox).value == 2 / 4


def test_a_function_that_no_test_calls_is_not_covered(sandbox):
    assert covered(sandbox, ("Box.untouched",)).value == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"names": ()}, "no function differs"),
        ({"command": ("make", "test")}, "the test command 'make' is not run by the interpreter itself"),
        ({"tests": b"import os\nos._exit(1)\n"}, "the tests did not end by themselves (exited)"),
        ({"tests": b"import sys\nsys.settrace(print if 0 else None)\n"}, "the tests put another tracer in its place"),
    ],
)
def test_what_cannot_be_traced_is_not_measured(sandbox, values, reason):
    found = covered(sandbox, **values)
    assert (found.value, found.reason) == (None, reason)
