"""Which merged optimisations a sweep measures again, at which commit, and without which lines: data for machines."""

from collections.abc import Collection, Sequence

from bot.domain.errors import Refused
from bot.domain.exchange import PlannedChange, PlannedCheck
from bot.domain.ledger import LedgerEntry, Standing
from bot.learn.aftermath import Step, due, ended
from bot.ports.forge import Past

GONE_FROM_BRANCH = "its commits are not on the default branch any more"
CHANGED = "the code around it has changed: it cannot be taken out by itself"
OUT = "it is not in the code any more"


def planned(
    ledger: Sequence[LedgerEntry], past: Past, head: str, hardware: Collection[str], most: int
) -> tuple[PlannedCheck, ...]:
    """Return at most `most` checks, the line that was not looked at for longest first.

    `head` is the commit of the default branch; machines that are not among `hardware` are not asked.
    """
    found: list[PlannedCheck] = []
    for entry in due(ledger):
        if len(found) >= most:
            break
        commit = None if entry.machine not in hardware else place(entry, past, head)
        if commit is None or any(one.commit == commit for one in entry.checks):
            continue
        changes = without(entry, past, commit)
        if not isinstance(changes, str):
            found.append(PlannedCheck(entry.id, commit, entry.benchmark, entry.machine, changes))
    return tuple(found)


def place(entry: LedgerEntry, past: Past, head: str) -> str | None:
    """Return the commit to measure at: the head, or where the gain is gone the next step of a bisection."""
    if entry.standing is not Standing.GONE:
        return head
    step = ended(entry, since(entry, past))
    return step.commit if step is not None and step.step is Step.MEASURE else None


def since(entry: LedgerEntry, past: Past) -> tuple[str, ...]:
    """Return the commits after the merge up to the last measurement that decided something, oldest first."""
    try:
        return () if entry.last is None else past.between(entry.merged, entry.last.commit)
    except Refused:
        return ()


def without(entry: LedgerEntry, past: Past, commit: str) -> tuple[PlannedChange, ...] | str:
    """Return what takes an optimisation out of the tree of `commit`, or a clause on why that cannot be done."""
    try:
        changes = past.without(entry.before, entry.merged, commit)
    except Refused:
        return GONE_FROM_BRANCH
    if changes is None:
        return CHANGED
    return tuple(map(PlannedChange.of, changes)) or OUT
