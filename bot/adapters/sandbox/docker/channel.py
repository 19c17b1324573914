"""A live driver in a container, asked over the stream of its exec; our clock is read here."""

import contextlib
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker.box import Box, Waiting
from bot.adapters.sandbox.docker.slots import Slot
from bot.adapters.sandbox.docker.wire import STDOUT
from bot.adapters.sandbox.stream import Capped, printable
from bot.domain.errors import SandboxError
from bot.ports import Reply, Usage

_HEADER = struct.Struct(">I")
_MAX_FRAME = 256 << 20
_TAIL = 4000
_IDLE = 0.1
_LAST_WORDS = 0.5
_OVERTAKES = 0.05


class Over(Protocol):
    """Is told that a channel is closed, with its slot, and whether the shell of that can run another driver."""

    def __call__(self, channel: "DockerChannel", slot: Slot | None, *, in_order: bool) -> None:
        """Look after what the driver has left."""


class DockerChannel:
    """Frames over an exec; `pinned` moves a process of the box to cores, `over` is told of the end.

    It is told of the slot as well, and whether its shell can run another driver. One frame at a time; another thread
    may close it meanwhile.
    """

    def __init__(
        self,
        box: Box,
        driver: Waiting,
        slot: Slot | None,
        output_bytes: int,
        pinned: Callable[[Waiting, Sequence[int]], None],
        over: "Over",
    ) -> None:
        self.driver = driver
        self._box = box
        self._slot = slot
        self._wire = driver.wire
        self._pinned = pinned
        self._over = over
        self._answer = bytearray()
        self._errors = Capped(output_bytes)
        self._in_order = slot is not None
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._idle = threading.Thread(target=self._drain, name="hotlap-drain", daemon=True)
        self._idle.start()

    def ask(self, payload: bytes, timeout: float) -> Reply:
        """Send one frame and wait for one; what breaks on the way is a SandboxError with the driver's last words."""
        with self._turn:
            if self._closed.is_set():
                raise SandboxError("the driver was already closed")
            in_order, self._in_order = self._in_order, False
            try:
                reply = self._asked(payload, time.perf_counter() + timeout)
            except TimeoutError as error:
                raise SandboxError("the driver did not answer in time") from error
            except OSError as error:
                raise SandboxError(self._death()) from error
            self._in_order = in_order
            return reply

    def usage(self) -> Usage:
        """Read the process tree's CPU clock, peak memory and threads, where the daemon is on this host."""
        seen = self._box.local and self.driver.outer
        return processes.usage(self.driver.outer) if seen else Usage(0.0, 0, 0)

    def pin(self, cpus: Sequence[int]) -> None:
        """Move every thread of the tree to `cpus`."""
        self._pinned(self.driver, cpus)

    def stderr_tail(self) -> str:
        """Return the last of what the driver wrote to standard error."""
        said = self._errors.value()
        return printable((said if self._slot is None else self._slot.without(said))[-_TAIL:])

    def close(self) -> None:
        """Kill the driver's process group; its stream is let go of before that, or is the next driver's."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._idle.join()
        with contextlib.suppress(SandboxError):  # the container's end is the last word
            in_order = self._at_rest()
            if not in_order:
                self._box.kill(self.driver)  # whoever asks in another thread sees the end of the stream
            with self._turn:
                self._over(self, self._slot, in_order=in_order)

    def _at_rest(self) -> bool:
        """Say whether nothing is on its way: the driver has answered all that it was asked, and nothing else."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return self._in_order and not (self._answer or self._ended or self._wire.over)
        finally:
            self._turn.release()

    def _asked(self, payload: bytes, deadline: float) -> Reply:
        self._wire.take(self._keep)
        if self._answer:
            raise SandboxError("the driver answered before it was asked")
        message = _HEADER.pack(len(payload)) + payload
        started = time.perf_counter()
        self._wire.send(message, deadline, self._keep)
        self._until(_HEADER.size, deadline)
        size = _HEADER.unpack_from(self._answer)[0]
        if size > _MAX_FRAME:
            raise SandboxError(f"the driver announced a frame of {size} bytes")
        self._until(_HEADER.size + size, deadline)
        seconds = time.perf_counter() - started
        body = bytes(self._answer[_HEADER.size : _HEADER.size + size])
        del self._answer[: _HEADER.size + size]
        return Reply(body, seconds)

    def _until(self, count: int, deadline: float) -> None:
        while len(self._answer) < count:
            # The shell's word that it ended can overtake what the driver has said before that.
            until = min(deadline, time.perf_counter() + _OVERTAKES) if self._ended else deadline
            try:
                more = self._wire.read(until, self._keep)
            except TimeoutError:
                if not self._ended:
                    raise
                more = False
            if not more:
                raise SandboxError(self._death())

    @property
    def _ended(self) -> bool:
        """Whether the shell of its slot has said that the driver is no more."""
        return self._slot is not None and self._slot.code is not None

    def _keep(self, kind: int, data: bytes) -> None:
        if kind != STDOUT:
            self._errors.add(data)
            if self._slot is not None:
                self._slot.hear(data)
        elif len(self._answer) <= _MAX_FRAME:
            self._answer += data

    def _drain(self) -> None:
        """Read what comes while nobody asks: an unread stream would block the process, and later the daemon."""
        while not self._closed.wait(_IDLE):
            if self._turn.acquire(blocking=False):
                try:
                    while not self._closed.is_set() and self._wire.take(self._keep):
                        pass
                finally:
                    self._turn.release()

    def _code(self) -> int | None:
        """Return how the driver ended, by the word of its shell or of the daemon; None where it runs."""
        return self._slot.code if self._slot is not None and self._ended else self._box.ended(self.driver)

    def _death(self) -> str:
        until, code = time.perf_counter() + _LAST_WORDS, None
        try:
            while time.perf_counter() < until:
                # Its last words can arrive after the daemon has said that it ended.
                while self._wire.take(self._keep):
                    pass
                code = self._code() if code is None else code
                if code is not None and (self._wire.over or self._ended):
                    break
                time.sleep(0.01)
        except SandboxError as error:
            return str(error)
        lines = [line for line in self.stderr_tail().splitlines() if line.strip()]
        ending = "closed its stream" if code is None else f"ended with code {code}"
        return f"the driver {ending}" + (f": {lines[-1][:300]}" if lines else "")
