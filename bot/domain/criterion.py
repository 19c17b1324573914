"""What became of a goal; apart from goals, which the configuration needs without all that was ever measured."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.evidence import Interval
from bot.domain.goal import Goal


class Standing(StrEnum):
    """What became of a goal."""

    MET = "met"
    NOT_MET = "not met"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A goal on one benchmark ("" for coverage and where none matches), in the unit of `Goal.level`.

    `now` has the interval that decides; `reason` says why nothing was measured.
    """

    goal: Goal
    benchmark: str
    standing: Standing
    baseline: float | None = None
    target: float | None = None
    now: Interval | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """Shares of the executable lines of the changed functions that the tests run; None with the reason."""

    base: float | None = None
    now: float | None = None
    reason: str = ""
