"""The second job: candidates for what was surveyed, as data. It may ask a model, and runs no code of the repository."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.app.ci.reports import branch_for
from bot.domain.code import Snapshot, Target
from bot.domain.exchange import Order, Plan, Proposed, Survey
from bot.domain.job import Candidate
from bot.domain.legible import one_line
from bot.domain.lesson import Lesson, LessonState
from bot.domain.restraint import Restraints
from bot.evaluate.guard.lessons import banned
from bot.localize.index import Index
from bot.search.loop import Search

_NOTES = 10
"""Notes of a survey that are handed on: its job runs code of the repository, and could say a lot."""
_ASKED = 15
"""For how many functions rules write candidates before the best of them are chosen."""


def propose(search: Search, index: Index, order: Order, survey: Survey, lessons: Sequence[Lesson]) -> Plan:
    """Return the candidates to judge, those of one function one after the other.

    The survey comes from a job in which code of the repository ran: a function that is not exactly one of the tree is
    left out, and nothing else of it is believed than an order of functions and names of benchmarks. What the active
    ones among `lessons` forbid is left out as well, and said.
    """
    if survey.commit != index.tree.commit:
        return Plan(order, index.tree.commit, notes=("the survey is about another commit: nothing was proposed",))
    restraints = Restraints.of(lessons)
    survey = replace(survey, targets=tuple(_left_alone(one, restraints) for one in survey.targets))
    targets = [one for one in survey.targets if one.skip is None]
    known = [one for one in targets if one.function in index.functions(one.function.path)]
    notes = [one_line(note) for note in survey.notes[:_NOTES]]
    notes += [f"{one.function} was left out: {one.skip}" for one in _skipped(survey)]
    if len(known) < len(targets):
        notes.append(f"{len(targets) - len(known)} function(s) of the survey are not in the tree and were left out")
    written = [
        _allowed(_written(search, one, index.tree, lessons), restraints, notes) for one in known[: _asked(order)]
    ]
    candidates = [one for one in written if one][: order.budget.targets]
    chosen = [one for group in _in_order(candidates) for one in group][: order.budget.candidates]
    if not chosen:
        notes.append("no function here has a rewrite worth trying")
    return Plan(order, index.tree.commit, tuple(Proposed.of(one) for one in chosen), tuple(notes), tuple(known))


def _asked(order: Order) -> int:
    """Return for how many functions candidates are written; rules cost nothing, and a model is paid for each."""
    return max(_ASKED, order.budget.targets) if order.proposer == "rules" else order.budget.targets


def wished(
    survey: Survey, names: Sequence[str], branches: Sequence[str] = (), urgent: Mapping[str, float] | None = None
) -> Survey:
    """Return a survey that begins with the functions of these names ("path::qualname"), then of these branches.

    `urgent` orders the others, the highest first: what was refused before waits for what was not tried yet.
    """
    known = urgent or {}

    def rank(one: Target) -> tuple[bool, bool, float]:
        name = str(one.function)
        return name not in names, branch_for(one.function) not in branches, -known.get(name, 0.0)

    return replace(survey, targets=tuple(sorted(survey.targets, key=rank)))


def lessons_of(order: Order, survey: Survey) -> tuple[Lesson, ...]:
    """Return what the comment that asked says, as a lesson on each function: its author was allowed to ask.

    What is said about a change that stands there already reaches a proposer with that change (bot.app.ci.criticised).
    """
    command = order.trigger.command
    if command is None or not command.text or order.revisions:
        return ()
    scope = f"command:{order.trigger.note}"
    said = (f"{one.function}: a person asked: {command.text}" for one in survey.targets)
    return tuple(Lesson(scope, sentence, state=LessonState.ACTIVE) for sentence in said)


def _written(search: Search, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> tuple[Candidate, ...]:
    """Return the candidates for one function, those that may be no merge request last, and then those that only polish.

    The first that is accepted ends the work on a function.
    """
    found = search.candidates(target, tree, lessons)
    return tuple(sorted(found, key=lambda one: (search.only_shown(one), one.polish)))


def _left_alone(target: Target, restraints: Restraints) -> Target:
    lesson = restraints.skips(target.function)
    if lesson is None or target.skip is not None:
        return target
    return replace(target, skip=f"lesson {lesson.id}: {lesson.sentence}")


def _allowed(group: tuple[Candidate, ...], restraints: Restraints, notes: list[str]) -> tuple[Candidate, ...]:
    """Return the candidates that hold nothing which lessons forbid: none is worth the time of a machine."""
    kept = []
    for one in group:
        broken = next((said for change in one.edits.changes for said in banned(change, restraints)), None)
        if broken is None:
            kept.append(one)
        else:
            notes.append(f"a candidate of {one.proposer} was left out: {broken}")
    return tuple(kept)


def _in_order(groups: Sequence[tuple[Candidate, ...]]) -> list[tuple[Candidate, ...]]:
    """Put functions first for which there is a rewrite that changes how much work is done."""
    return sorted(groups, key=lambda group: group[0].polish)


def _skipped(survey: Survey) -> list[Target]:
    return [one for one in survey.targets if one.skip is not None][:5]
