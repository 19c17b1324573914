"""What a job of a pipeline remembers of its project: read when it starts, told to the other jobs when it ends.

Where no database is named it is the state branch, merged into a store of this job's own. A branch that cannot be
reached stops nothing: it is said, and GitLab is asked for everything again.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot import settings
from bot.adapters import scratch
from bot.app.harvest import harvested
from bot.domain.errors import ForgeError
from bot.learn.replay import Learned
from bot.ports import Progress
from bot.ports.forge import Forge
from bot.wiring.state import state_branch
from bot.wiring.stores import Remembered, remembered_at

if TYPE_CHECKING:
    from bot.adapters.store.sync import StateSync

Level = Literal["off", "read", "push"]
_LEVELS: tuple[Level, ...] = ("off", "read", "push")


@dataclass(slots=True)
class Recollection:
    """The store of one project in one job, and its way to the state branch where that is used.

    `complete` says whether all is known that other jobs have told; `notes` are what a reader must know of the memory.
    """

    remembered: Remembered
    progress: Progress
    sync: "StateSync | None" = None
    pushes: bool = False
    complete: bool = True
    notes: list[str] = field(default_factory=list)

    def merge(self) -> None:
        """Take over what other jobs have told."""
        if self.sync is not None:
            self.complete = False
            with self._said("what was learned before is not known here"):
                found = self.sync.merge()
                self.complete = True
                damaged = f", {len(found.damaged)} damaged and left out" if found.damaged else ""
                self.progress.step("run", "memory", f"{found.records} record(s) of other jobs{damaged}")
            if self.pushes:
                self.sync.begin()

    def harvest(self, forge: Forge, *, opened: bool = False, strict: bool = False) -> tuple[Learned, ...]:
        """Ask GitLab what people did since the last time, and return what is new.

        ForgeError where neither GitLab nor the branch could tell, as nothing is known then of what people do not want;
        with `strict` wherever GitLab cannot be asked.
        """
        one, found = self.remembered, list[Learned]()
        try:
            for learned in harvested(forge, one.project, one.memory, one.lessons, opened=opened):
                found.append(learned)
                if self.sync is not None and self.pushes:
                    self.sync.heard(learned.feedback.key)
        except ForgeError as error:
            if strict or not self.complete:
                raise
            self.note(f"reviews since the last run could not be read: {error}")
        self.progress.step("run", "memory", f"{len(found)} merge request(s) with news of reviewers")
        return tuple(found)

    def share(self, run: str) -> bool:
        """Tell other jobs what is new, under the name of a run; False where they could not be told."""
        if self.sync is None or not self.pushes:
            return True
        self.sync.keep(run)
        with self._said("what was learned here could not be kept"):
            self.progress.step("run", "memory", f"{self.sync.publish()} record(s) pushed")
            return True
        return False

    @contextlib.contextmanager
    def _said(self, what: str) -> Iterator[None]:
        try:
            yield
        except ForgeError as error:
            self.note(f"{what}: {error}")

    def note(self, sentence: str) -> None:
        """Say what a reader must know of the memory, in the log and on the dashboard."""
        self.notes.append(sentence)
        self.progress.step("run", "memory", sentence)


def recollect(
    remembered: Remembered,
    outbox: Path,
    path: str,
    environ: Mapping[str, str],
    progress: Progress,
    most: Level = "push",
) -> Recollection:
    """Return the memory of the project `path` ("group/name"), merged; it goes no further than `most`."""
    from bot.adapters.store.sync import StateSync

    found = Recollection(remembered, progress)
    level = min(_wanted(), most, key=_LEVELS.index)
    if level != "off":
        branch = state_branch(path, environ)
        if branch is None:
            progress.step("run", "memory", "no token to read the branch hotlap/state with: nothing is remembered")
        else:
            found.sync = StateSync(remembered.database, branch, outbox, remembered.project)
            found.pushes = level == "push"
    found.merge()
    return found


@contextlib.contextmanager
def recollected(
    path: str, outbox: Path, environ: Mapping[str, str], progress: Progress, most: Level = "push"
) -> Iterator[Recollection]:
    """Open the memory of a project in a job that has no repository, or none that it may believe."""
    with scratch.directory() as place:
        remembered = remembered_at(lambda: place, path, environ)
        try:
            yield recollect(remembered, outbox, path, environ, progress, most)
        finally:
            remembered.database.close()


def _wanted() -> Level:
    """Return what HOTLAP_STATE_BRANCH says; where it says nothing a job has the branch unless it has a database."""
    own = settings.load()
    if "state_branch" in own.model_fields_set:
        return own.state_branch
    return "off" if own.store is not None else "push"
