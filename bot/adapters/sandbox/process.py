"""The weakest sandbox: a session of its own, resource limits and a private directory. It does not isolate.

Good enough on a laptop for code that its owner would run anyway; every report says "NOT ISOLATED".
"""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.channel import PipeChannel
from bot.adapters.sandbox.reaping import reaped
from bot.adapters.sandbox.stream import Drain
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Place, RunResult, Session

_GRACE = 0.5
_FILE_BYTES = 2 << 30
TOOLS_PACKAGE = "hotlap_inside"


class ProcessSandbox:
    """Opens process sessions; `tools` maps file names of the shipped package to their bytes."""

    isolation = Isolation.PROCESS

    def __init__(self, tools: Mapping[str, bytes], directory: Path | None = None) -> None:
        self._tools = tools
        self._directory = directory
        self._prlimit = shutil.which("prlimit")
        self._setarch = _working_setarch()
        self.fixes_layout = self._setarch is not None

    @contextlib.contextmanager
    def open(self, tree: Snapshot, limits: Limits) -> Iterator[Session]:
        """Lay `tree` and the tools into a new directory; kill what still runs and remove it on exit."""
        try:
            root = Path(tempfile.mkdtemp(prefix="box-", dir=self._directory)).resolve()
        except OSError as error:
            raise SandboxError(f"no temporary directory could be made: {error.strerror}") from error
        session = ProcessSession(root, limits, self._prefix(limits), self._setarch)
        try:
            _lay(root / "tree", tree)
            _lay_tools(root / "tools" / TOOLS_PACKAGE, self._tools)
            (root / "scratch").mkdir()
            yield session
        finally:
            session.end()
            shutil.rmtree(root, onerror=_make_writable)

    def _prefix(self, limits: Limits) -> tuple[str, ...]:
        if self._prlimit is None:
            return ()
        return (self._prlimit, f"--as={limits.memory_bytes}", "--core=0", f"--fsize={_FILE_BYTES}")


class ProcessSession:
    """One directory with a tree, tools and scratch space, and the processes started in it."""

    isolation = Isolation.PROCESS

    def __init__(self, root: Path, limits: Limits, prefix: tuple[str, ...], setarch: str | None) -> None:
        self.tree = str(root / "tree")
        self.tools = str(root / "tools")
        self.scratch = str(root / "scratch")
        self._limits = limits
        self._prefix = prefix
        self._setarch = setarch
        self._marker = f"HOTLAP_BOX={secrets.token_hex(8)}"
        self._channels: list[PipeChannel] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,
        stdin: bytes = b"",
        place: Place | None = None,
    ) -> RunResult:
        """Run a program to its end or to the deadline, whatever it prints or leaves behind."""
        place = place or Place()
        layout = (self._setarch, "-R") if place.fixed_layout and self._setarch else ()
        started = time.perf_counter()
        try:
            with processes.starting_on(place.cpus):
                started = time.perf_counter()
                process = self._start((*self._prefix, *layout), argv, env, place.cwd)
        except OSError as error:
            return RunResult(End.UNAVAILABLE, 127, b"", f"{argv[0]}: {error.strerror}".encode(), 0.0)
        drains = self._drains(process)
        _feed(process, stdin)
        ended = reaped(process, started + min(timeout, self._limits.wall_seconds))
        seconds = time.perf_counter() - started
        for drain in drains:
            drain.join(0 if ended is None else _GRACE)
        processes.kill_group(process.pid)
        processes.kill_marked(self._marker)
        process.wait()
        for drain in drains:
            drain.join(_GRACE)
        stdout, stderr = (drain.kept for drain in drains)
        if ended is None:
            return RunResult(End.TIMED_OUT, 0, stdout.value(), stderr.value(), seconds, stdout_bytes=stdout.total)
        end = End.EXITED if ended.code >= 0 else End.SIGNALLED
        return RunResult(
            end, abs(ended.code), stdout.value(), stderr.value(), seconds, ended.cpu_seconds, ended.peak_bytes,
            stdout.total, ended.waited_seconds,
        )  # fmt: skip

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> PipeChannel:
        """Start a driver in a process group of its own."""
        layout = (self._setarch, "-R") if fixed_layout and self._setarch else ()
        try:
            process = self._start((*self._prefix, *layout), argv, env)
        except OSError as error:
            raise SandboxError(f"{argv[0]} could not be started: {error.strerror}") from error
        channel = PipeChannel(process, self._limits.output_bytes)
        self._channels.append(channel)
        return channel

    def take(self, name: str, max_bytes: int) -> bytes | None:
        """Read one file that a process may have made: links, pipes and large files are not read."""
        path = Path(self.scratch) / name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with open(descriptor, "rb") as file:  # noqa: PTH123 - the descriptor was opened without following links
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > max_bytes:
                return None
            return file.read(max_bytes)

    def end(self) -> None:
        """Close every channel and kill whatever left its process group."""
        for channel in self._channels:
            channel.close()
        processes.kill_marked(self._marker)

    def _start(
        self, prefix: Sequence[str], argv: Sequence[str], env: Mapping[str, str], cwd: str = ""
    ) -> subprocess.Popen[bytes]:
        place = os.path.join(self.tree, cwd)  # noqa: PTH118 - kept as text, as it is handed out
        # Behind prlimit a missing program would look like one that ended with 127; a relative one stands in `place`.
        program = os.path.join(place, argv[0]) if "/" in argv[0] else argv[0]  # noqa: PTH118
        if shutil.which(program, path=env.get("PATH", "")) is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such program")
        name, _, value = self._marker.partition("=")
        return subprocess.Popen(
            (*prefix, *argv),
            cwd=place,
            env={**env, name: value},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )

    def _drains(self, process: subprocess.Popen[bytes]) -> tuple[Drain, ...]:
        drains = []
        for stream in (process.stdout, process.stderr):
            if stream is None:
                raise SandboxError("a stream of the process is missing")
            drains.append(Drain(os.dup(stream.fileno()), self._limits.output_bytes))
            stream.close()
            drains[-1].start()
        return tuple(drains)


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError), process.stdin as stream:
        stream.write(data)


def _lay(root: Path, tree: Snapshot) -> None:
    root.mkdir()
    for path, found in tree.files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if found.link is not None:
            place.symlink_to(found.link)
        else:
            place.write_bytes(found.data)
            place.chmod(0o755 if found.executable else 0o644)


def _lay_tools(root: Path, tools: Mapping[str, bytes]) -> None:
    for name, data in tools.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _working_setarch() -> str | None:
    found = shutil.which("setarch")
    if found is None:
        return None
    done = subprocess.run([found, "-R", "true"], capture_output=True, check=False)
    return found if done.returncode == 0 else None


def _make_writable(remove: object, path: str, _error: object) -> None:
    # A process may have taken write permission from its own directories.
    parent = Path(path).parent
    with contextlib.suppress(OSError):
        parent.chmod(0o700)
        Path(path).chmod(0o700)
    if callable(remove):
        with contextlib.suppress(OSError):
            remove(path)
