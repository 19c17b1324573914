"""Several machines, one answer: the policies, and what none of them may outvote."""

import pytest

from bot.domain.evidence import Decision, Gate, Outcome
from bot.domain.hardware import Agreement, Column, Hardware, Policy
from bot.evaluate.across import across
from tests.fakes import exchange as made

YES = made.verdict(ratio=1.5)
NO = made.verdict(
    Outcome.REJECTED, gate=Gate.BENCH, reason="bench.not-faster",
    comparisons=(made.comparison(1.0, decision=Decision.EQUIVALENT),),
)  # fmt: skip
SLOWER = made.verdict(
    Outcome.REJECTED, gate=Gate.BENCH, reason="bench.slower",
    comparisons=(made.comparison(0.8, decision=Decision.SLOWER),),
)  # fmt: skip
HELD = made.verdict(Outcome.HELD, reason="plausibility.memory")
UNKNOWN = made.verdict(Outcome.UNKNOWN, reason="bench.noisy", comparisons=())
WRONG = made.verdict(Outcome.REJECTED, gate=Gate.TESTS, reason="tests.newly-failing", comparisons=())
MISMATCH = made.verdict(Outcome.REJECTED, gate=Gate.BENCH, reason="bench.mismatch", comparisons=())
NOBODY = None


def columns(*verdicts, weights=(1, 1, 1)):
    names = ("amd", "arm", "old")
    return [
        Column(Hardware(name, weight=weight), verdict, why="" if verdict else "no runner took the job")
        for name, weight, verdict in zip(names, weights, verdicts, strict=False)
    ]


@pytest.mark.parametrize(
    ("agreement", "verdicts", "outcome", "reason"),
    [
        ("all", (YES,), Outcome.ACCEPTED, "accepted"),
        ("all", (YES, YES, YES), Outcome.ACCEPTED, "accepted"),
        ("all", (YES, NO, YES), Outcome.REJECTED, "bench.not-faster"),
        ("all", (YES, UNKNOWN, YES), Outcome.UNKNOWN, "bench.noisy"),
        ("all", (YES, NOBODY, YES), Outcome.UNKNOWN, "hardware.missing"),
        ("all", (NOBODY, NO), Outcome.REJECTED, "bench.not-faster"),
        ("all", (), Outcome.UNKNOWN, "hardware.missing"),
        ("any", (NO, YES, NOBODY), Outcome.ACCEPTED, "accepted"),
        ("any", (YES, SLOWER), Outcome.REJECTED, "bench.slower"),
        ("any", (NO, NO), Outcome.REJECTED, "bench.not-faster"),
        ("any", (NOBODY, NOBODY), Outcome.UNKNOWN, "hardware.missing"),
        ("named", (NO, YES), Outcome.ACCEPTED, "accepted"),
        ("named", (YES, NO), Outcome.REJECTED, "bench.not-faster"),
        ("named", (YES, NOBODY), Outcome.UNKNOWN, "hardware.missing"),
        ("named", (SLOWER, YES), Outcome.ACCEPTED, "accepted"),
        ("weighted", (YES, NO), Outcome.ACCEPTED, "accepted"),
        ("weighted", (YES, SLOWER, SLOWER), Outcome.REJECTED, "hardware.weighted"),
        ("weighted", (YES, NOBODY), Outcome.ACCEPTED, "accepted"),
        ("weighted", (NO, NO), Outcome.REJECTED, "bench.not-faster"),
    ],
)
def test_the_policy_decides_whose_word_counts(agreement, verdicts, outcome, reason):
    found = across(columns(*verdicts), Policy(Agreement(agreement), ("arm",)))
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.sentence


@pytest.mark.parametrize("agreement", list(Agreement))
@pytest.mark.parametrize("wrong", [WRONG, MISMATCH])
def test_no_policy_outvotes_wrong_behaviour_on_one_machine(agreement, wrong):
    found = across(columns(wrong, YES, YES, weights=(0.001, 9, 9)), Policy(agreement, ("arm",)))
    assert (found.outcome, found.reason) == (Outcome.REJECTED, wrong.reason)
    assert found.sentence.startswith("on amd: ")


@pytest.mark.parametrize("agreement", list(Agreement))
def test_what_a_person_must_look_at_on_one_machine_is_held(agreement):
    assert across(columns(YES, HELD), Policy(agreement, ("arm",))).outcome is Outcome.HELD


def test_a_machine_that_says_nothing_is_named_with_the_reason():
    found = across(columns(YES, NOBODY), Policy())
    assert found.sentence == "no evidence from arm: no runner took the job"


def test_weights_decide_between_a_gain_here_and_a_loss_there():
    heavy = across(columns(YES, SLOWER, weights=(3, 1)), Policy(Agreement.WEIGHTED))
    light = across(columns(YES, SLOWER, weights=(1, 3)), Policy(Agreement.WEIGHTED))
    assert (heavy.outcome, light.outcome) == (Outcome.ACCEPTED, Outcome.REJECTED)
    assert "weighted over 2 machines" in heavy.sentence


def test_the_heaviest_machine_with_a_gain_speaks():
    assert across(columns(YES, YES, YES, weights=(1, 5, 2)), Policy()).lead.hardware.name == "arm"
