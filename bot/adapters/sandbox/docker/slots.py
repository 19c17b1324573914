"""Shells in one container that run one driver after the other, each on the stream of its own exec.

An exec costs the daemon 60 to 100 ms of processor time on whatever core, benchmark cores included. Lock-step
measurement starts two drivers for every pair, so they are forked inside, as they would be outside of a container.
"""

import os
import re
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field, replace

from bot.adapters.sandbox import processes
from bot.adapters.sandbox.docker import host, shell
from bot.adapters.sandbox.docker.box import Box, Waiting
from bot.adapters.sandbox.docker.daemon import cut_off
from bot.adapters.sandbox.docker.wire import STDERR

_STARTS = 60.0
_RESUMES = 0.3
_LONGEST = 200
_SIGNALLED = 128
_MOST = 4


@dataclass(slots=True)
class Slot:
    """Such a shell; `token` begins the lines that are for it, and its own line that a driver has ended.

    `used` says that it has run a driver before, which may have harmed it.
    """

    shell: Waiting
    token: str
    used: bool = False
    code: int | None = None
    """How the driver ended, None while it runs."""
    _tail: bytes = field(default=b"", repr=False)

    def again(self) -> None:
        """Forget the driver before."""
        self.used, self.code, self._tail = True, None, b""

    def hear(self, said: bytes) -> None:
        """Look for the end of the driver in what came on standard error."""
        seen = self._tail + said
        if found := re.search(rb"\n%s (\d{1,3})\n" % self.token.encode(), seen):
            self.code = int(found[1])
        self._tail = seen[-_LONGEST:]

    def without(self, said: bytes) -> bytes:
        """Return what the driver itself has written to standard error, without its shell's word on a signal."""
        found = re.sub(rb"\n?%s( \d{1,3})?\n?" % self.token.encode(), b"", said)
        words = None if self.code is None or self.code <= _SIGNALLED else signal.strsignal(self.code - _SIGNALLED)
        return found if words is None else re.sub(rb"(^|\n)%s[^\n]*\s*\Z" % re.escape(words.encode()), b"", found)


class Slots:
    """The slots of one container whose processes are ours to see and to kill.

    One is used again where its driver has ended in good order and has left nothing alive that holds the same stream.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._lock = threading.Lock()
        self._free: list[Slot] = []
        self._busy: list[Slot] = []

    def take(self) -> Slot | None:
        """Return a slot whose shell waits for a line, one that was used before if there is one.

        None where many drivers run at once: a shell beside each of them would count against the candidate.
        """
        with self._lock:
            if len(self._busy) >= _MOST:
                return None
        while (slot := self._spent()) is not None:
            if self._over(slot) and not self._box.strangers(self._shells(slot)):
                slot.again()
                return self._taken(slot)
            self._box.kill(slot.shell)
        return self.fresh()

    def fresh(self) -> Slot:
        """Return a slot that nobody has used; SandboxError where none can be had."""
        slot = Slot(self._box.shell(), secrets.token_hex(16))
        try:
            slot.shell.wire.send(shell.loop(slot.token), time.perf_counter() + _STARTS, _ignored)
        except (OSError, TimeoutError) as error:
            slot.shell.wire.close()
            raise cut_off("starting a driver") from error
        return self._taken(slot)

    def driver(self, slot: Slot) -> Waiting:
        """Return the driver that a slot has just started; its process id is 0 where it has ended already."""
        found = [one for one in processes.children(slot.shell.outer) if host.holds(one, self._box.identity)]
        return replace(slot.shell, outer=found[-1] if found else 0)

    def give_back(self, slot: Slot, driver: Waiting) -> None:
        """Kill a driver that was asked nothing it did not answer; its shell may run the next one."""
        host.kill(driver.outer, self._box.identity)
        with self._lock:
            self._busy.remove(slot)
            self._free.append(slot)

    def drop(self, slot: Slot) -> None:
        """Kill a slot with what runs in it."""
        with self._lock:
            self._busy.remove(slot)
        self._box.kill(slot.shell)

    def let_go(self) -> None:
        """Leave the shells that wait to whoever sweeps the container."""
        while (slot := self._spent()) is not None:
            slot.shell.wire.close()

    def _taken(self, slot: Slot) -> Slot:
        # What it starts stays on the cores of who asks: the pair to come must not begin where the present one is timed.
        processes.pin(slot.shell.outer, tuple(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ())
        with self._lock:
            self._busy.append(slot)
        return slot

    def _spent(self) -> Slot | None:
        with self._lock:
            return self._free.pop() if self._free else None

    def _shells(self, slot: Slot) -> list[Waiting]:
        with self._lock:
            return [one.shell for one in (slot, *self._free, *self._busy)]

    def _over(self, slot: Slot) -> bool:
        """Wait until the shell says that its driver has ended; what that one had still to say is dropped."""
        deadline = time.perf_counter() + _RESUMES
        try:
            while slot.code is None:
                if not slot.shell.wire.read(deadline, lambda kind, data: slot.hear(data) if kind == STDERR else None):
                    return False
        except TimeoutError:  # it was stopped, or is flooded: no word of it can be waited for
            return False
        return True


def _ignored(_kind: int, _data: bytes) -> None:
    return
