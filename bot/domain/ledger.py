"""What the bot's merge requests claim, which of them were merged, and what later measurements say of it."""

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
    """One later measurement on the same hardware: without the optimisation over with it, at `commit`.

    `ratio` is None where there could be none; the standing is then `UNDECIDED`. `searched` says that it was made to
    find the commit that ended a gain: it is about an older commit, and says nothing of what is left today.
    """

    commit: str
    at: str
    ratio: Interval | None
    standing: Standing
    searched: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One optimisation: `claimed` is the published interval, base time over candidate time.

    `before` and `merged` are commits. `hardware` is the fingerprint of the machine that the claim was measured on;
    measurements on another one do not count; `machine` is what the project calls it. `checks` come oldest first.

    Until its merge request is merged it is a claim: `merged` is "", `before` the base that was measured, `head` the
    commit of the branch, `merged_at` the time of the claim. `patch` is a digest of the change, by which it is known
    again in whatever commits it comes to the target branch. `kinds` are its kinds of change. `note` says what stands in
    the way of a measurement, and `suspects` are the commits with which the gain ended, once they are looked for no
    more.
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
    head: str = ""
    patch: str = ""
    kinds: tuple[str, ...] = ()
    machine: str = ""
    note: str = ""
    suspects: tuple[str, ...] = ()

    @property
    def landed(self) -> bool:
        """Whether its merge request is merged: only then it is a line of the ledger."""
        return bool(self.merged)

    @property
    def last(self) -> Remeasured | None:
        """The last measurement of the branch as it was then that decided something."""
        today = (one for one in reversed(self.checks) if not one.searched)
        return next((one for one in today if one.standing is not Standing.UNDECIDED), None)

    @property
    def id(self) -> str:
        """The merge request and the benchmark: one line of the ledger."""
        return f"{self.project}!{self.mr}:{self.benchmark}"

    @property
    def standing(self) -> Standing:
        """What the last measurement of the branch that decided something says."""
        return Standing.UNDECIDED if self.last is None else self.last.standing
