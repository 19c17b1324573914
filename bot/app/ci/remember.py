"""What a run of a pipeline leaves in the memory: who asked, what was tried, what became of it, what is left to do.

Verdicts come from jobs in which a stranger's code ran: their words are cut short, and no sentence of theirs becomes a
lesson, because lessons are read by models.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.app import opportunities
from bot.app.ci.publish import Delivered
from bot.domain.attempt import Attempt, Tried
from bot.domain.code import Snapshot
from bot.domain.evidence import Verdict
from bot.domain.exchange import Plan
from bot.domain.forge import MergeRequest
from bot.domain.legible import one_line
from bot.domain.publication import PublishedAs
from bot.domain.record import Run, RunEnd, RunState
from bot.learn.lessons import from_verdicts
from bot.learn.suggestions import Seen
from bot.ports.store import History, LessonBook, Memory

_SENTENCE = 500
_LATEST = 200
_CODE = re.compile(r"[a-z][a-z.-]{0,60}")
_OUT = frozenset({PublishedAs.OPENED, PublishedAs.UPDATED})


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a run is written down."""

    history: History
    lessons: LessonBook
    memory: Memory


def remember(ports: Ports, run: Run, plan: Plan, tree: Snapshot, delivered: Sequence[Delivered], end: RunEnd) -> None:
    """Write a run down; doing it again changes nothing."""
    attempts = tuple(_attempt(one) for one in delivered)
    branch = next((found.source_branch for found in map(_shown, delivered) if found is not None), None)
    again = any(
        one.run.id == run.id and one.state is RunState.ENDED for one in ports.history.runs(run.project, _LATEST)
    )
    ports.history.begin(run)
    ports.history.tried(run.id, attempts)
    ports.history.end(run.id, replace(end, branch=branch), plan.ranked)
    tried = [(one.candidate, _silenced(one.verdict)) for attempt in attempts for one in attempt.tried]
    ports.lessons.learn(list(from_verdicts(run.id, tried)))
    # Patterns add up, so that a job that is run again must not count twice; what is not merged has other functions.
    if again or plan.order.trigger.merge_request is not None:
        return
    seen = Seen(run.project, end.at, plan.ranked or tuple(one.target for one in attempts), attempts)
    opportunities.remember(seen, tree, ports.lessons.lessons(), ports.memory)


def _attempt(one: Delivered) -> Attempt:
    """Return what was tried for one function, with the commit that its merge request shows."""
    attempt, shown = one.settled.attempt, _shown(one)
    tried = tuple(_bounded(each) for each in attempt.tried)
    chosen = None if attempt.accepted is None else attempt.accepted.candidate
    accepted = next((each for each in tried if each.candidate == chosen), None)
    return replace(attempt, tried=tried, accepted=accepted, commit=None if shown is None else shown.head_sha)


def _bounded(one: Tried) -> Tried:
    return replace(one, verdict=replace(one.verdict, message=one_line(one.verdict.message, _SENTENCE)))


def _silenced(verdict: Verdict) -> Verdict:
    """Return a verdict that says its reason code in place of a sentence."""
    return replace(verdict, message=verdict.reason if _CODE.fullmatch(verdict.reason) else "")


def _shown(one: Delivered) -> MergeRequest | None:
    return one.published.merge_request if one.published is not None and one.published.how in _OUT else None
