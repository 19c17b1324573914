"""Keeps the ledger: what published changes claim, and which of them people have merged.

A claim is remembered when its merge request is published, by the job that has the evidence. Nothing of it is read from
the merge request later on, where anybody may edit it; and a line is written only where what was merged is, line by
line, what was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.app.ci.checks import GONE_FROM_BRANCH
from bot.app.ci.publish import Delivered
from bot.app.ci.reports import Context
from bot.domain.errors import ForgeError, Refused
from bot.domain.evidence import Machine
from bot.domain.forge import MergeRequest, MergeState
from bot.domain.hardware import HERE, fingerprint
from bot.domain.kind import OTHER, kinds_of
from bot.domain.ledger import LedgerEntry
from bot.domain.publication import PublishedAs
from bot.ports.forge import MergeRequests, Past, Remote
from bot.ports.store import Memory
from bot.report.model import headline

_MOST = 50
"""Claims that are asked after in one sweep, the newest first."""
_PUBLISHED = frozenset({PublishedAs.OPENED, PublishedAs.UPDATED})
OTHERWISE = "it was changed before it was merged: what was measured is not what was merged"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one project; `remote` and `past` are of the bot's own clone, `branch` is the default one."""

    memory: Memory
    requests: MergeRequests
    remote: Remote
    past: Past
    branch: str

    def claim(self, context: Context, delivered: Sequence[Delivered], now: str) -> None:
        """Remember what merge requests onto the default branch promise; on others nothing is measured later."""
        if context.plan.order.target_branch != self.branch:
            return
        known = {one.id: one for one in self.memory.ledger()}
        found = [made for one in delivered if (made := self._claim(context, one, now)) is not None]
        self.memory.keep_ledger([one for one in found if not _same(one, known.get(one.id))])

    def settle(self) -> tuple[LedgerEntry, ...]:
        """Turn claims into lines where their merge requests are merged; return those that are new."""
        waiting = [one for one in self.memory.ledger() if not one.landed and not one.note]
        found = [self._settled(one) for one in sorted(waiting, key=lambda one: one.merged_at, reverse=True)[:_MOST]]
        fresh = [one for one in found if one is not None]
        self.memory.keep_ledger(fresh)
        return tuple(one for one in fresh if one.landed)

    def _claim(self, context: Context, one: Delivered, now: str) -> LedgerEntry | None:
        chosen, published = one.settled.attempt.accepted, one.published
        if chosen is None or published is None or published.merge_request is None or published.how not in _PUBLISHED:
            return None
        best, request = headline(chosen.verdict.comparisons), published.merge_request
        machine, name = _machine(one)
        head = self.remote.tip(request.source_branch)
        if best is None or machine is None or head is None:
            return None
        self.remote.fetch(head)
        patch = self.past.patch(context.plan.commit, head)
        if patch != self.past.patch(context.plan.commit, one.commit):
            return None  # somebody has pushed since
        revised = context.plan.order.revision(request.source_branch) is not None
        return LedgerEntry(
            project=context.plan.order.trigger.project,
            mr=request.iid,
            target=str(one.settled.attempt.target.function),
            benchmark=best.benchmark,
            hardware=fingerprint(machine),
            claimed=best.ratio,
            before=context.plan.commit,
            merged="",
            merged_at=now,
            head=head,
            patch=patch,
            # What kind a change on a branch was is read from its message there: no reason to merge it unread.
            kinds=(*kinds_of(chosen.candidate), *((OTHER,) if revised else ())),
            machine=name,
        )

    def _settled(self, claim: LedgerEntry) -> LedgerEntry | None:
        request = self.requests.get(claim.mr)
        if request is None or request.state is not MergeState.MERGED or request.target_branch != self.branch:
            return None
        self.remote.fetch(self.branch)
        try:
            before, merged = self._ends(request)
        except (Refused, ForgeError) as error:
            if isinstance(error, ForgeError) and error.retryable:
                raise
            return replace(claim, note=GONE_FROM_BRANCH)
        if not before or self.past.patch(before, merged) != claim.patch:
            return replace(claim, note=OTHERWISE)
        return replace(claim, before=before, merged=merged, merged_at=request.merged_at or claim.merged_at)

    def _ends(self, request: MergeRequest) -> tuple[str, str]:
        """Return the commit before a merge and the one after it; a fast-forwarded branch begins where its diff does."""
        if not request.merge_commit:
            return request.base_sha, request.head_sha
        self.remote.fetch(request.merge_commit)
        return self.past.parent(request.merge_commit), request.merge_commit


def _machine(one: Delivered) -> tuple[Machine | None, str]:
    """Return the machine that speaks for a verdict, and its name in the configuration."""
    chosen = one.settled.accepted
    columns = () if chosen is None else dict(one.settled.columns).get(chosen.id, ())
    said = None if one.settled.attempt.accepted is None else one.settled.attempt.accepted.verdict.comparisons
    for column in columns:
        if column.verdict is not None and column.verdict.comparisons == said:
            return column.machine, column.hardware.name
    return None, HERE


def _same(one: LedgerEntry, known: LedgerEntry | None) -> bool:
    """Say whether a claim is known, or its line is written already."""
    return known is not None and (known.landed or replace(one, merged_at=known.merged_at) == known)
