"""Benchmarks go to the way of measuring that can run them, and share one error rate."""

from dataclasses import dataclass, field

import pytest

from bot.domain.code import Benchmark, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Decision
from bot.evaluate.routed import Routed
from tests.fakes.ports import FakeBench, comparison

TREE = Snapshot("")
PROGRAM, PYTHON = ".hotlap.yml::run", "bench_a.py::bench_x"


@dataclass
class Way(FakeBench):
    names: tuple = ()
    refusal: str = ""
    canaries: list = field(default_factory=list)
    spread: float = 0.01

    def collect(self, tree):
        if self.refusal:
            raise Refused(self.refusal)
        return tuple(Benchmark(name, "k", name.partition("::")[0]) for name in self.names)

    def canary(self, tree, benchmarks):
        self.canaries.append(tuple(benchmarks))
        return Canary(10, self.spread, Decision.EQUIVALENT, self.spread < 0.06)


def routed(python=None, programs=None, **more):
    one, other = python or Way(names=(PYTHON,)), programs or Way(names=(PROGRAM,))
    values = {"has_python": True} | more
    return Routed(one, other, frozenset({".hotlap.yml"}), **values), one, other


def test_both_ways_are_collected_and_one_that_refuses_does_not_hide_the_other():
    assert [one.name for one in routed()[0].collect(TREE)] == [PYTHON, PROGRAM]
    bench, *_ = routed(python=Way(refusal="no Python"))
    assert [one.name for one in bench.collect(TREE)] == [PROGRAM]
    bench, *_ = routed(python=Way(refusal="no Python"), programs=Way(refusal="no program"))
    with pytest.raises(Refused, match="no Python"):
        bench.collect(TREE)


def test_without_python_benchmarks_no_driver_is_started():
    bench, *_ = routed(python=Way(refusal="never asked"), has_python=False)
    assert [one.name for one in bench.collect(TREE)] == [PROGRAM]


def test_decisions_go_their_way_and_come_back_in_order():
    python, programs = Way(decided=(comparison(PYTHON),)), Way(decided=(comparison(PROGRAM),))
    bench, *_ = routed(python, programs)
    found = bench.decide(TREE, TREE, (PROGRAM, PYTHON), tests=3)
    assert [one.benchmark for one in found] == [PROGRAM, PYTHON]
    assert python.asked == [("decide", (PYTHON,), 6)]
    assert programs.asked == [("decide", (PROGRAM,), 6)]


def test_confirmations_ask_only_for_what_is_wanted():
    python = Way(confirmed=(comparison(PYTHON),))
    bench, _, programs = routed(python)
    assert [one.benchmark for one in bench.confirm(TREE, TREE, (PYTHON,))] == [PYTHON]
    assert programs.asked == []


def test_the_noisier_way_speaks_in_the_canary():
    bench, python, _ = routed(programs=Way(spread=0.2))
    assert not bench.canary(TREE, (PYTHON, PROGRAM, PYTHON, PROGRAM)).quiet
    assert python.canaries == [(PYTHON, PYTHON)]
