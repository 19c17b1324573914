"""One program in a container from the line that starts it to its end, whatever it prints or leaves behind."""

import time
from dataclasses import dataclass

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker.box import Box, Waiting
from bot.adapters.sandbox.docker.wire import STDOUT
from bot.adapters.sandbox.stream import Capped

_LOOK = 0.002
_LOOK_GROWTH = 1.25
_LONGEST_LOOK = 0.1
_ASK = 0.25
_GRACE = 0.5


@dataclass(slots=True)
class Running:
    """A program and what is seen of it; more than `most` bytes of output end it (None: they are only dropped)."""

    box: Box
    waiting: Waiting
    stdout: Capped
    stderr: Capped
    most: int | None = None
    peak_bytes: int = 0
    waited_seconds: float = 0.0
    ended: float = 0.0
    """When the end was seen, in seconds of `perf_counter`."""
    _before: float = 0.0

    def follow(self, data: bytes, deadline: float) -> int | None:
        """Feed `data`, read everything and return the exit code; None where it still runs at `deadline`.

        SandboxError where the daemon or the container went away.
        """
        self._before = processes.waited(self.waiting.outer) if self.box.local else 0.0
        try:
            self.waiting.wire.send(data, deadline, self._keep)
        except TimeoutError:
            return None
        except OSError:  # it does not read its input, or is gone: what it wrote is read below
            pass
        self.waiting.wire.finish()
        return self._read(deadline)

    def _read(self, deadline: float) -> int | None:
        """Read to the end of the program, which may come before its stream's (an orphan holds it) or after it."""
        pause, ask, open_ = _LOOK, time.perf_counter() + _ASK, True
        while (now := time.perf_counter()) < deadline and not self._too_much():
            until = min(now + pause, deadline)
            if open_:
                open_ = self._more(until)
            else:
                time.sleep(max(until - time.perf_counter(), 0.0))
            self.ended = time.perf_counter()
            if not open_ or self.ended >= ask:
                code = self.box.ended(self.waiting)
                if code is not None:
                    self._last_words()
                    return code
                ask = self.ended + _ASK
            pause = min(pause * _LOOK_GROWTH, _LONGEST_LOOK)
        return None

    def _more(self, until: float) -> bool:
        """Read until the stream ends (False) or `until`."""
        try:
            while self.waiting.wire.read(until, self._keep):
                if time.perf_counter() >= until:
                    return True
        except TimeoutError:
            self._sample()
            return True
        return False

    def _last_words(self) -> None:
        try:
            while self.waiting.wire.read(self.ended + _GRACE, self._keep) and time.perf_counter() < self.ended + _GRACE:
                pass
        except TimeoutError:
            return

    def _too_much(self) -> bool:
        return self.most is not None and self.stdout.total > self.most

    def _keep(self, kind: int, data: bytes) -> None:
        (self.stdout if kind == STDOUT else self.stderr).add(data)

    def _sample(self) -> None:
        if self.box.local:
            outer = self.waiting.outer
            self.peak_bytes = max(self.peak_bytes, *(processes.peak_bytes(one) for one in processes.tree(outer)))
            self.waited_seconds = max(self.waited_seconds, processes.waited(outer) - self._before)
