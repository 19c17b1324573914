"""Evidence of another job: a verdict that does not follow from its own samples is found out."""

from dataclasses import replace

import pytest

from bot.domain.evidence import Canary, Decision, Gate, Interval, Outcome, ReplayEvidence, TestsEvidence
from bot.evaluate.coherent import objection
from tests.fakes import exchange as made

HONEST = made.verdict()
(ONE,) = HONEST.comparisons


def said(verdict, min_gain=0.05):
    return objection(verdict, 0.99, 0.01, min_gain)


@pytest.mark.parametrize(
    "verdict",
    [HONEST, made.verdict(Outcome.HELD, comparisons=(ONE,)), made.verdict(Outcome.UNKNOWN, comparisons=()),
     made.verdict(Outcome.REJECTED, gate=Gate.TESTS, comparisons=())],
)  # fmt: skip
def test_what_a_machine_really_says_is_believed(verdict):
    assert said(verdict) is None


def with_one(**values):
    return replace(HONEST, comparisons=(replace(ONE, **values),))


def forged():
    yield replace(HONEST, gate=Gate.BENCH), "cannot say so"
    yield replace(HONEST, comparisons=()), "no gain was confirmed"
    yield with_one(confirmed=False), "no gain was confirmed"
    yield with_one(decision=Decision.EQUIVALENT), "no gain was confirmed"
    yield with_one(ratio=Interval(3.0, 2.9, 3.1)), "not that of its samples"
    yield with_one(ratio=Interval(ONE.ratio.estimate, ONE.ratio.low * 0.99, ONE.ratio.high)), "not that of its samples"
    yield with_one(samples=()), "has no samples"
    yield with_one(samples=(float("nan"),) * 20), "is no number"
    yield with_one(ratio=Interval(float("inf"), 1.0, float("inf"))), "is no number"
    yield with_one(ratio=Interval(1.4, 1.5, 1.6)), "does not hold its estimate"
    yield with_one(ratio=Interval(-1.0, -2.0, 1.0)), "does not hold its estimate"
    yield with_one(pairs=1), "more samples than pairs"
    yield replace(HONEST, tests=TestsEvidence(2, 1, 1, 0, newly_failing=("t::a",))), "t::a fails"
    yield replace(HONEST, replay=ReplayEvidence(3, 0, 0, mismatches=("f(1)",))), "a replayed call differs"
    yield replace(HONEST, canary=Canary(10, 0.2, Decision.UNDECIDED, quiet=False)), "too noisy"
    equal = made.comparison(1.002)
    yield replace(HONEST, comparisons=(equal,)), "prove no gain"


@pytest.mark.parametrize(("verdict", "clause"), list(forged()))
def test_a_verdict_that_does_not_follow_from_its_evidence_is_found_out(verdict, clause):
    assert clause in (said(verdict) or "")


def test_a_gain_below_the_smallest_one_is_not_accepted():
    assert "below 50%" in (said(HONEST, min_gain=0.5) or "")
