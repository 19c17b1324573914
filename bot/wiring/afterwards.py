"""What happens around merges, with real adapters: the ledger, what is measured again, and merges without a person."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from bot.adapters.git import GitCheckout
from bot.adapters.gitlab.remote import GitRemote
from bot.adapters.lineage import GitLineage
from bot.adapters.past import GitPast
from bot.app.automerge import AutoMerge, Clone
from bot.app.ci import checks
from bot.app.ci.aftermath import Aftermath, Rules
from bot.app.ci.exchange import Exchange
from bot.app.ci.ledger import Ledger
from bot.app.ci.publish import Delivered, Desk
from bot.app.ci.reports import Context
from bot.config import Config
from bot.domain.exchange import DryRun, Order, PlannedCheck
from bot.domain.job import TriggerKind
from bot.domain.ledger import LedgerEntry
from bot.domain.restraint import Restraints
from bot.learn.aftermath import Thresholds
from bot.ports.store import Memory
from bot.report.ledger import ledger

PAGE = "report/ledger.md"


def planned_checks(memory: Memory, checkout: GitCheckout, order: Order, config: Config) -> tuple[PlannedCheck, ...]:
    """Return the merged gains that this sweep measures again; no other run does."""
    if order.trigger.kind is not TriggerKind.SWEEP:
        return ()
    hardware, head = {one.name for one in order.hardware}, order.trigger.head_sha
    return checks.planned(memory.ledger(), GitPast(checkout), head, hardware, config.budget.checks)


@dataclass(frozen=True, slots=True)
class Afterwards:
    """One project after a job has published: `clone` is the bot's own, in which the plan's commit is.

    `said` hears what could not be done, where the dashboard shows it.
    """

    memory: Memory
    desk: Desk
    clone: GitRemote
    config: Config
    said: Callable[[str], None]

    def tend(self, context: Context, delivered: Sequence[Delivered], exchange: Exchange) -> tuple[LedgerEntry, ...]:
        """Remember claims, and in a sweep bring the ledger up to date and return it."""
        if context.plan.order.dry is not DryRun.NO:
            return ()
        branch, past = self.desk.forge.directory.project().default_branch, GitPast(self.clone.checkout)
        kept = Ledger(self.memory, self.desk.forge.merge_requests, self.clone, past, branch)
        kept.claim(context, delivered, _now())
        self._withdraw({one.branch for one in delivered if one.doubted})
        if context.plan.order.trigger.kind is not TriggerKind.SWEEP:
            return ()
        kept.settle()
        self._looked_after(context, past, branch)
        found = self.memory.ledger()
        exchange.put(PAGE, self.desk.redact(ledger(found)).encode())
        return found

    def merge(self, context: Context, delivered: Sequence[Delivered], restraints: Restraints) -> None:
        """Merge what was opted in to: the last thing that a job does, when all that it knows is kept and said."""
        if context.plan.order.dry is not DryRun.NO:
            return
        clone = Clone(self.clone, self.clone, GitLineage(self.clone.checkout))
        rollout, claims = self.config.rollout.value, self.memory.ledger()
        doubted = {one.branch for one in delivered if one.doubted}
        AutoMerge(self.desk.forge, clone, rollout, restraints, claims).tend(doubted)

    def _withdraw(self, doubted: Collection[str]) -> None:
        """Take back what was claimed of changes that were judged again and not accepted, for all later jobs."""
        if not doubted:
            return
        mine = self.desk.forge.merge_requests.opened_by(self.desk.forge.directory.me().id)
        numbers = {one.iid for one in mine if one.source_branch in doubted}
        known = self.memory.ledger()
        self.memory.keep_ledger([replace(one, head="") for one in known if one.mr in numbers and not one.landed])

    def _looked_after(self, context: Context, past: GitPast, branch: str) -> None:
        accept, rollout = self.config.accept, self.config.rollout.value
        rules = Rules(Thresholds(accept.min_gain, accept.margin), accept.confidence, rollout.phase)
        desk = self.desk
        story = Aftermath(
            self.memory, past, desk.clone, desk.publisher, desk.forge.issues, branch, rules, desk.redact,
            self.said,
        )  # fmt: skip
        story.learn(context.plan, context.gathered, _now())
        story.act(context.plan)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
