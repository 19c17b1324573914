"""The last job: writes to GitLab what the evidence supports. It never runs code of the repository.

The edits are made again from data, the guard is run again (bot.app.ci.settle), and every merge request is one commit on
the branch of its function. How far a change goes is what `rollout:` of the default branch says at this moment.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.app.ci.reports import Context, branch_of
from bot.app.ci.revising import Reviser, message
from bot.app.ci.settle import Settled
from bot.domain.errors import ForgeError, Refused
from bot.domain.evidence import Outcome
from bot.domain.exchange import DryRun, Order
from bot.domain.job import TriggerKind
from bot.domain.kind import kinds_of
from bot.domain.publication import Picture, Publication, Published, PublishedAs
from bot.domain.restraint import Restraints
from bot.domain.revision import Revision
from bot.domain.rollout import Phase, Rollout
from bot.ports import Checkout
from bot.ports.forge import Forge
from bot.report import plot
from bot.report.commit import commit_message
from bot.report.model import headline
from bot.report.note import Entry
from bot.report.render import merge_request

_FORK = "the branch is in a fork, to which nothing can be pushed: the suggestions and the report hold the change"
_NOBODY = 401
"""The status of a token that counts for nothing any more: nothing can be said with it either."""
SHOWN = frozenset({PublishedAs.OPENED, PublishedAs.UPDATED})
_STOPPED = "`rollout:` stops this kind of change at '{}': there is no merge request"


class Publisher(Protocol):
    """Brings a proven change to the forge, as often as asked with the same result: bot.app.publish."""

    def publish(self, change: Publication) -> Published:
        """Push the branch and open or update its one merge request, or say why that is not to be done."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the last job works with: the project on the forge, who publishes there, and the bot's own clone.

    `reviser` puts a change on top of another one; without it none is asked for. `rollout` is that of the default
    branch.
    """

    forge: Forge
    publisher: Publisher
    clone: Checkout
    redact: Callable[[str], str]
    reviser: Reviser | None = None
    rollout: Rollout = field(default_factory=Rollout)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One function after publishing: what to say of it, its merge request where there is one, and how far it may go.

    `branch` is that of the function, whether there is such a branch or not; `commit` the one that was made for it.
    """

    settled: Settled
    entry: Entry
    published: Published | None = None
    phase: Phase = Phase.APPROVE
    branch: str = ""
    commit: str = ""

    @property
    def doubted(self) -> bool:
        """Whether all that was tried this time was refused, or waits for a person."""
        outcomes = {one.verdict.outcome for one in self.settled.attempt.tried}
        return self.settled.accepted is None and bool(outcomes & {Outcome.HELD, Outcome.REJECTED})

    @property
    def shown(self) -> bool:
        """Whether anybody is told."""
        return self.phase.reaches(Phase.SUGGEST)


def publish(desk: Desk, context: Context, settled: Sequence[Settled]) -> tuple[Delivered, ...]:
    """Open or update one merge request for each accepted function, the largest gain first, within the order's bound."""
    order = context.plan.order
    room = _Room(desk, order)
    best_first = sorted(settled, key=_gain, reverse=True)
    done = ((one, _delivered(desk, context, one, room)) for one in best_first)
    return tuple(
        replace(found, phase=phase_of(one, desk.rollout), branch=branch_of(context.plan, one)) for one, found in done
    )


def phase_of(settled: Settled, rollout: Rollout) -> Phase:
    """Return how far a function may go: by the kinds of what was accepted, else of what a person is to look at."""
    chosen = settled.attempt.accepted
    if chosen is not None:
        return rollout.of(kinds_of(chosen.candidate))
    held = [one.candidate for one in settled.attempt.tried if one.verdict.outcome is Outcome.HELD]
    return max((rollout.of(kinds_of(one)) for one in held), key=lambda one: one.step, default=rollout.phase)


class _Room:
    """How many merge requests may still be opened; one that is open already may always be updated."""

    def __init__(self, desk: Desk, order: Order) -> None:
        self._desk, self._order = desk, order
        self._taken = 0
        self._open: frozenset[str] | None = None

    def allows(self, branch: str) -> bool:
        """Say whether a merge request from `branch` may be opened or updated, and count it."""
        if branch in self._branches():
            return True
        standing = len(self._branches()) if self._order.trigger.kind is TriggerKind.SWEEP else 0
        if standing + self._taken >= self._order.most:
            return False
        self._taken += 1
        return True

    def taken(self, branch: str) -> bool:
        """Say whether a merge request from `branch` is open already."""
        return branch in self._branches()

    def _branches(self) -> frozenset[str]:
        if self._open is None:
            mine = self._desk.forge.merge_requests.opened_by(self._desk.forge.directory.me().id)
            self._open = frozenset(one.source_branch for one in mine)
        return self._open


