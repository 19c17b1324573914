"""One container from its start to its removal, with shells in it that wait to become programs."""

import logging
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker import flags, host, owner, shell
from bot.adapters.sandbox.docker.daemon import Daemon, cut_off, first_line
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.docker.wire import Wire
from bot.domain.errors import SandboxError
from bot.ports import Limits

_log = logging.getLogger(__name__)
_NOTED = 2.0
_SETTLES = 0.3
_KILLED = 128 + signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Waiting:
    """A shell that waits for its line: its stream, its exec, its process id inside and on the daemon's host."""

    wire: Wire
    exec_id: str
    inner: int
    outer: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that makes containers alike: the image's id, what it declares, the runtime, and what the owner decided."""

    image: str
    volumes: tuple[str, ...]
    runtime: str | None
    settings: DockerSettings


class Box:
    """A running container. Nobody else's code has run in it when it is handed out, and it is never handed out twice."""

    def __init__(self, daemon: Daemon, recipe: Recipe, limits: Limits, background: ThreadPoolExecutor) -> None:
        self._daemon = daemon
        self._background = background
        self._patience = recipe.settings.request_seconds
        self._lock = threading.Lock()
        self._ready: list[Future[Waiting]] = []
        self._users = flags.drawn()
        self.room = limits.tmp_bytes
        self.since = time.monotonic()
        self.identity = self._made(recipe, limits)
        try:
            self._keeper = daemon.attach(self.identity)
            daemon.start(self.identity)
            pid = daemon.main_pid(self.identity)
            self.local = host.may_signal(pid, self.identity)
            self.group = host.group(pid, self.identity)
        except BaseException:
            daemon.remove(self.identity)
            raise

    @property
    def alive(self) -> bool:
        """Whether the container still runs, as far as its keeper's stream tells."""
        return self._keeper.alive

    def warm(self, count: int) -> None:
        """Start shells ahead, before any code of others runs here."""
        waiting = [self.shell() for _ in range(count)]
        with self._lock:
            self._ready.extend(_done(one) for one in waiting)

    def sweep(self) -> Future[Waiting]:
        """In the background, start a shell that first kills what the last run has left; the next run waits for it.

        It fails with a SandboxError where the container is gone or cannot be cleaned.
        """
        with self._lock:
            unused, self._ready = self._ready, []
            # Shells of the same user would be killed with the rest.
            for one in unused:
                one.add_done_callback(_let_go)
            swept = self._background.submit(self._swept)
            self._ready.append(swept)
        return swept

    def _swept(self) -> Waiting:
        if self.local:
            # From outside of the container: what lives in it can stop a shell there that comes to kill it.
            host.end_user(self.group, self._users.candidate)
        return self._start(self._users.candidate)

    def shell(self) -> Waiting:
        """Return a waiting shell, from those started ahead if there is one."""
        with self._lock:
            ready = self._ready.pop(0) if self._ready else None
        return self._start(None) if ready is None else ready.result()

    @property
    def forks(self) -> bool:
        """Whether its processes are ours to see and to kill, so that a driver can be ended without its shell."""
        return self.local and self.group.members is not None

    def strangers(self, known: Iterable[Waiting]) -> bool:
        """Say whether a process of the candidate lives that is none of `known`, of their children or a shell ahead."""
        with self._lock:
            ready = [one.result() for one in self._ready if one.done() and one.exception() is None]
        ours = {process for one in (*known, *ready) for process in processes.tree(one.outer)}
        return not ours.issuperset(host.of_user(self.group, self._users.candidate))

    def kill(self, waiting: Waiting) -> None:
        """Let go of a program's stream, and then kill it with its process group."""
        waiting.wire.close()
        if self.local:
            host.kill(waiting.outer, self.identity)
        else:
            self.tell(f"kill -9 -{waiting.inner}")

    def tell(self, line: str) -> None:
        """Have a new shell in the container run one line as the candidate's user, and wait for its end."""
        helper, deadline = self._start(None), time.perf_counter() + self._patience
        try:
            helper.wire.send(f"{line}\n".encode(), deadline, _ignored)
            while helper.wire.read(deadline, _ignored):
                pass
        except (OSError, TimeoutError) as error:
            raise cut_off("looking after a process in a container") from error
        finally:
            helper.wire.close()

    def ended(self, waiting: Waiting) -> int | None:
        """Return the exit code of a program, None while it runs; SandboxError where daemon or container went away."""
        found = self._daemon.look(waiting.exec_id)
        if found.running:
            return None
        # What kills a container kills its programs first, and its own stream ends a moment later.
        until = time.perf_counter() + (_SETTLES if found.code == _KILLED else 0.0)
        while self.alive and time.perf_counter() < until:
            time.sleep(0.01)
        if found.code is None or not self.alive:
            raise SandboxError(
                "the container ended under its program: the Docker daemon was restarted, or it was removed"
            )
        return found.code

    def remove(self) -> None:
        """Let go of every stream, kill the container and remove it, in the background."""
        with self._lock:
            unused, self._ready = self._ready, []
        for one in unused:
            one.add_done_callback(_let_go)
        self._keeper.close()
        self._background.submit(self._removed)

    def _removed(self) -> None:
        try:
            self._daemon.remove(self.identity)
        except SandboxError as error:
            # Its keeper's stream is closed, so it ends; a later bot removes what is left of it.
            _log.warning("a container was left behind: %s", error)

    def _made(self, recipe: Recipe, limits: Limits) -> str:
        settings = recipe.settings
        keeper = ("timeout", "-s", "KILL", str(settings.lifetime), "cat")
        config = flags.host_config(settings, limits, self._users, dict.fromkeys(recipe.volumes), recipe.runtime)
        names = owner.labels(settings.run, settings.lifetime)
        return self._daemon.create(recipe.image, keeper, self._users.keeper, config, names)

    def _start(self, sweep_as: int | None) -> Waiting:
        exec_id, wire = self._daemon.execute(self.identity, shell.waiting(sweep_as), self._users.candidate)
        try:
            inner = self._checked(exec_id, _answer(wire, self._patience))
            return Waiting(wire, exec_id, inner, self._outer(exec_id))
        except BaseException:
            wire.close()
            raise

    def _outer(self, exec_id: str) -> int:
        """Return a shell's process id on the daemon's host, which the daemon notes a moment after it has started it."""
        until = time.perf_counter() + _NOTED
        while not (found := self._daemon.look(exec_id)).pid and found.running and time.perf_counter() < until:
            time.sleep(0.001)
        return found.pid

    def _checked(self, exec_id: str, said: bytes) -> int:
        """Return the process id that a new shell says; SandboxError with the reason where it does not."""
        if said.strip().isdigit():
            return int(said)
        if said.strip() == b"left":
            raise SandboxError("processes of an earlier run survive every attempt to kill them in their container")
        code = self._daemon.look(exec_id).code
        raise SandboxError(f"the container cannot start /bin/sh (code {code}): {first_line(said)}")


def _answer(wire: Wire, seconds: float) -> bytes:
    """Speak to a new shell and return its first line, or all it says where it ends instead."""
    deadline = time.perf_counter() + seconds
    said = bytearray()

    def keep(_kind: int, data: bytes) -> None:
        said.extend(data)

    try:
        wire.send(b"\n", deadline, keep)
        while b"\n" not in said and wire.read(deadline, keep):
            pass
    except TimeoutError as error:
        raise SandboxError(f"a process in a container did not start within {seconds:g} s") from error
    except OSError as error:
        raise cut_off("starting a process in a container") from error
    return bytes(said)


def _done(waiting: Waiting) -> Future[Waiting]:
    future: Future[Waiting] = Future()
    future.set_result(waiting)
    return future


def _let_go(future: Future[Waiting]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().wire.close()


def _ignored(_kind: int, _data: bytes) -> None:
    return
