"""Killing what runs in a box: nothing that was started there outruns it, and nothing else is touched."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .box import Box, inside

_PATIENCE = 3.0
_NAP = 0.002


def descendants(process: int) -> Iterator[int]:
    """Yield the living descendants of a process, nearest first."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from descendants(child)


def kill(process: int) -> None:
    """Kill a process, its group and its descendants; with one that has already ended, nothing happens."""
    for one in [process, *descendants(process)]:
        with contextlib.suppress(OSError):
            os.kill(one, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.killpg(process, signal.SIGKILL)


def sweep(box: Box, holder: int, reap: Callable[[], None]) -> bool:
    """Kill everything in the box but `holder`, which keeps its namespaces; False where something would not go.

    `reap` collects the ended children of this process. No new process can begin meanwhile where a control group
    counts them; kill(-1) inside of a process namespace, or of a user of its own, reaches all at once.
    """
    until = time.monotonic() + _PATIENCE
    while left := _strays(box, holder):
        if box.group is not None:
            box.group.forking(0)
        for one in left:
            with contextlib.suppress(OSError):
                os.kill(one, signal.SIGKILL)
        if box.group is None and (box.pids is not None or box.uid is not None):
            inside(box, _kill_all)
        reap()
        if time.monotonic() > until:
            break
        time.sleep(_NAP)
    if box.group is not None:
        box.group.forking(box.limits["pids"])
    return not left


def _strays(box: Box, holder: int) -> list[int]:
    if box.group is not None:
        return box.group.members()
    if box.pids is not None:
        return _of_namespace(box)
    return [one for one in descendants(os.getpid()) if one != holder]


def _of_namespace(box: Box) -> list[int]:
    """Return the processes of the box's process namespace but its first, as seen from outside."""
    wanted = os.fstat((box.pids or (0, 0))[0]).st_ino
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if (entry / "ns" / "pid").stat().st_ino != wanted:
                continue
            status = (entry / "status").read_text()
            inner = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[-1]
            if inner != "1" and "\nState:\tZ" not in status:
                found.append(int(entry.name))
    return found


def _kill_all() -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
