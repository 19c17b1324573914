"""The weakest sandbox: limits, a session and a directory of its own, and where possible a user of its own.

It does not isolate: what runs in it sees the files and the network of the host. Good enough on a laptop for code that
its owner would run anyway; every report says "NOT ISOLATED".
"""

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.adapters.sandbox.session import BoxSession, limited, unheld
from bot.adapters.sandbox.supervisor import Box, Warden
from bot.adapters.sandbox.warden.kernel import can_fix_layout
from bot.domain.code import Snapshot
from bot.domain.evidence import Isolation
from bot.ports import Limits, Session


class ProcessSandbox:
    """Opens process sessions; `tools` maps file names of the shipped package to their bytes.

    `python` is the target's interpreter: where a user without rights cannot run it, processes keep the bot's user.
    """

    isolation = Isolation.PROCESS

    def __init__(self, tools: Mapping[str, bytes], directory: Path | None = None, python: str = sys.executable) -> None:
        self._tools = tools
        self._directory = directory
        self._python = python
        self._warden = Warden()
        self._drop: bool | None = None
        self.fixes_layout = can_fix_layout()
        self.notes: tuple[str, ...] = ()

    @contextlib.contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Lay `tree` and the tools into a new directory; kill what still runs and remove it on exit."""
        wanted = Box(
            str(Path(self._directory or tempfile.gettempdir()).resolve()),
            limited(limits),
            drop=self._drop is not False,
            probe=(self._python, "-c", "pass") if self._drop is None else (),
        )
        box = self._warden.open(wanted)
        self._drop = bool(box.facts["dropped"])
        self.notes = tuple(self._noted(box.facts))
        session = BoxSession(box, limits, self.isolation)
        try:
            session.lay(tree, self._tools)
            yield session
        finally:
            session.end()

    def _noted(self, facts: Mapping[str, object]) -> Iterator[str]:
        yield "files and network of the host are within reach"
        if not facts["dropped"]:
            yield "processes have the rights of the bot's own user"
        yield from unheld(facts)
