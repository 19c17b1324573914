"""What the regression gate found: one row for each benchmark, and what they come to."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.evidence import Canary, Comparison, Isolation, Machine


class Standing(StrEnum):
    """What is known about one benchmark; the values are reason codes of docs/reasons.md."""

    SLOWER = "check.slower"
    FAILED = "check.failed"
    UNDECIDED = "check.undecided"
    NOISY = "check.noisy"
    NOT_SLOWER = "check.not-slower"
    FASTER = "check.faster"
    CHANGED = "check.changed"
    NEW = "check.new"
    NOT_REACHED = "check.not-reached"


class Answer(StrEnum):
    """What the gate says of the whole change; NOISY and UNDECIDED mean that no slowdown is proven, nor ruled out."""

    SLOWER = "slower"
    FAILED = "failed"
    NOISY = "noisy"
    UNDECIDED = "undecided"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark: `comparison` where it was timed, `remark` what a reader must know, "" where nothing."""

    benchmark: str
    standing: Standing
    comparison: Comparison | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A change from `base` to `head` (full SHAs); `margin` is the slowdown that is still accepted (0.05: 5%).

    `notes` say how the benchmarks were chosen. `canary` is None where nothing had to be timed, `machine` as well.
    """

    base: str
    head: str
    margin: float
    confidence: float
    isolation: Isolation
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    canary: Canary | None = None
    machine: Machine | None = None
    seconds: float = 0.0

    @property
    def answer(self) -> Answer:
        """The worst of what is proven; then what is not known."""
        standings = {one.standing for one in self.rows}
        if Standing.SLOWER in standings:
            return Answer.SLOWER
        if Standing.FAILED in standings:
            return Answer.FAILED
        if Standing.NOISY in standings:
            return Answer.NOISY
        return Answer.UNDECIDED if Standing.UNDECIDED in standings else Answer.PASSED

    def of(self, standing: Standing) -> tuple[Row, ...]:
        """Return the rows of one standing."""
        return tuple(one for one in self.rows if one.standing is standing)
