"""What the kernel says about a process tree: CPU clock, memory, threads, children. Linux's /proc; zeros elsewhere."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.adapters.sandbox.warden.waiting import run_delay
from bot.ports import Usage

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def tree(pid: int) -> Iterator[int]:
    """Yield `pid` and its living descendants."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def children(pid: int) -> Iterator[int]:
    """Yield the living children of a process, the oldest of each of its threads first."""
    for task in _tasks(pid):
        try:
            found = (_PROC / str(pid) / "task" / str(task) / "children").read_text()
        except OSError:
            continue
        yield from map(int, found.split())


def usage(pid: int) -> Usage:
    """Return what the tree under `pid` has used: reaped descendants count with the kernel's tick resolution."""
    cpu, peak, threads = 0.0, 0, 0
    for member in tree(pid):
        cpu += _cpu_clock(member) + _reaped(member)
        peak += peak_bytes(member)
        threads += len(_tasks(member))
    return Usage(cpu, peak, threads)


def pin(pid: int, cpus: Sequence[int]) -> None:
    """Move every thread of the tree to `cpus`."""
    if not hasattr(os, "sched_setaffinity"):
        return
    for member in tree(pid):
        for task in _tasks(member):
            with contextlib.suppress(OSError):  # a thread may end between the listing and the call
                os.sched_setaffinity(task, cpus)


def kill_group(pid: int) -> None:
    """Kill the process group led by `pid`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def waited(pid: int) -> float:
    """Return the seconds in which the first thread of a process stood ready and had no core; 0 where unknown."""
    return run_delay(str(pid))


def _tasks(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(_PROC / str(pid) / "task")]  # noqa: PTH208 - hot path
    except OSError:
        return []


def _cpu_clock(pid: int) -> float:
    # The kernel's per-process CPU clock (clock_getcpuclockid(3)): nanoseconds, all threads, dead ones included.
    if sys.platform != "linux":
        return 0.0
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _reaped(pid: int) -> float:
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / _TICKS


def peak_bytes(pid: int) -> int:
    """Return the peak resident memory of one process; 0 where it is gone."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
