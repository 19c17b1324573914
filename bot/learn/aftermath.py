"""After the merge: does a gain last, which commit ended it, and what is proposed then; decisions, not measurements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Remeasured, Standing
from bot.domain.publication import BRANCHES


@dataclass(frozen=True, slots=True)
class Thresholds:
    """`worthwhile` is the gain below which an optimisation is not worth its code (0.05: 5%).

    `margin` is what is called equal (0.01: 1%): a regression must be proven to exceed it.
    """

    worthwhile: float = 0.05
    margin: float = 0.01


def standing(measured: Interval, thresholds: Thresholds) -> Standing:
    """Return what a new measurement says of a gain; `measured` is the time without the optimisation over that with it.

    Lasting when it is still faster by more than the margin and may be worth its code; gone when the whole interval is
    below what is worthwhile; a regression when the whole interval is slower than the margin; else undecided.
    """
    if measured.high < 1 - thresholds.margin:
        return Standing.REGRESSION
    if measured.high < 1 + thresholds.worthwhile:
        return Standing.GONE
    return Standing.LASTING if measured.low > 1 + thresholds.margin else Standing.UNDECIDED


def checked(
    entry: LedgerEntry,
    commit: str,
    at: str,
    hardware: str,
    measured: Interval | None,
    thresholds: Thresholds,
    note: str = "",
) -> LedgerEntry:
    """Return the line of the ledger after a measurement; one on other hardware, or of a known commit, adds nothing.

    `note` says why there is no interval, where there is none.
    """
    if hardware != entry.hardware or any(one.commit == commit for one in entry.checks):
        return entry
    says = Standing.UNDECIDED if measured is None else standing(measured, thresholds)
    # While a gain is gone, nothing but the commits in between is measured.
    found = Remeasured(commit, at, measured, says, searched=entry.standing is Standing.GONE)
    return replace(entry, checks=(*entry.checks, found), note=note)


def due(entries: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Return the lines that are to be measured again, the one that was not looked at for longest first.

    One whose gain is gone is followed until the commits are known with which it ended.
    """
    waiting = [one for one in entries if one.landed and not one.suspects]
    return tuple(sorted(waiting, key=lambda one: (one.checks[-1].at if one.checks else one.merged_at, one.id)))


def ended(entry: LedgerEntry, commits: Sequence[str]) -> "Bisection | None":
    """Return the next step of the search for the commit that ended a gain; None where it is not gone.

    `commits` follow on the merge, up to the last measurement that says so, along the branch.
    """
    if entry.standing is not Standing.GONE:
        return None
    last = entry.merged if entry.last is None else entry.last.commit
    if not commits and last == entry.merged:
        return Bisection(Step.FOUND, entry.merged)
    if not commits:  # its commits are not on the branch any more
        return Bisection(Step.UNDECIDED, last, suspects=(entry.merged, last))
    known = {one.commit: one.standing for one in entry.checks}
    return bisection((entry.merged, *commits), known)


class Step(StrEnum):
    """What comes next in a bisection."""

    MEASURE = "measure"
    FOUND = "found"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Bisection:
    """The next step: measure `commit`, or `commit` is the first at which the gain was gone.

    `left` is how many more measurements it takes at most. UNDECIDED names the suspects: commits that could not be told
    apart because measurements between them decided nothing.
    """

    step: Step
    commit: str
    left: int = 0
    suspects: tuple[str, ...] = ()


def bisection(commits: Sequence[str], known: Mapping[str, Standing]) -> Bisection:
    """Return the next step between the first of `commits`, where the gain stood, and the last, where it does not.

    `known` are the measurements so far; an undecided commit is passed over. ValueError for fewer than two commits.
    """
    if len(commits) < 2:
        raise ValueError("a bisection needs a commit with the gain and one without it")
    bad = {Standing.GONE, Standing.REGRESSION}
    last = next(
        place for place in range(1, len(commits)) if place == len(commits) - 1 or known.get(commits[place]) in bad
    )
    first = max((place for place in range(last) if known.get(commits[place]) is Standing.LASTING), default=0)
    between = [place for place in range(first + 1, last) if commits[place] not in known]
    if between:
        middle = (first + last) / 2
        following = min(between, key=lambda place: (abs(place - middle), place))
        return Bisection(Step.MEASURE, commits[following], (last - first - 1).bit_length())
    if last - first == 1:
        return Bisection(Step.FOUND, commits[last])
    return Bisection(Step.UNDECIDED, commits[last], suspects=tuple(commits[first + 1 : last + 1]))


class Remedy(StrEnum):
    """What is opened for a person; nothing is ever reverted without one."""

    NOTHING = "nothing"
    ISSUE = "issue"
    REVERT = "revert"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to open: `topic` names it, so that it is opened once; `branch` is for a revert."""

    remedy: Remedy
    topic: str = ""
    branch: str = ""


def proposal(entry: LedgerEntry) -> Proposal:
    """Return what a line of the ledger asks for: an issue for a gain that is gone, a revert for a regression."""
    topic = f"aftermath-{entry.mr}-{entry.merged[:12]}"
    if entry.standing is Standing.REGRESSION:
        return Proposal(Remedy.REVERT, topic, f"{BRANCHES}revert-{entry.merged[:12]}")
    return Proposal(Remedy.ISSUE, topic) if entry.standing is Standing.GONE else Proposal(Remedy.NOTHING)
