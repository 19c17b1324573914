"""The state branch around one run, where HOTLAP_STATE_BRANCH asks for it: merged before it, its record pushed after it.

A branch that cannot be reached never stops a run: it is said, and what waits is pushed by the next one.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot import settings
from bot.adapters.git import GitCheckout
from bot.domain.errors import ForgeError
from bot.ports import Progress
from bot.wiring.stores import Remembered, synchronised
from bot.wiring.watching import Watch


@dataclass(slots=True)
class Sharing:
    """The runs of this command that others shall know of."""

    runs: list[str] = field(default_factory=list)


@contextlib.contextmanager
def shared(checkout: GitCheckout, remembered: Callable[[], Remembered], watch: Watch) -> Iterator[Sharing]:
    """Merge the branch, let the run happen, and keep or push the records of the runs that were named meanwhile."""
    progress = watch.progress
    wanted = settings.load().state_branch
    sharing = Sharing()
    if wanted == "off":
        yield sharing
        return
    sync = synchronised(checkout, remembered(), os.environ)
    with _said(progress):
        merged = sync.merge()
        damaged = f", {len(merged.damaged)} damaged" if merged.damaged else ""
        progress.step("run", "memory", f"{merged.records} record(s) of other jobs{damaged}")
    sync.begin()
    try:
        yield sharing
    finally:
        watch.flush()
        for run in sharing.runs:
            sync.keep(run)
        if wanted == "push":
            with _said(progress):
                progress.step("run", "memory", f"{sync.publish()} record(s) pushed")


@contextlib.contextmanager
def _said(progress: Progress) -> Iterator[None]:
    try:
        yield
    except ForgeError as error:
        progress.step("run", "memory", str(error))
