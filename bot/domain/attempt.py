"""What was tried for one target, and what came of it."""

from dataclasses import dataclass

from bot.domain.code import Target
from bot.domain.evidence import Verdict
from bot.domain.job import Candidate


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate with the judge's last word on it."""

    candidate: Candidate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """All that was tried for one target.

    `accepted` is the one to keep and `commit` the commit that holds it; `untried` counts candidates that no time was
    left for.
    """

    target: Target
    tried: tuple[Tried, ...] = ()
    accepted: Tried | None = None
    commit: str | None = None
    untried: int = 0
