"""What one run teaches the next: candidates that were disproved, and how each rule has fared."""

from collections.abc import Iterable, Iterator

from bot.domain.evidence import Gate, Outcome, Verdict
from bot.domain.job import Candidate
from bot.domain.lesson import Lesson, LessonState

_DISPROVED = {Gate.GUARD, Gate.SYNTAX, Gate.TESTS, Gate.REPLAY}


def from_verdicts(run: str, tried: Iterable[tuple[Candidate, Verdict]]) -> Iterator[Lesson]:
    """Yield one lesson for each candidate that was judged.

    A candidate that tests or replay disproved is not tried again on the same commit (active); one that was not
    faster may be on another machine or another day (proposed).
    """
    for candidate, verdict in tried:
        if verdict.outcome is Outcome.UNKNOWN:
            continue
        where = candidate.target.function if candidate.target else "the change"
        disproved = verdict.outcome is Outcome.REJECTED and verdict.gate in _DISPROVED
        yield Lesson(
            scope=f"candidate:{candidate.id}",
            sentence=f"{candidate.proposer} on {where} was {verdict.outcome} at {verdict.gate}: {verdict.message}",
            evidence=(run,),
            state=LessonState.ACTIVE if disproved else LessonState.PROPOSED,
        )
