"""Which verdicts become lessons, and in which state."""

import pytest

from bot.domain.code import FileChange
from bot.domain.evidence import Gate, Outcome
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import LessonState
from bot.learn.lessons import from_verdicts
from tests.fakes.ports import verdict

CANDIDATE = Candidate(EditSet((FileChange("a.py", b"", b"x"),)), "c0ffee", "because", "rules/x")


@pytest.mark.parametrize(
    ("outcome", "gate", "state"),
    [
        (Outcome.REJECTED, Gate.REPLAY, LessonState.ACTIVE),
        (Outcome.REJECTED, Gate.TESTS, LessonState.ACTIVE),
        (Outcome.REJECTED, Gate.BENCH, LessonState.PROPOSED),
        (Outcome.HELD, Gate.CONFIRM, LessonState.PROPOSED),
        (Outcome.ACCEPTED, Gate.CONFIRM, LessonState.PROPOSED),
    ],
)
def test_state_follows_from_what_decided(outcome, gate, state):
    (lesson,) = from_verdicts("run-1", [(CANDIDATE, verdict(outcome, gate, message="why"))])
    assert lesson.state is state
    assert lesson.scope == f"candidate:{CANDIDATE.id}"
    assert "why" in lesson.sentence
    assert lesson.evidence == ("run-1",)


def test_faults_of_the_infrastructure_teach_nothing():
    assert list(from_verdicts("run-1", [(CANDIDATE, verdict(Outcome.UNKNOWN))])) == []
