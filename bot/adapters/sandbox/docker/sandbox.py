"""Hostile code in containers: the strongest wall that a machine with a Docker daemon offers."""

import contextlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.adapters.sandbox.docker import owner
from bot.adapters.sandbox.docker.box import Box, Recipe
from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.session import DockerSession
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.docker.spares import Spares
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Place, Session

_SHELLS = 2
_PROBE = Limits(wall_seconds=30.0)
_THREADS = 4
_ELSEWHERE = (
    "memory kills, CPU time and peak memory are not seen: its processes are on another machine or we are not root"
)


class DockerSandbox:
    """Opens sessions in containers of one image; `tools` maps file names of the shipped package to their bytes.

    SandboxError where the daemon does not answer or does not hold the image. `close` removes the spares; a process that
    ends without it leaves nothing behind either, as containers end with the streams that it holds.
    """

    isolation = Isolation.CONTAINER
    notes: tuple[str, ...] = ()

    def __init__(self, tools: Mapping[str, bytes], settings: DockerSettings, daemon: Daemon) -> None:
        self._tools = tools
        self._daemon = daemon
        identity, volumes = daemon.image(settings.image)
        facts = daemon.facts()
        self.notes = facts.unheld
        self._recipe = Recipe(identity, tuple(volumes), _runtime(facts.runtimes, settings), settings)
        self._background = ThreadPoolExecutor(_THREADS, thread_name_prefix="hotlap-docker")
        self._spares = Spares(self._made, settings.spares, settings.lifetime / 2, self._background)
        self._background.submit(owner.reap, daemon)
        self.fixes_layout = settings.timing and self._works(Place(fixed_layout=True))

    @contextlib.contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Lay `tree` and the tools into a container that nobody has used; it is removed in the background on exit."""
        box = self._spares.take(limits)
        session = DockerSession(box, limits)
        if not box.local and _ELSEWHERE not in self.notes:
            self.notes = (*self.notes, _ELSEWHERE)
        try:
            session.fill(tree, self._tools)
            yield session
        finally:
            session.end()

    def ready(self, limits: Limits) -> None:
        """Start the spares for `limits` in the background, before the first candidate is there."""
        self._spares.fill(limits)

    def close(self) -> None:
        """Remove the spares, and wait until every container that was used is removed."""
        self._spares.close()
        self._background.shutdown(wait=True)

    def _made(self, limits: Limits) -> Box:
        box = Box(self._daemon, self._recipe, limits, self._background)
        try:
            box.warm(_SHELLS)
        except BaseException:
            box.remove()
            raise
        return box

    def _works(self, place: Place) -> bool:
        box = self._made(_PROBE)
        session = DockerSession(box, _PROBE)
        try:
            session.fill(Snapshot(""), {})
            result = session.run(("true",), env={"PATH": "/usr/bin:/bin"}, timeout=_PROBE.wall_seconds, place=place)
        finally:
            session.end()
        if result.end is End.UNAVAILABLE:
            raise SandboxError(result.stderr.decode("utf-8", "replace"))
        return result.end is End.EXITED and result.code == 0


def _runtime(found: frozenset[str], settings: DockerSettings) -> str | None:
    """Return the runtime: gVisor's for tests where it is there; it is slower, so never under a clock."""
    if settings.timing:
        return "runc" if "runc" in found else None
    return "runsc" if "runsc" in found else None
