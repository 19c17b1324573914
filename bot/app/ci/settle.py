"""From a plan and its evidence to what shall be published: the edits made again from data, the guard run again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FunctionId, Snapshot, Target
from bot.domain.evidence import Finding, Gate, Isolation, Outcome, Verdict
from bot.domain.exchange import Gathered, Plan, Proposed
from bot.domain.hardware import Column
from bot.domain.job import Candidate
from bot.evaluate import syntax
from bot.evaluate.across import Across, across
from bot.evaluate.guard import check
from bot.evaluate.guard.check import GuardSettings


@dataclass(frozen=True, slots=True)
class Settled:
    """One function: the attempt as one judge would report it, and for each candidate what each machine says."""

    attempt: Attempt
    columns: tuple[tuple[str, tuple[Column, ...]], ...]

    @property
    def accepted(self) -> Candidate | None:
        """The candidate to publish."""
        return None if self.attempt.accepted is None else self.attempt.accepted.candidate

    @property
    def held(self) -> bool:
        """Whether a person must look at a candidate before anything is done with it."""
        return any(one.verdict.outcome is Outcome.HELD for one in self.attempt.tried)


def settle(plan: Plan, gathered: Gathered, tree: Snapshot, guard: GuardSettings) -> tuple[Settled, ...]:
    """Return what became of each function of the plan; ExchangeError where an edit is not what the plan says."""
    return tuple(_settled(target, group, plan, gathered, tree, guard) for target, group in _by_target(plan))


def _by_target(plan: Plan) -> Iterator[tuple[Target, list[Proposed]]]:
    groups: dict[FunctionId, list[Proposed]] = {}
    for one in plan.candidates:
        groups.setdefault(one.target.function, []).append(one)
    yield from ((group[0].target, group) for group in groups.values())


def _settled(
    target: Target,
    group: Sequence[Proposed],
    plan: Plan,
    gathered: Gathered,
    tree: Snapshot,
    guard: GuardSettings,
) -> Settled:
    tried: list[Tried] = []
    columns: list[tuple[str, tuple[Column, ...]]] = []
    for proposed in group:
        if _untried(proposed.id, gathered):
            continue
        candidate = proposed.candidate(tree.commit, tree.files)
        mine = _columns(proposed.id, plan, gathered)
        columns.append((proposed.id, mine))
        answer = across(mine, plan.order.policy)
        tried.append(Tried(candidate, _again(candidate, tree, guard) or _verdict(answer, candidate)))
    accepted = [one for one in tried if one.verdict.outcome is Outcome.ACCEPTED]
    best = max(accepted, key=lambda one: one.verdict.best_ratio, default=None)
    attempt = Attempt(target, tuple(tried), best, untried=len(group) - len(tried))
    return Settled(attempt, tuple(columns))


def _untried(candidate: str, gathered: Gathered) -> bool:
    """Say whether no machine that answered has tried a candidate."""
    return bool(gathered.evidence) and all(one.verdict(candidate) is None for one in gathered.evidence)


def _columns(candidate: str, plan: Plan, gathered: Gathered) -> tuple[Column, ...]:
    silent = {one.hardware: one.why for one in gathered.silent}
    columns = []
    for hardware in plan.order.hardware:
        found = gathered.of(hardware.name)
        if found is None:
            columns.append(Column(hardware, why=silent.get(hardware.name, "it gave no evidence")))
        else:
            why = found.fault or "no time was left"
            verdict = found.verdict(candidate)
            columns.append(Column(hardware, verdict, found.machine, "" if verdict else why))
    return tuple(columns)


def _again(candidate: Candidate, tree: Snapshot, guard: GuardSettings) -> Verdict | None:
    """Return the verdict of the guard, asked again in a job where the candidate has never run; None where it passes."""
    changes = candidate.edits.changes
    finding = next(check.objections(tree, changes, guard, candidate.target), None) or _unwanted(candidate, guard)
    gate = Gate.GUARD
    if finding is None:
        finding, gate = syntax.objection(changes, candidate.target), Gate.SYNTAX
    if finding is None:
        return None
    return Verdict(Outcome.REJECTED, gate, finding.code, finding.sentence, Isolation.PROCESS, candidate.id)


def _unwanted(candidate: Candidate, guard: GuardSettings) -> Finding | None:
    """Return what a lesson says against the place, the rule or the kind of a candidate; it may be newer than it."""
    lesson = guard.restraints.refuses(candidate)
    return None if lesson is None else Finding("guard.lesson", f"lesson {lesson.id} forbids it: {lesson.sentence}")


def _verdict(answer: Across, candidate: Candidate) -> Verdict:
    """Return the verdict of the machine that speaks for all, with the answer over all of them."""
    lead = None if answer.lead is None else answer.lead.verdict
    if lead is None:
        return Verdict(answer.outcome, Gate.BENCH, answer.reason, answer.sentence, Isolation.PROCESS, candidate.id)
    return replace(lead, outcome=answer.outcome, reason=answer.reason, message=answer.sentence)
