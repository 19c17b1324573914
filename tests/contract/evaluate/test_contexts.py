"""Which tests reach a function: pytest in a real process, once, and then from the cache."""

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate.contexts import TestContexts
from bot.localize.index import Index
from bot.ports import Limits
from tests.fakes.ports import FakeCache

pytestmark = pytest.mark.slow

INSIDE = Path(__file__).parents[3] / "bot" / "evaluate" / "inside"
WORK = b"""
import threading

def decorate(function):
    return function

@decorate
def top(x):
    def inner():
        return [deep(one) for one in (x,)]
    return inner()

def deep(x):
    return x

def made():
    return 3

def threaded():
    thread = threading.Thread(target=deep, args=(1,))
    thread.start()
    thread.join()

def unseen():
    return 1
"""
TESTS = b"""
import pytest
import work

@pytest.fixture(scope="module")
def three():
    return work.made()

@pytest.mark.parametrize("x", [1, 2])
def test_top(x):
    assert work.top(x) == [x]

def test_deep():
    assert work.deep(1) == 1

def test_three(three):
    assert three == 3

def test_thread():
    work.threaded()

def test_fails():
    work.deep(0) / 0
"""


def record(tests=TESTS, command=("pytest", "-q"), cache=None):
    tree = Snapshot("", {"work.py": File(WORK), "test_work.py": File(tests)})
    sandbox = ProcessSandbox({path.name: path.read_bytes() for path in INSIDE.glob("*.py")})
    found = TestContexts(sandbox, Project(sys.executable, ("",), command, ()), Limits(), cache)(tree)
    functions = {one.qualname: one for one in Index(tree).functions("work.py")}
    return found, functions


def test_each_function_has_the_tests_that_enter_it_and_the_second_time_costs_nothing():
    cache = FakeCache()
    found, functions = record(cache=cache)
    assert found.reason == ""
    names = {name: [one.partition("::")[2] for one in found.reaching(one)] for name, one in functions.items()}
    assert names == {
        "decorate": [],
        "top": ["test_top[1]", "test_top[2]"],
        "top.inner": ["test_top[1]", "test_top[2]"],
        "deep": ["test_top[1]", "test_top[2]", "test_deep", "test_thread", "test_fails"],
        "made": [],
        "threaded": ["test_thread"],
        "unseen": [],
    }
    assert {name for name, one in functions.items() if found.serves_all(one)} == {"decorate", "made"}
    (key,) = cache.known
    again, _ = record(cache=cache)
    assert again == found
    cache.known[key] = cache.known[key].replace(b"test_deep", b"remembered")
    assert "test_work.py::remembered" in record(cache=cache)[0].tests


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"command": None}, "the repository has no tests"),
        ({"command": ("make", "test")}, "the test command 'make' is not pytest"),
        ({"tests": b"import os\nos._exit(1)\n"}, "the tests did not end by themselves (exited)"),
        (
            {"tests": b"import sys\ndef test_a():\n    sys.settrace(None)\n"},
            "the tests put another tracer in its place",
        ),
    ],
)
def test_what_cannot_be_followed_is_a_reason_and_is_not_remembered(values, reason):
    cache = FakeCache()
    found, functions = record(cache=cache, **values)
    assert found.reason == reason
    assert found.reaching(functions["top"]) == ()
    assert cache.known == {}
