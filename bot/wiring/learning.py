"""`hotlap learn`: one harvest from a laptop or a scheduled job."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.adapters.clock import SystemClock
from bot.adapters.git import GitCheckout
from bot.app.ci.exchange import DIRECTORY
from bot.learn.replay import Learned
from bot.ports import Progress
from bot.wiring import forge as gitlab
from bot.wiring.memory import Recollection, recollect, recollected
from bot.wiring.stores import remembered_at


def learn_once(repo: Path, environ: Mapping[str, str], progress: Progress) -> tuple[Learned, ...]:
    """Return what is new since the last harvest, remembered; ForgeError where GitLab cannot be asked."""
    forge = gitlab.forge()
    path = forge.directory.project().path
    with _memory(repo, path, environ, progress) as memory:
        found = memory.harvest(forge, opened=True, strict=True)
        if found:
            memory.share(f"learn-{re.sub(r'[^0-9T]', '', SystemClock().now())[:15]}")
    return found


@contextlib.contextmanager
def _memory(repo: Path, path: str, environ: Mapping[str, str], progress: Progress) -> Iterator[Recollection]:
    """Open the store of the repository at `repo`; one of its own in a job, whose clone another job may have had."""
    if environ.get("CI_PIPELINE_SOURCE"):
        with recollected(path, repo / DIRECTORY / "outbox", environ, progress) as memory:
            yield memory
        return
    checkout = GitCheckout(repo)
    remembered = remembered_at(lambda: checkout.state, path, environ)
    try:
        yield recollect(remembered, checkout.state / "outbox", path, environ, progress)
    finally:
        remembered.database.close()
