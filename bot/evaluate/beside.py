"""Keeps what is not timed off the cores that are timed on: tests, profiles and replayed calls take the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from bot.domain.code import Snapshot
from bot.domain.evidence import Isolation
from bot.evaluate.lockstep.cores import rest
from bot.ports import Channel, Limits, Place, Progress, RunResult, Sandbox, Session

Rest = Callable[[Callable[[], None]], AbstractContextManager[tuple[int, ...]]]


class Beside:
    """A sandbox whose boxes stay on cores that no benchmark of any bot on this host holds."""

    def __init__(self, sandbox: Sandbox, progress: Progress, cores: Rest = rest) -> None:
        self._sandbox = sandbox
        self._progress = progress
        self._cores = cores

    @property
    def isolation(self) -> Isolation:
        """How strongly it isolates."""
        return self._sandbox.isolation

    @property
    def fixes_layout(self) -> bool:
        """Whether a pair of processes can have the same memory layout."""
        return self._sandbox.fixes_layout

    @property
    def notes(self) -> tuple[str, ...]:
        """What it does not hold on this machine."""
        return self._sandbox.notes

    @contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Open a box, wait until a core is free for it, and hold the cores until it is closed."""
        with (
            self._sandbox.open(tree, limits) as session,  # first: what cannot be had is refused before anybody waits
            self._cores(lambda: self._progress.step("run", "cores", "waiting for one without a benchmark")) as cores,
        ):
            yield _Bound(session, cores)


class _Bound:
    """A session whose processes are bound to `cores`, unless a run names its own."""

    def __init__(self, session: Session, cores: tuple[int, ...]) -> None:
        self._session = session
        self._cores = cores

    @property
    def isolation(self) -> Isolation:
        return self._session.isolation

    @property
    def tree(self) -> str:
        return self._session.tree

    @property
    def tools(self) -> str:
        return self._session.tools

    @property
    def scratch(self) -> str:
        return self._session.scratch

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,
        stdin: bytes = b"",
        place: Place | None = None,
    ) -> RunResult:
        place = place or Place()
        bound = place if place.cpus else replace(place, cpus=self._cores)
        return self._session.run(argv, env=env, timeout=timeout, stdin=stdin, place=bound)

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> Channel:
        channel = self._session.talk(argv, env=env, fixed_layout=fixed_layout)
        channel.pin(self._cores)
        return channel

    def take(self, name: str, max_bytes: int) -> bytes | None:
        return self._session.take(name, max_bytes)
