"""Allocations of one call, counted by real processes of each tree."""

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate.allocations import AllocationCount
from bot.ports import Limits

INSIDE = Path(__file__).parents[3] / "bot" / "evaluate" / "inside"
BENCH = b"""
import work

def bench_lists():
    return work.lists()

def bench_breaks():
    return work.breaks()
"""
BASE = b"""
class Box:
    def __init__(self):
        self.items = [0]

def lists():
    return [Box() for _ in range(1000)]

def breaks():
    return 1
"""
CANDIDATE = b"""
def lists():
    bytearray(1 << 20)
    return [(1,)] * 1000

def breaks():
    raise KeyError("gone")
"""


@pytest.fixture
def count():
    sandbox = ProcessSandbox({path.name: path.read_bytes() for path in INSIDE.glob("*.py")})
    project = Project(sys.executable, ("",), None, (("functions", "bench_work.py"),))
    return AllocationCount(sandbox, project, Limits(), 30.0)


def tree(work):
    return Snapshot("", {"bench_work.py": File(BENCH), "work.py": File(work)})


def test_types_that_stay_and_the_peak_of_what_does_not(count):
    names = ["bench_work.py::bench_lists", "bench_work.py::bench_breaks", "bench_work.py::nothing"]
    lists, breaks, nothing = count(tree(BASE), tree(CANDIDATE), names)
    by_name = {one.name: one for one in lists.base.types}
    assert by_name["work.Box"].count == 1000
    assert by_name["list"].count == 1001
    assert by_name["list"].size > 56 * 1000
    assert lists.base.kept > 100_000
    assert lists.base.blocks > 3000
    # A megabyte that is gone when the call returns is in the peak and in no type.
    assert lists.candidate.peak > 1 << 20 > lists.candidate.kept
    assert [one.name for one in lists.candidate.types] == ["list"]
    assert (breaks.base.reason, breaks.candidate.reason) == ("", "KeyError: 'gone'")
    assert nothing.base.reason == "it was not offered, or is not a Python benchmark"


def test_a_process_that_dies_gives_a_reason(count):
    names = ["bench_work.py::bench_lists", "bench_work.py::bench_breaks"]
    lists, breaks = count(tree(BASE), tree(b"import os\n\ndef lists():\n    os._exit(3)\n"), names)
    assert lists.candidate.reason.startswith("the driver ended with code 3")
    assert breaks.candidate.reason == lists.candidate.reason or breaks.candidate.reason
    assert lists.base.reason == ""
