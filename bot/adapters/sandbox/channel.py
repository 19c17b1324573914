"""A live driver behind two pipes; the supervisor's clock is read here and nowhere else."""

import os
import select
import struct
import threading
import time
from collections.abc import Sequence

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.opened import Program
from bot.adapters.sandbox.stream import Drain, printable
from bot.domain.errors import SandboxError
from bot.ports import Reply, Usage

_HEADER = struct.Struct(">I")
_MAX_FRAME = 256 << 20
_TAIL = 4000
_LOOK = 0.5


class PipeChannel:
    """Frames over the standard streams of one process, one at a time; another thread may close it meanwhile."""

    def __init__(self, program: Program, to: int, out: int, errors: Drain) -> None:
        self._program = program
        self._to = to
        self._from = out
        self._drain = errors
        self._drain.start()
        os.set_blocking(self._to, False)
        self._closed = False
        self._turn = threading.Lock()

    def ask(self, payload: bytes, timeout: float) -> Reply:
        """Send one frame and wait for one; what breaks on the way is a SandboxError with the driver's last words."""
        with self._turn:
            if self._closed:
                raise SandboxError("the driver was already closed")
            return self._asked(payload, timeout)

    def _asked(self, payload: bytes, timeout: float) -> Reply:
        deadline = time.perf_counter() + timeout
        message = _HEADER.pack(len(payload)) + payload
        started = time.perf_counter()
        self._write(message, deadline)
        head = self._read(_HEADER.size, deadline)
        size = _HEADER.unpack(head)[0]
        if size > _MAX_FRAME:
            raise SandboxError(f"the driver announced a frame of {size} bytes")
        body = self._read(size, deadline)
        return Reply(body, time.perf_counter() - started)

    def usage(self) -> Usage:
        """Read the process tree's CPU clock, peak memory and threads from /proc."""
        return processes.usage(self._program.pid)

    def pin(self, cpus: Sequence[int]) -> None:
        """Move every thread of the tree to `cpus`."""
        processes.pin(self._program.pid, cpus)

    def stderr_tail(self) -> str:
        """Return the last of what the driver wrote to standard error."""
        return printable(self._drain.kept.value()[-_TAIL:])

    def close(self) -> None:
        """Kill the driver and its descendants; returns when it is reaped."""
        if self._closed:
            return
        self._closed = True
        self._program.kill()
        with self._turn:  # whoever asks in another thread sees the end now; a closed number could be another file's
            os.close(self._to)
            os.close(self._from)
        self._drain.join(1.0)

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self._wait(self._to, select.POLLOUT, deadline)
            except BrokenPipeError as error:
                raise SandboxError(self._death()) from error

    def _read(self, count: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while count:
            self._wait(self._from, select.POLLIN, deadline)
            part = os.read(self._from, min(count, 1 << 20))
            if not part:
                raise SandboxError(self._death())
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while (left := deadline - time.perf_counter()) > 0:
            if poll.poll(min(left, _LOOK) * 1000):
                return
            if self._closed:
                raise SandboxError("the driver was closed")
        raise SandboxError("the driver did not answer in time")

    def _death(self) -> str:
        ended = self._program.wait(1.0)
        self._drain.join(0.2)
        lines = [line for line in self.stderr_tail().splitlines() if line.strip()]
        last = f": {lines[-1][:300]}" if lines else ""
        return f"the driver ended with code {ended.code if ended is not None else None}{last}"
