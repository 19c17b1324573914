"""The desk of the last job with real adapters: the forge, a clone that belongs to the bot, what the evidence says."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.adapters import scratch
from bot.adapters.gitlab.remote import GitRemote
from bot.adapters.lineage import GitLineage
from bot.app.ci import tell
from bot.app.ci.exchange import Exchange
from bot.app.ci.gather import Gatherer, Why
from bot.app.ci.publish import Delivered, Desk, publish
from bot.app.ci.reports import Context, leave
from bot.app.ci.revising import Reviser
from bot.app.ci.settle import settle
from bot.app.publish import Publisher, writable
from bot.app.upkeep import Upkeep
from bot.app.workshop import guard_settings
from bot.config import FILE_NAME, MOST_BYTES, Config, parse
from bot.domain.exchange import DryRun, Plan
from bot.domain.redact import Redactor, secret_values
from bot.domain.rollout import Phase
from bot.evaluate.project import benchmark_sources
from bot.ports.forge import Forge
from bot.wiring import forge as gitlab
from bot.wiring.afterwards import Afterwards
from bot.wiring.minutes import Minutes


@dataclass(frozen=True, slots=True)
class Office:
    """One project that is written to; it is asked first whether it can be, before anything costs time."""

    forge: Forge
    exchange: Exchange

    @classmethod
    def opened(cls, exchange: Exchange) -> "Office":
        """Return the project that the environment names; Refused where it cannot be written to."""
        forge = gitlab.forge()
        writable(forge.directory.project())
        return cls(forge, exchange)

    def config(self) -> Config:
        """Return the configuration of the default branch, as the forge has it now."""
        branch = self.forge.directory.project().default_branch
        data = self.forge.contents.file(FILE_NAME, branch)
        return Config() if data is None else parse(data[: MOST_BYTES + 1], f"{branch}:{FILE_NAME}")

    def deliver(
        self, plan: Plan, digest: str, why: Why, pipeline: tuple[str, str], minutes: Minutes
    ) -> tuple[Delivered, ...]:
        """Publish what the evidence on `plan` supports, and say so; `pipeline` is its name and address.

        `minutes` knows what people do not want and what was merged, and keeps what was done.
        """
        config = self.config()
        minutes.hear(self.forge, plan)
        gathered = Gatherer(self.exchange, digest, config, why).gather(plan)
        with self._clone(plan.commit) as clone:
            tree = clone.checkout.snapshot(plan.commit)
            guard = guard_settings(config, benchmark_sources(tree, config))
            settled = settle(plan, gathered, tree, replace(guard, restraints=minutes.restraints()))
            context = Context(pipeline[0], plan, gathered, config.accept.confidence, minutes.lessons(), minutes.notes)
            redact = _redact()
            leave(context.report(settled), self.exchange, redact)
            reviser, rollout = Reviser(self.forge, clone, GitLineage(clone.checkout)), config.rollout.value
            publisher = Publisher(self.forge, clone, clone)
            desk = Desk(self.forge, publisher, clone.checkout, redact, reviser, rollout)
            delivered = publish(desk, context, settled)
            # Before the minutes are kept: what it remembers goes to other jobs with them.
            after = Afterwards(minutes.known, desk, clone, config, minutes.memory.note)
            ledger = after.tend(context, delivered, self.exchange)
            board = minutes.keep(plan, tree, delivered)
            tell.tell(desk, plan, gathered, delivered, pipeline[1], board, ledger)
            writes = plan.order.dry is DryRun.NO and rollout.phase.reaches(Phase.APPROVE)
            if plan.order.at is None and writes:
                Upkeep(self.forge, clone, clone).tend()
            after.merge(context, delivered, minutes.restraints())
        return delivered

    @contextlib.contextmanager
    def _clone(self, commit: str) -> Iterator[GitRemote]:
        """Work in a bare clone of the bot's own that holds `commit`, and is gone afterwards."""
        with scratch.directory() as place:
            clone = gitlab.remote(place, self.forge.directory.project().clone_url)
            clone.fetch(commit)
            yield clone


def _redact() -> Callable[[str], str]:
    return Redactor(secret_values(os.environ)).redact
