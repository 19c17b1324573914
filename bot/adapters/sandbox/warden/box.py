"""One box as its keeper knows it, and how a forked process gets into it."""

import contextlib
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import kernel
from .cgroups import Group

PATIENCE = 10.0
_OPEN_FILES = 4096


@dataclass(frozen=True, slots=True)
class Box:
    """What a process gets on its way in; `root` is where the box's directory is as seen from inside.

    `uid` is None where processes keep the user of the bot. `namespaces` are descriptors to enter in their order,
    `pids` those of the process namespaces inside and outside; the second is -1 where there is no way back, and every
    fork is inside. `program` is the seccomp filter, `call` its number.
    """

    root: str
    uid: int | None
    limits: Mapping[str, int]
    group: Group | None = None
    namespaces: tuple[int, ...] = ()
    pids: tuple[int, int] | None = None
    call: int = 0
    program: bytes = b""


def fork(box: Box) -> int:
    """Fork so that the child is a process of the box's process namespace; returns as os.fork does."""
    if box.pids is None or box.pids[1] < 0:
        return os.fork()
    inside, outside = box.pids
    kernel.enter([inside])
    child = -1
    try:
        child = os.fork()
    finally:
        if child != 0:
            kernel.enter([outside])
    return child


def enter(box: Box) -> None:
    """Put the calling process, freshly forked, into the box: limits, namespaces, user; everything but the filter."""
    os.setsid()
    with contextlib.suppress(OSError):  # in some containers /proc is read-only
        Path("/proc/self/oom_score_adj").write_text("1000")  # when memory ends, the bot is not who pays
    kernel.enter(box.namespaces)
    _limit(box)
    isolated = bool(box.namespaces) or box.uid is not None
    if isolated:
        kernel.bound_capabilities()
    if box.uid is not None:
        os.setgroups([])
        os.setresgid(box.uid, box.uid, box.uid)
        os.setresuid(box.uid, box.uid, box.uid)
    if isolated:
        kernel.clear_capabilities()
    kernel.die_with_parent(signal.SIGKILL)
    kernel.no_new_privileges()


def inside(box: Box, action: Callable[[], None], patience: float = PATIENCE) -> str:
    """Run `action` in a process of its own inside the box; returns "" or what went wrong.

    Whoever lives in the box may stop that process: after `patience` seconds it is killed from outside.
    """
    read, write = os.pipe()
    child = fork(box)
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(read)
            _reported(box, action, write)
        os._exit(0)
    os.close(write)
    said = heard(read, child, patience)
    os.waitpid(child, 0)
    return said.decode("utf-8", "replace") if said else "it was killed"


def heard(read: int, child: int, patience: float = PATIENCE) -> bytes:
    """Return all that `child` writes into a pipe, which is closed then; it is killed where that takes too long."""
    until = time.monotonic() + patience
    poll = select.poll()
    poll.register(read, select.POLLIN)
    said = b""
    with open(read, "rb", buffering=0) as pipe:
        while poll.poll(max(until - time.monotonic(), 0.0) * 1000):
            part = pipe.read(1 << 16)
            if not part:
                return said
            said += part
    if child > 0:
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)
    return b""


def _reported(box: Box, action: Callable[[], None], write: int) -> None:
    said = " "
    try:
        enter(box)
        action()
    except (OSError, ValueError, EOFError) as error:
        said = str(error) or type(error).__name__
    os.write(write, said.encode("utf-8", "replace"))


def _limit(box: Box) -> None:
    limits = box.limits
    grouped = box.group.places if box.group is not None else {}
    # No RLIMIT_CPU: while it is set, the kernel reads a process's CPU clock in whole ticks, and that is measured here.
    wanted: dict[int, int] = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    if "memory" not in grouped:
        wanted[resource.RLIMIT_AS] = limits["memory"]
    if "pids" not in grouped:
        wanted[resource.RLIMIT_NPROC] = limits["pids"] + (0 if box.uid is not None else limits["pids_before"])
    for which, value in wanted.items():
        hard: Any = resource.getrlimit(which)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (allowed, allowed))
