"""Shells in one container that run one driver after the other, each on the stream of its own exec.

An exec costs the daemon 60 to 100 ms of processor time on whatever core, benchmark cores included. Lock-step
measurement starts two drivers for every pair, so they are forked inside, as they would be outside of a container.
"""

import re
import secrets
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


@dataclass(slots=True)
class Slot:
    """Such a shell; `token` begins the lines that are for it, and its own line that a driver has ended."""

    shell: Waiting
    token: str
    code: int | None = None
    """How the driver ended, None while it runs."""
    _tail: bytes = field(default=b"", repr=False)

    def began(self) -> None:
        """Forget the driver before."""
        self.code, self._tail = None, b""

    def hear(self, said: bytes) -> None:
        """Look for the end of the driver in what came on standard error."""
        seen = self._tail + said
        if found := re.search(rb"\n%s (\d{1,3})\n" % self.token.encode(), seen):
            self.code = int(found[1])
        self._tail = seen[-_LONGEST:]

    def without(self, said: bytes) -> bytes:
        """Return what the driver itself has written to standard error."""
        return re.sub(rb"\n?%s( \d{1,3})?\n?" % self.token.encode(), b"", said)


class Slots:
    """The slots of one container; those of drivers that have ended in good order are used again.

    Only where its processes are ours to see and to kill: there, a driver can be ended without its shell.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._lock = threading.Lock()
        self._free: list[Slot] = []

    def take(self) -> Slot:
        """Return a slot whose shell waits for a line; SandboxError where none can be had."""
        while (slot := self._spent()) is not None:
            if self._over(slot):
                slot.began()
                return slot
            self._box.kill(slot.shell)
        slot = Slot(self._box.shell(), secrets.token_hex(16))
        try:
            slot.shell.wire.send(shell.loop(slot.token), time.perf_counter() + _STARTS, _ignored)
        except (OSError, TimeoutError) as error:
            slot.shell.wire.close()
            raise cut_off("starting a driver") from error
        return slot

    def driver(self, slot: Slot) -> Waiting:
        """Return the driver that a slot has just started; its process id is 0 where it has ended already."""
        found = [one for one in processes.children(slot.shell.outer) if host.holds(one, self._box.identity)]
        return replace(slot.shell, outer=found[-1] if found else 0)

    def give_back(self, slot: Slot, driver: Waiting) -> None:
        """Kill a driver that was asked nothing it did not answer; its shell runs the next one."""
        host.kill(driver.outer, self._box.identity)
        with self._lock:
            self._free.append(slot)

    def let_go(self) -> None:
        """Leave the shells to whoever sweeps the container."""
        while (slot := self._spent()) is not None:
            slot.shell.wire.close()

    def _spent(self) -> Slot | None:
        with self._lock:
            return self._free.pop() if self._free else None

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
