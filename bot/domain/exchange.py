"""What jobs of one pipeline hand to each other: an order, what is hot, candidates as data, and evidence from machines.

Each value is written by one job with one privilege and read by another one, which believes nothing of it that it can
check: see docs/pipelines.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.code import File, FileChange, Target
from bot.domain.conversation import Spent
from bot.domain.errors import ExchangeError
from bot.domain.evidence import Canary, Comparison, Isolation, Machine, Verdict
from bot.domain.forge import Noteable
from bot.domain.hardware import Hardware, Policy
from bot.domain.job import Budget, Candidate, EditSet, Trigger
from bot.domain.revision import Revision


class DryRun(StrEnum):
    """Where a run ends early: after the plan, after the evidence, or right before anything is sent."""

    NO = "none"
    PLAN = "plan"
    EVALUATE = "evaluate"
    UNPUBLISHED = "all-but-publish"


@dataclass(frozen=True, slots=True)
class Order:
    """One request as the pipeline carries it out; it is complete, so that no later job asks who may do what.

    `target_branch` is where merge requests go, and `at` where the answer goes (None: the dashboard). `diff_base` is the
    SHA that the change in question is compared with ("" where no change is). `most` bounds the merge requests of the
    bot: those of this run, in a sweep all that are open; 0 where nothing can be pushed. `revisions` are changes of the
    bot's that somebody wants otherwise.
    """

    trigger: Trigger
    target_branch: str
    at: Noteable | None = None
    diff_base: str = ""
    budget: Budget = field(default_factory=Budget)
    most: int = 1
    hardware: tuple[Hardware, ...] = (Hardware(),)
    policy: Policy = field(default_factory=Policy)
    proposer: str = "rules"
    dry: DryRun = DryRun.NO
    revisions: tuple[Revision, ...] = ()

    def revision(self, branch: str) -> Revision | None:
        """Return what is wanted otherwise on a branch of the bot's."""
        return next((one for one in self.revisions if one.branch == branch), None)


@dataclass(frozen=True, slots=True)
class Survey:
    """The functions that are worth candidates, best first, as a job that holds no secret has seen them."""

    commit: str
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One file: the SHA-256 of what must stand there ("" for nothing), and what shall (None: no file)."""

    path: str
    before: str
    after: bytes | None

    @classmethod
    def of(cls, change: FileChange) -> "PlannedChange":
        """Return a change as data."""
        return cls(change.path, _sha(change.before), change.after)

    def on(self, files: Mapping[str, File]) -> FileChange:
        """Return the change on a tree; ExchangeError where that is not the one it was made for."""
        return FileChange(self.path, _standing(self, files), self.after)


@dataclass(frozen=True, slots=True)
class Proposed:
    """One candidate as data; `id` is that of `Candidate` and is checked when the candidate is made again."""

    id: str
    target: Target
    changes: tuple[PlannedChange, ...]
    rationale: str
    proposer: str
    labels: tuple[str, ...] = ()
    polish: bool = False
    spent: Spent | None = None
    reply: str = ""

    @classmethod
    def of(cls, candidate: Candidate) -> "Proposed":
        """Return a candidate as data; ExchangeError where it has no target."""
        if candidate.target is None:
            raise ExchangeError(f"candidate {candidate.id} is about no function: it cannot be planned")
        changes = tuple(PlannedChange.of(one) for one in candidate.edits.changes)
        return cls(
            candidate.id,
            candidate.target,
            changes,
            candidate.rationale,
            candidate.proposer,
            tuple(sorted(candidate.labels)),
            candidate.polish,
            candidate.spent,
            candidate.edits.reply,
        )

    def candidate(self, commit: str, files: Mapping[str, File]) -> Candidate:
        """Return the candidate on the tree of `commit`; ExchangeError where the tree is not the one it was made for."""
        changes = tuple(one.on(files) for one in self.changes)
        edits = EditSet(changes, self.reply)
        labels = frozenset(self.labels)
        made = Candidate(edits, commit, self.rationale, self.proposer, self.target, (), labels, self.polish, self.spent)
        if made.id != self.id:
            raise ExchangeError(f"candidate {self.id} is not the edit that its name says")
        return made


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A merged optimisation to be measured once more: `entry` names its line of the ledger.

    `changes` take it out of the tree of `commit`; both are then timed on `benchmark`, by the machine `hardware`.
    """

    entry: str
    commit: str
    benchmark: str
    hardware: str
    changes: tuple[PlannedChange, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the evaluate jobs shall judge: candidates on one commit, those of one target one after the other.

    `ranked` are all functions that were looked at, best first; `checks` are merged optimisations to be measured once
    more.
    """

    order: Order
    commit: str
    candidates: tuple[Proposed, ...] = ()
    notes: tuple[str, ...] = ()
    ranked: tuple[Target, ...] = ()
    checks: tuple[PlannedCheck, ...] = ()

    def asks(self, hardware: str) -> bool:
        """Say whether there is anything to do for a machine."""
        return bool(self.candidates) or any(one.hardware == hardware for one in self.checks)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one candidate of the plan, by one machine."""

    candidate: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """A merged optimisation measured once more: without it over with it; `why` says why there is no comparison."""

    entry: str
    commit: str
    comparison: Comparison | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one machine found out about the candidates of a plan, which `plan` names by its SHA-256.

    `fault` says why there is nothing, or no more; `untried` names candidates that no time was left for. `checked` is
    about the checks of the plan.
    """

    hardware: str
    plan: str
    judged: tuple[Judged, ...] = ()
    untried: tuple[str, ...] = ()
    machine: Machine | None = None
    canary: Canary | None = None
    isolation: Isolation = Isolation.PROCESS
    fault: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    checked: tuple[Checked, ...] = ()

    def verdict(self, candidate: str) -> Verdict | None:
        """Return the verdict on a candidate; None where there is none."""
        return next((one.verdict for one in self.judged if one.candidate == candidate), None)


@dataclass(frozen=True, slots=True)
class Silence:
    """A machine that gave no evidence, and why, in a clause."""

    hardware: str
    why: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """All evidence on one plan: that of the machines that answered, and those that did not."""

    evidence: tuple[Evidence, ...] = ()
    silent: tuple[Silence, ...] = ()

    def of(self, hardware: str) -> Evidence | None:
        """Return the evidence of one machine."""
        return next((one for one in self.evidence if one.hardware == hardware), None)


def _sha(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _standing(change: PlannedChange, files: Mapping[str, File]) -> bytes | None:
    """Return what stands at the path of a change now, which must be what it was made for."""
    parts = change.path.split("/")
    if "\0" in change.path or any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise ExchangeError(f"{change.path!r} is not a path of a file in the repository")
    found = files.get(change.path)
    if found is not None and found.link is not None:
        raise ExchangeError(f"{change.path} is a symbolic link: nothing is written through it")
    data = None if found is None else found.data
    if _sha(data) != change.before:
        raise ExchangeError(f"{change.path} is not the file that the candidate was made for")
    return data
