"""One container around one tree, as the rest of the bot sees it."""

import signal
import time
from collections.abc import Mapping, Sequence

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker import archive, shell
from bot.adapters.sandbox.docker.box import Box, Waiting
from bot.adapters.sandbox.docker.channel import DockerChannel
from bot.adapters.sandbox.docker.flags import WORK
from bot.adapters.sandbox.docker.running import Running
from bot.adapters.sandbox.stream import Capped
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Place, RunResult

_FILES_SECONDS = 120.0
_SIGNALLED = 128
_SIGNALS = 64
_KILLED = _SIGNALLED + signal.SIGKILL
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

    def fill(self, tree: Snapshot, tools: Mapping[str, bytes]) -> None:
        """Lay the tree and the tools into the container; SandboxError where they do not fit."""
        program = self._program(self._box.shell(), 4096)
        line = shell.command(("tar", "-x", "-f", "-", "-C", WORK), _ENVIRONMENT, "/").line
        packed = archive.packed(tree, tools)
        code = program.follow(line + packed, time.perf_counter() + _FILES_SECONDS)
        program.waiting.wire.close()
        if code != 0:
            said = program.stderr.value().decode("utf-8", "replace").strip()[:300]
            sizes = f"{len(packed) / _MEGABYTE:.0f} MB, into {self._box.room / _MEGABYTE:.0f} MB"
            raise SandboxError(f"the tree could not be laid into the container ({sizes}): {said or 'it took too long'}")

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
            return RunResult(End.UNAVAILABLE, 127, b"", str(error).encode(), 0.0)

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> DockerChannel:
        """Start a driver."""
        command = shell.command(argv, env, self.tree, _FIXED if fixed_layout else ())
        waiting = self._box.shell()
        try:
            waiting.wire.send(command.line, time.perf_counter() + _FILES_SECONDS, lambda _kind, _data: None)
        except OSError as error:
            waiting.wire.close()
            raise SandboxError(f"{argv[0]} could not be started: the Docker daemon cut its stream off") from error
        channel = DockerChannel(self._box, waiting, self._limits.output_bytes, self._pinned)
        self._channels.append(channel)
        return channel

    def take(self, name: str, max_bytes: int) -> bytes | None:
        """Read one file that a process may have made, through an archive that is made inside."""
        most = max_bytes + archive.FRAMING
        program = self._program(self._box.shell(), most)
        program.most = most
        line = shell.command(("tar", "-c", "-f", "-", "-C", self.scratch, f"./{name}"), _ENVIRONMENT, "/").line
        code = program.follow(line, time.perf_counter() + _FILES_SECONDS)
        if code is None:
            self._box.kill(program.waiting)
            return None
        program.waiting.wire.close()
        return archive.member(program.stdout.value(), name, max_bytes)

    def end(self) -> None:
        """Close every channel, kill the container and remove it in the background."""
        for channel in self._channels:
            channel.close()
        self._box.remove()

    def _ran(self, program: Running, command: shell.Command, stdin: bytes, timeout: float, name: str) -> RunResult:
        group = self._box.group
        kills, cpu = group.oom_kills(), group.cpu_seconds()
        started = time.perf_counter()
        try:
            code = program.follow(command.line + stdin, started + min(timeout, self._limits.wall_seconds))
        finally:
            program.waiting.wire.close()  # before anything is killed: see the module on wires
            swept = self._box.sweep()
        stdout, stderr = program.stdout.value(), program.stderr.value()
        seconds = (time.perf_counter() if code is None else program.ended) - started
        if code == 127 and stderr == command.absent:
            return RunResult(End.UNAVAILABLE, 127, b"", f"{name}: there is no such program".encode(), 0.0)
        if code == _KILLED:
            swept.result()  # raises where not the program but its container was killed
        end, shown = _end(code, killed_for_memory=group.oom_kills() != kills)
        used = group.cpu_seconds()
        return RunResult(
            end, shown, stdout, stderr, seconds, 0.0 if cpu is None or used is None else used - cpu,
            program.peak_bytes, program.stdout.total, program.waited_seconds,
        )  # fmt: skip

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
