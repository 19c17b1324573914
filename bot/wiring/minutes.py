"""The memory of the job that publishes: what people said is heard before anything is judged, and the run is kept.

Nothing of it comes from another job: it is asked of GitLab, or read from the state branch by this one.
"""

import datetime as dt
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import bot
from bot.adapters.clock import SystemClock
from bot.app.ci.publish import Delivered
from bot.app.ci.remember import Ports, remember
from bot.app.ticks import Ticks, heeded
from bot.domain.code import Snapshot
from bot.domain.exchange import DryRun, Plan
from bot.domain.lesson import Lesson
from bot.domain.record import Run, RunEnd
from bot.domain.restraint import Restraints
from bot.ports.forge import Forge
from bot.ports.store import Memory
from bot.report import dashboard
from bot.report.board import Board
from bot.wiring.memory import Recollection


@dataclass(slots=True)
class Minutes:
    """What one run hears and what is kept of it, under the name `run`; `began` is ISO 8601."""

    memory: Recollection
    run: str
    began: str
    ticks: Ticks = field(default_factory=Ticks)
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, memory: Recollection, pipeline: int, commit: str, created: str) -> "Minutes":
        """Return the minutes of a run: a pipeline's job that is run again writes the same run, a laptop a new one."""
        now = SystemClock().now()
        name = f"ci-{pipeline}" if pipeline else re.sub(r"[^0-9T]", "", now)[:15]
        return cls(memory, f"{name}-{commit[:8]}", _moment(created) or now)

    def hear(self, forge: Forge, plan: Plan) -> None:
        """Ask what people said and ticked since the last run; nothing in a dry run, which changes no memory either."""
        if plan.order.dry is not DryRun.NO:
            return
        sweep = plan.order.at is None
        self.memory.harvest(forge, opened=sweep)
        if sweep:
            self.ticks = heeded(forge, self.memory.remembered.lessons, forge.issues.of_bot(dashboard.TOPIC))

    def lessons(self) -> tuple[Lesson, ...]:
        """Return what is known, as it stands now."""
        return self.memory.remembered.lessons.lessons()

    def restraints(self) -> Restraints:
        """Return what people do not want."""
        return Restraints.of(self.lessons())

    @property
    def known(self) -> Memory:
        """What is remembered of merge requests, and of what became of them."""
        return self.memory.remembered.memory

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the memory."""
        return tuple(self.memory.notes)

    def keep(self, plan: Plan, tree: Snapshot, delivered: Sequence[Delivered]) -> Board:
        """Write the run down, tell other jobs, and return what the dashboard shows.

        To be called before the dashboard is written again: a tick that it shows no more must be known to the next job,
        and one that no other job could be told of stays.
        """
        one, now = self.memory.remembered, SystemClock().now()
        if plan.order.dry is not DryRun.NO:
            return Board()
        trigger = plan.order.trigger
        run = Run(
            self.run, one.project, trigger.kind, trigger.actor, trigger.head_sha, self.began, bot.__version__,
            trigger.wanted,
        )  # fmt: skip
        end = RunEnd(now, None, time.monotonic() - self.started)
        remember(Ports(one.history, one.lessons, one.memory), run, plan, tree, delivered, end)
        shared = self.memory.share(self.run)
        stays = frozenset[str]() if shared else self.ticks.agreed
        return Board(self.lessons(), one.memory.suggestions(), self.ticks.remarks, stays, self.notes)


def _moment(text: str) -> str:
    """Return a time as it is, "" where it is none."""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text