def _delivered(desk: Desk, context: Context, settled: Settled, room: _Room) -> Delivered:
    order, chosen = context.plan.order, settled.attempt.accepted
    if chosen is None:
        return Delivered(settled, Entry(settled.attempt))
    branch = branch_of(context.plan, settled)
    if order.dry is not DryRun.NO:
        return Delivered(settled, Entry(settled.attempt, sentence="dry run: nothing was sent"))
    phase = phase_of(settled, desk.rollout)
    if not phase.reaches(Phase.APPROVE):
        return Delivered(settled, Entry(settled.attempt, sentence=_STOPPED.format(phase)))
    if not room.allows(branch):
        sentence = f"{order.most} merge request(s) are the most here: this one waits" if order.most else _FORK
        return Delivered(settled, Entry(settled.attempt, sentence=sentence))
    revision = order.revision(branch)
    refused = _untouched(desk, context, branch, revision, room)
    commit = None if refused else _commit(desk, context, settled, revision)
    if commit is None:
        return Delivered(settled, Entry(settled.attempt, sentence=refused or f"{branch} has moved: ask again"))
    onto = "" if revision is None else revision.head
    published = _sent(desk, replace(_publication(desk, context, settled, branch, commit), onto=onto))
    found = published.merge_request
    link = "" if found is None else f"[!{found.iid}]({found.web_url})"
    said = "" if published.how in SHOWN else published.sentence
    return Delivered(settled, Entry(settled.attempt, link, said), published, commit=commit)


def _sent(desk: Desk, change: Publication) -> Published:
    """Publish one change; what GitLab refuses for good is said where the run was asked for, and the others go on."""
    try:
        return desk.publisher.publish(change)
    except (ForgeError, Refused) as error:
        if isinstance(error, ForgeError) and (error.retryable or error.status == _NOBODY):
            raise
        return Published(PublishedAs.REFUSED, str(error))


def _untouched(desk: Desk, context: Context, branch: str, revision: Revision | None, room: _Room) -> str:
    """Return why a branch is left as it is, "" where it is not."""
    if desk.reviser is None:
        return ""
    if revision is not None:
        return desk.reviser.unwanted(revision)
    if room.taken(branch) and desk.reviser.revised(branch, context.plan.commit):
        return f"{branch} holds what a reviewer asked for: `/optimize revise` there asks for something else"
    return ""


def _commit(desk: Desk, context: Context, settled: Settled, revision: Revision | None) -> str | None:
    """Return the commit of the accepted change, on top of what is to be revised; None where that has moved."""
    chosen = settled.attempt.accepted
    if chosen is None:
        return None
    said = desk.redact(commit_message(chosen.candidate, chosen.verdict))
    if revision is None or desk.reviser is None:
        return desk.clone.commit(context.plan.commit, chosen.candidate.edits, said)
    alone = desk.clone.commit(context.plan.commit, chosen.candidate.edits, message(said, revision))
    return desk.reviser.follow(revision, context.plan.commit, alone)


def _publication(desk: Desk, context: Context, settled: Settled, branch: str, commit: str) -> Publication:
    title, description = merge_request(context.report((settled,), branch))
    chosen = settled.accepted
    changed = () if chosen is None else tuple(one.path for one in chosen.edits.changes)
    return Publication(
        branch=branch,
        target_branch=context.plan.order.target_branch,
        base=context.plan.commit,
        commit=commit,
        title=desk.redact(title),
        description=desk.redact(description),
        changed=changed,
        pictures=_pictures(settled, context.confidence),
        asked_for=context.plan.order.trigger.kind is TriggerKind.COMMAND,
        reviewers=Restraints.of(context.lessons).reviewers(changed),
        # What is merged without a person is no draft; into the branch of somebody's merge request nothing is.
        draft=context.plan.order.trigger.merge_request is not None or phase_of(settled, desk.rollout) is not Phase.AUTO,
    )


def _pictures(settled: Settled, confidence: float) -> tuple[Picture, ...]:
    """Return the plot of the comparison that is named first, pair by pair."""
    chosen = settled.attempt.accepted
    best = None if chosen is None else headline(chosen.verdict.comparisons)
    if best is None or not best.samples:
        return ()
    drawn = plot.svg(best, confidence, "pairs")
    return (Picture("pairs.svg", str(drawn).encode(), f"{best.benchmark}, pair by pair"),)


def _gain(settled: Settled) -> float:
    chosen = settled.attempt.accepted
    return 0.0 if chosen is None else chosen.verdict.best_ratio


def links(delivered: Sequence[Delivered]) -> Iterator[str]:
    """Yield the addresses of the merge requests."""
    for one in delivered:
        if one.published is not None and one.published.merge_request is not None:
            yield one.published.merge_request.web_url
