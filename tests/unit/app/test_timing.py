import dataclasses

import pytest

from bot.app.timing import compare, remark, standing
from bot.domain.check import Standing
from bot.domain.code import Snapshot
from bot.domain.evidence import CANDIDATE_FAILED, Decision, Interval
from bot.evaluate.lockstep.publish import UNSURE
from tests.fakes.ports import FakeBench, FakeProgress, comparison

TREE = Snapshot("")


def slower(name="b", **more):
    return comparison(name, 0.7, Decision.SLOWER, **more)


def failed(name):
    return comparison(name, 1.0, Decision.UNDECIDED, note=f"{CANDIDATE_FAILED}: out of order", samples=())


def unmeasured(name):
    return comparison(name, 1.0, Decision.UNDECIDED, note="no pair was measured", samples=())


class Bench(FakeBench):
    """Answers each decision with the next of `rounds`."""

    def __init__(self, *rounds, confirmed=()) -> None:
        super().__init__(confirmed=confirmed)
        self.rounds = list(rounds)

    def decide(self, base, candidate, benchmarks, *, tests=1):
        self.decided = self.rounds.pop(0)
        return super().decide(base, candidate, benchmarks, tests=tests)


def timed(bench, *names):
    return compare(bench, FakeProgress(), TREE, TREE, names)


def test_what_looks_slower_is_measured_again_and_nothing_else():
    bench = Bench((slower("a"), comparison("b")), confirmed=(slower("a", confirmed=True),))
    found = timed(bench, "a", "b")
    assert bench.asked == [("decide", ("a", "b"), 1), ("confirm", ("a",))]
    assert [standing(one, 0.05) for one in found] == [Standing.SLOWER, Standing.FASTER]


def test_a_slowdown_that_does_not_come_back_is_no_slowdown():
    again = comparison("a", 0.98, Decision.EQUIVALENT)
    (found,) = timed(Bench((slower("a"),), confirmed=(again,)), "a")
    assert standing(found, 0.05) is Standing.NOT_SLOWER
    (found,) = timed(Bench((slower("a"),), confirmed=(comparison("a", 0.94, Decision.UNDECIDED),)), "a")
    assert standing(found, 0.05) is Standing.UNDECIDED


def test_a_failure_does_not_keep_the_others_from_an_answer():
    bench = Bench(
        (failed("a"), unmeasured("b"), comparison("c")), (slower("b"),), confirmed=(slower("b", confirmed=True),)
    )
    found = timed(bench, "a", "b", "c")
    assert [standing(one, 0.05) for one in found] == [Standing.FAILED, Standing.SLOWER, Standing.FASTER]
    # The second round is for one benchmark, and still divides the error rate by three.
    assert bench.asked[1] == ("decide", ("b",), 3)


def test_many_failures_end_the_timing():
    names = [f"b{number}" for number in range(9)]
    rounds = [(failed(names[turn]), *(unmeasured(one) for one in names[turn + 1 :])) for turn in range(9)]
    found = timed(Bench(*rounds), *names)
    standings = [standing(one, 0.05) for one in found]
    assert standings == [Standing.FAILED] * 5 + [Standing.UNDECIDED] * 4


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Interval(1.0, 0.97, 1.03), Standing.NOT_SLOWER),
        (Interval(1.0, 0.953, 1.03), Standing.NOT_SLOWER),
        (Interval(1.0, 0.952, 1.03), Standing.UNDECIDED),  # 1 / 1.05 is 0.9524
        (Interval(0.8, 0.7, 0.9), Standing.UNDECIDED),  # not confirmed
    ],
)
def test_not_slower_needs_the_whole_interval_on_this_side_of_the_margin(interval, expected):
    found = dataclasses.replace(comparison("a", 1.0, Decision.EQUIVALENT), ratio=interval)
    assert standing(found, 0.05) is expected


def test_a_decision_without_a_pair_is_none():
    assert standing(unmeasured("a"), 0.05) is Standing.UNDECIDED


def test_that_answers_were_not_compared_is_no_remark():
    assert remark(comparison(note=UNSURE)) == ""
    assert remark(comparison(note="calls get slower")) == "calls get slower"
