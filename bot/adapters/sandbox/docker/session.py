"""One container around one tree, as the rest of the bot sees it."""

import posixpath
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker import archive, shell
from bot.adapters.sandbox.docker.box import Box, Waiting
from bot.adapters.sandbox.docker.channel import DockerChannel
from bot.adapters.sandbox.docker.daemon import cut_off
from bot.adapters.sandbox.docker.flags import WORK
from bot.adapters.sandbox.docker.running import Running
from bot.adapters.sandbox.docker.slots import Slot, Slots
from bot.adapters.sandbox.docker.wire import STDERR, Wire
from bot.adapters.sandbox.stream import Capped
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Place, RunResult

_FILES_SECONDS = 120.0
_SIGNALLED = 128
_SIGNALS = 64
_NOT_STARTED = 127
_WORDS = 600
_MEGABYTE = 1e6
_FIXED = ("/usr/bin/setarch", "-R")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class DockerSession:
    """One container; between two runs everything that the first one left is killed."""

    isolation = Isolation.CONTAINER

    def __init__(self, box: Box, limits: Limits) -> None:
        self.tree = f"{WORK}/tree"
        self.tools = f"{WORK}/tools"
        self.scratch = f"{WORK}/scratch"
        self._box = box
        self._limits = limits
        self._channels: list[DockerChannel] = []
        self._slots = Slots(box)
        self._starting = 0
        self._turn = threading.Lock()
        self._ended = False

    def fill(self, tree: Snapshot, tools: Mapping[str, bytes]) -> None:
        """Lay the tree and the tools into the container; SandboxError where they do not fit."""
        packed = archive.packed(tree, tools)
        if len(packed) > self._limits.tmp_bytes:
            sizes = f"it takes {len(packed) / _MEGABYTE:.0f} MB of {self._limits.tmp_bytes / _MEGABYTE:.0f} MB"
            raise SandboxError(f"the tree could not be laid into the container: No space left: {sizes}")
        program = self._program(self._box.shell(), _WORDS)
        line = shell.command(("tar", "-x", "-f", "-", "-C", WORK), _ENVIRONMENT, "/").line
        code = program.follow(line + packed, time.perf_counter() + _FILES_SECONDS)
        program.waiting.wire.close()
        if code != 0:
            said = program.stderr.value().decode("utf-8", "replace").strip() or "it took too long"
            raise SandboxError(f"the tree could not be laid into the container: {said}")

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,
        stdin: bytes = b"",
        place: Place | None = None,
    ) -> RunResult:
        """Run a program to its end or to the deadline; what the daemon fails at is End.UNAVAILABLE with a sentence."""
        place = place or Place()
        prefix = _FIXED if place.fixed_layout else ()
        command = shell.command(argv, env, f"{self.tree}/{place.cwd}", prefix)
        try:
            waiting = self._box.shell()
            if place.cpus:
                self._pinned(waiting, place.cpus)
            return self._ran(self._program(waiting, self._limits.output_bytes), command, stdin, timeout, argv[0])
        except SandboxError as error:
            return RunResult(End.UNAVAILABLE, _NOT_STARTED, b"", str(error).encode(), 0.0)

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> DockerChannel:
        """Start a driver; other threads may start and close theirs meanwhile."""
        with self._turn:
            self._starting += 1
        try:
            channel = self._talking(argv, env, fixed_layout=fixed_layout)
        finally:
            with self._turn:
                self._starting -= 1
        return channel

    def take(self, name: str, max_bytes: int) -> bytes | None:
        """Read one file that a process may have made, through an archive that is made inside; no link is followed."""
        path = posixpath.normpath(posixpath.join(self.scratch, name))
        if not path.startswith(f"{WORK}/"):
            return None
        most = max_bytes + archive.FRAMING
        program = self._program(self._box.shell(), most)
        program.most = most
        above = (str(one) for one in PurePosixPath(path).parents)
        checks = "".join(f"[ ! -L {shell.quoted(one)} ] || exit 1; " for one in above)
        line = shell.command(
            ("tar", "-c", "-f", "-", "-C", WORK, path.removeprefix(f"{WORK}/")), _ENVIRONMENT, "/"
        ).line
        code = program.follow(checks.encode("utf-8", "surrogateescape") + line, time.perf_counter() + _FILES_SECONDS)
        if code is None:
            self._box.kill(program.waiting)
            return None
        program.waiting.wire.close()
        return archive.member(program.stdout.value(), name, max_bytes)

    def end(self) -> None:
        """Close every channel, kill the container and remove it in the background."""
        self._ended = True
        for channel in tuple(self._channels):
            channel.close()
        self._slots.let_go()
        self._box.remove()

    def _ran(self, program: Running, command: shell.Command, stdin: bytes, timeout: float, name: str) -> RunResult:
        group = self._box.group
        kills, cpu = group.oom_kills(), group.cpu_seconds()
        started = time.perf_counter()
        try:
            code = program.follow(command.line + stdin, started + min(timeout, self._limits.wall_seconds))
        finally:
            program.waiting.wire.close()  # before anything is killed: see the module on wires
            self._slots.let_go()
            swept = self._box.sweep()
        stdout, stderr = program.stdout.value(), program.stderr.value()
        seconds = (time.perf_counter() if code is None else program.ended) - started
        if code == _NOT_STARTED and (refused := command.refusals.get(stderr)):
            return RunResult(End.UNAVAILABLE, _NOT_STARTED, b"", f"{name}: {refused}".encode(), 0.0)
        end, shown = _end(code, killed_for_memory=(group.oom_kills() or 0) > (kills or 0))
        if (failed := swept.exception()) is not None and (end, shown) == (End.SIGNALLED, signal.SIGKILL):
            raise failed  # not the program but its container was killed
        used = group.cpu_seconds()
        return RunResult(
            end, shown, stdout, stderr, seconds, 0.0 if cpu is None or used is None else used - cpu,
            program.peak_bytes, program.stdout.total, program.waited_seconds,
        )  # fmt: skip

    def _talking(self, argv: Sequence[str], env: Mapping[str, str], *, fixed_layout: bool) -> DockerChannel:
        command = shell.command(argv, env, self.tree, _FIXED if fixed_layout else (), told=True)
        slot = self._slots.take() if self._box.forks else None
        if slot is not None and slot.used:
            try:
                return self._begun(argv[0], command, slot)
            except SandboxError:  # its shell may have come to harm: another one says whether the program can be started
                slot = self._slots.fresh()
        return self._begun(argv[0], command, slot)

    def _begun(self, name: str, command: shell.Command, slot: Slot | None) -> DockerChannel:
        waiting = self._box.shell() if slot is None else slot.shell
        try:
            refused = _started(waiting.wire, command, slot)
            driver = waiting if refused or slot is None else self._slots.driver(slot)
        except (OSError, TimeoutError) as error:
            self._left(waiting, slot)
            raise cut_off(f"starting {name}") from error
        if refused:
            self._left(waiting, slot)
            raise SandboxError(f"{name} could not be started: {refused}")
        channel = DockerChannel(self._box, driver, slot, self._limits.output_bytes, self._pinned, self._closed)
        self._channels.append(channel)
        return channel

    def _left(self, waiting: Waiting, slot: Slot | None) -> None:
        if slot is None:
            waiting.wire.close()
        else:
            self._slots.drop(slot)

    def _closed(self, channel: DockerChannel, slot: Slot | None, *, in_order: bool) -> None:
        """Sweep after the last driver: what left its group cannot be told from what others of them have started."""
        with self._turn:  # a driver that begins meanwhile would be killed with the rest
            self._channels.remove(channel)
            if slot is not None and in_order:
                self._slots.give_back(slot, channel.driver)
            elif slot is not None:
                self._slots.drop(slot)
            if not (self._channels or self._starting or self._ended):
                self._slots.let_go()
                self._box.sweep().exception()

    def _program(self, waiting: Waiting, most: int) -> Running:
        return Running(self._box, waiting, Capped(most), Capped(most))

    def _pinned(self, waiting: Waiting, cpus: Sequence[int]) -> None:
        if self._box.local:
            processes.pin(waiting.outer, cpus)
        else:
            self._box.tell(f"taskset -a -c -p {','.join(map(str, cpus))} {waiting.inner}")


def _end(code: int | None, *, killed_for_memory: bool) -> tuple[End, int]:
    """Return how a run ended and its code; the daemon gives a signal as 128 plus its number."""
    if killed_for_memory:
        return End.OOM, 9
    if code is None:
        return End.TIMED_OUT, 0
    if _SIGNALLED < code <= _SIGNALLED + _SIGNALS:
        return End.SIGNALLED, code - _SIGNALLED
    return End.EXITED, code


def _started(wire: Wire, command: shell.Command, slot: Slot | None) -> str:
    """Send the line and wait until a shell is about to become the program; returns why none does, or ""."""
    said = bytearray()
    line = command.line if slot is None else f"\n{slot.token} ".encode() + command.line

    def keep(kind: int, data: bytes) -> None:
        if kind == STDERR:
            said.extend(data)

    deadline = time.perf_counter() + _FILES_SECONDS
    wire.send(line, deadline, keep)
    while command.started + b"\n" not in said:
        refused = next((why for mark, why in command.refusals.items() if mark in said), "")
        if refused or not wire.read(deadline, keep):
            return refused or "its shell ended"
    return ""
