"""What merged optimisations claimed, and what later measurements say of it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.evidence import Interval


class Standing(StrEnum):
    """What became of a merged gain; `UNDECIDED` also where nothing was measured yet."""

    LASTING = "lasting"
    GONE = "gone"
    REGRESSION = "regression"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Remeasured:
    """One later measurement on the same hardware: without the optimisation over with it, at `commit`."""

    commit: str
    at: str
    ratio: Interval
    standing: Standing


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One merged optimisation: `claimed` is the published interval, base time over candidate time.

    `before` and `merged` are commits. `hardware` is the fingerprint of the machine that the claim was measured on;
    measurements on another one do not count. `checks` come oldest first.
    """

    project: str
    mr: int
    target: str
    benchmark: str
    hardware: str
    claimed: Interval
    before: str
    merged: str
    merged_at: str
    checks: tuple[Remeasured, ...] = ()

    @property
    def id(self) -> str:
        """The merge request and the benchmark: one line of the ledger."""
        return f"{self.project}!{self.mr}:{self.benchmark}"

    @property
    def standing(self) -> Standing:
        """What the last measurement that decided something says."""
        decided = [one.standing for one in self.checks if one.standing is not Standing.UNDECIDED]
        return decided[-1] if decided else Standing.UNDECIDED
