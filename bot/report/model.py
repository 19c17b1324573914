"""What a finished run has to say, as frozen values; everything that is shown is derived from these."""

from dataclasses import dataclass, replace
from typing import Any

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import Target
from bot.domain.criterion import Criterion
from bot.domain.evidence import Canary, Comparison, Decision, Isolation, Machine, Outcome
from bot.domain.hardware import Column
from bot.domain.job import Project, Trigger
from bot.domain.lesson import Lesson
from bot.domain.plain import plain
from bot.domain.score import Score


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run: what asked, what was considered, tried and accepted, on which machine, and how to see it again.

    `ranked` is the first ranking, with functions that were skipped and why. `overall` compares the base with the
    branch where the branch holds several commits. `reproduce` is one shell command. `confidence` is that of all
    intervals. `seconds` is wall time of the whole run. `score` and `goals` are about `overall`, or about the one
    accepted change.
    """

    run: str
    trigger: Trigger
    base: str
    isolation: Isolation
    reproduce: str
    worked: tuple[Attempt, ...] = ()
    ranked: tuple[Target, ...] = ()
    overall: tuple[Comparison, ...] = ()
    branch: str | None = None
    project: Project | None = None
    notes: tuple[str, ...] = ()
    machine: Machine | None = None
    canary: Canary | None = None
    lessons: tuple[Lesson, ...] = ()
    seconds: float = 0.0
    confidence: float = 0.99
    version: str = ""
    score: Score | None = None
    goals: tuple[Criterion, ...] = ()
    columns: tuple[tuple[str, tuple[Column, ...]], ...] = ()
    """What each machine says, by candidate; empty where the run was on one machine."""

    @property
    def accepted(self) -> tuple[Attempt, ...]:
        """The functions with an accepted change."""
        return tuple(one for one in self.worked if one.accepted is not None)

    @property
    def held(self) -> tuple[tuple[Target, Tried], ...]:
        """Changes that are proven and still need a person before anything is done with them."""
        return tuple(
            (one.target, tried) for one in self.worked for tried in one.tried if tried.verdict.outcome is Outcome.HELD
        )

    @property
    def skipped(self) -> tuple[Target, ...]:
        """Functions that were seen and not worked on because they cannot pay."""
        return tuple(one for one in self.ranked if one.skip is not None)

    @property
    def candidates(self) -> int:
        """How many candidates were judged."""
        return sum(len(one.tried) for one in self.worked)


def headline(comparisons: tuple[Comparison, ...]) -> Comparison | None:
    """Return the comparison to name first: the largest gain that was proven, else the largest estimate."""
    return max(
        comparisons,
        key=lambda one: (one.decision is Decision.FASTER and one.confirmed, one.ratio.estimate),
        default=None,
    )


def as_dict(report: RunReport) -> dict[str, Any]:
    """Return the report as JSON-ready data; edits come as diffs, not as whole files."""
    from bot.report.changes import unified

    def tried(one: Tried) -> dict[str, Any]:
        candidate = one.candidate
        return {
            "id": candidate.id,
            "proposer": candidate.proposer,
            "rationale": candidate.rationale,
            "labels": sorted(candidate.labels),
            "diff": unified(candidate.edits.changes),
            "verdict": plain(one.verdict),
        }

    data: dict[str, Any] = plain(replace(report, worked=()))
    data["worked"] = [
        {
            "target": plain(one.target),
            "tried": [tried(item) for item in one.tried],
            "accepted": None if one.accepted is None else one.accepted.candidate.id,
            "commit": one.commit,
            "untried": one.untried,
        }
        for one in report.worked
    ]
    return data
