"""A session over one box of the warden: the same for every backend whose processes are ours to start."""

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.adapters.sandbox.channel import PipeChannel
from bot.adapters.sandbox.opened import Ended, OpenBox, Program, Start
from bot.adapters.sandbox.stream import Drain
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Place, RunResult

_GRACE = 5.0
_NOT_FOUND, _NOT_STARTED = 127, 1
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.EACCES)
_FILE_BYTES = 2 << 30
TOOLS_PACKAGE = "hotlap_inside"


class BoxSession:
    """A box with a tree, tools and scratch space, and the programs started in it."""

    def __init__(self, box: OpenBox, limits: Limits, isolation: Isolation) -> None:
        self.isolation = isolation
        self.tree = f"{box.root}/tree"
        self.tools = f"{box.root}/tools"
        self.scratch = f"{box.root}/scratch"
        self._box = box
        self._limits = limits
        self._channels: list[PipeChannel] = []

    def lay(self, tree: Snapshot, tools: Mapping[str, bytes]) -> None:
        """Write the tree, the tools and an empty scratch directory; SandboxError where they do not fit."""
        package = f"tools/{TOOLS_PACKAGE}"
        listed = [
            ["tree", path, len(one.data), 0o755 if one.executable else 0o644, one.link]
            for path, one in sorted(tree.files.items())
        ]
        listed += [[package, name, len(data), 0o644, None] for name, data in sorted(tools.items())]
        bodies = [one.data for _, one in sorted(tree.files.items()) if one.link is None]
        bodies += [data for _, data in sorted(tools.items())]
        self._box.lay({"folders": ["tree", package, "scratch"], "files": listed}, bodies)

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,
        stdin: bytes = b"",
        place: Place | None = None,
    ) -> RunResult:
        """Run a program to its end or to the deadline; whatever it leaves behind is killed before this returns."""
        place = place or Place()
        wanted = Start(argv, env, place.cwd, place.cpus, place.fixed_layout)
        with _given(stdin) as source, contextlib.ExitStack() as ends:
            (out, to_out), (err, to_err) = os.pipe(), os.pipe()
            for descriptor in (to_out, to_err):
                ends.callback(os.close, descriptor)
            drains = [Drain(descriptor, self._limits.output_bytes) for descriptor in (out, err)]
            for drain in drains:
                drain.start()
            try:
                program = self._box.start(wanted, [source, to_out, to_err])
            except OSError as error:
                said = f"{argv[0]}: {error.strerror}".encode()
                code = _NOT_FOUND if error.errno in _MISSING else _NOT_STARTED
                return RunResult(End.UNAVAILABLE, code, b"", said, 0.0)
        ended = self._ended(program, min(timeout, self._limits.wall_seconds))
        return self._result(ended, drains)

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> PipeChannel:
        """Start a driver in a process group of its own."""
        wanted = Start(argv, env, fixed_layout=fixed_layout, sweeps=False)
        (source, to), (out, to_out), (err, to_err) = os.pipe(), os.pipe(), os.pipe()
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            for descriptor in (source, to_out, to_err):
                theirs.callback(os.close, descriptor)
            for descriptor in (to, out, err):
                ours.callback(os.close, descriptor)
            try:
                program = self._box.start(wanted, [source, to_out, to_err])
            except OSError as error:
                raise SandboxError(f"{argv[0]} could not be started: {error.strerror}") from error
            ours.pop_all()
        channel = PipeChannel(program, to, out, Drain(err, self._limits.output_bytes))
        self._channels.append(channel)
        return channel

    def take(self, name: str, max_bytes: int) -> bytes | None:
        """Read one file that a process may have made: links, pipes and large files are not read."""
        descriptor = self._box.take(f"scratch/{name}")
        if descriptor is None:
            return None
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > max_bytes:
            os.close(descriptor)
            return None
        with open(descriptor, "rb") as file:  # noqa: PTH123 - the descriptor was opened without following links
            return file.read(max_bytes)

    def end(self) -> None:
        """Close every channel and have the box removed."""
        try:
            for channel in self._channels:
                channel.close()
        finally:
            self._box.close()

    def _ended(self, program: Program, seconds: float) -> Ended:
        ended = program.wait(seconds) or program.kill()
        if ended is None:
            raise SandboxError("a process of the sandbox could not be killed")
        return ended

    def _result(self, ended: Ended, drains: Sequence[Drain]) -> RunResult:
        until = time.monotonic() + _GRACE
        for drain in drains:
            drain.join(max(until - time.monotonic(), 0.0))
        stdout, stderr = (drain.kept for drain in drains)
        end, code = _end(ended)
        return RunResult(
            end, code, stdout.value(), stderr.value(), ended.seconds, ended.cpu_seconds, ended.peak_bytes,
            stdout.total, ended.waited_seconds,
        )  # fmt: skip


def limited(limits: Limits) -> dict[str, int]:
    """Return limits as the warden takes them."""
    return {
        "memory": limits.memory_bytes,
        "pids": limits.pids,
        "file_bytes": _FILE_BYTES,
    }


def unheld(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the host does not let the warden enforce, one clause each, from what a keeper said of its box."""
    if "memory" not in facts["grouped"]:
        yield "memory is limited for each process, not for all together: no control group can be made"
    if "pids" not in facts["grouped"]:
        yield "processes are counted with those of other boxes of the same user: no control group can be made"
    if not facts["filtered"]:
        yield "system calls are not filtered: this processor's numbers are not known, or its kernel loads no filter"


def _end(ended: Ended) -> tuple[End, int]:
    if ended.killed:
        return End.TIMED_OUT, 0
    if ended.oom:
        return End.OOM, abs(ended.code)
    return (End.EXITED, ended.code) if ended.code >= 0 else (End.SIGNALLED, -ended.code)


@contextlib.contextmanager
def _given(data: bytes) -> Iterator[int]:
    """Yield a descriptor from which a program reads `data`: a file, so that one that never reads blocks nobody."""
    if not data:
        descriptor = os.open(os.devnull, os.O_RDONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file.fileno()
