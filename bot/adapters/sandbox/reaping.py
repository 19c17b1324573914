"""The end of a timed process: seen at once instead of by polling, with what the kernel has counted for it."""

import os
import resource
import select
import subprocess
import time
from dataclasses import dataclass

from bot.adapters.sandbox import processes

_LOOK = 0.002
_LOOK_GROWTH = 1.25
_LONGEST_LOOK = 0.1
_NAP = 0.0005


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: exit code (negative: the signal), CPU seconds of it and of what it reaped, peak bytes.

    `waited_seconds` are those in which its first thread could have run but had no core, and those after its end in
    which we could have seen it but had none; 0 where they are not counted.
    """

    code: int
    cpu_seconds: float
    peak_bytes: int
    waited_seconds: float


def reaped(process: "subprocess.Popen[bytes]", deadline: float) -> Ended | None:
    """Wait for a process and reap it; None where it still runs at `deadline`, a time of `perf_counter`."""
    seen, pause = 0, _LOOK
    descriptor = _descriptor(process.pid)
    before = processes.waited_here()
    try:
        while not _over(process.pid, descriptor, max(min(pause, deadline - time.perf_counter()), 0.0)):
            if time.perf_counter() >= deadline:
                return None
            seen = max(seen, *(processes.peak_bytes(member) for member in processes.tree(process.pid)))
            pause = min(pause * _LOOK_GROWTH, _LONGEST_LOOK)
            before = processes.waited_here()
    finally:
        if descriptor is not None:
            os.close(descriptor)
    late = processes.waited_here() - before
    waited = processes.waited(process.pid) + late  # until it is reaped, the kernel still knows
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # A child's count begins with the peak of the process that forked it: below our own, only what was seen is known.
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = usage.ru_maxrss * 1024 if usage.ru_maxrss > ours else seen
    return Ended(process.returncode, usage.ru_utime + usage.ru_stime, peak, waited)


def _descriptor(pid: int) -> int | None:
    return os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None


def _over(pid: int, descriptor: int | None, seconds: float) -> bool:
    """Wait up to `seconds` for the end of a process, and leave it to be reaped."""
    if descriptor is not None:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    until = time.perf_counter() + seconds
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.perf_counter() >= until:
            return False
        time.sleep(_NAP)
    return True
