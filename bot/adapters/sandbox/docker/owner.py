"""Whose a container is, written into its labels; a container whose owner is dead is removed by the next bot.

The first line of defence is the container itself: its main process reads a stream that the owner holds, and ends with
it. This is the second one, for daemons and machines that went down in the middle.
"""

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

from bot.adapters.sandbox.docker.daemon import LABEL, Daemon
from bot.domain.errors import SandboxError

RUN = "hotlap.run"
EXPIRES = "hotlap.expires"


def labels(run: str, lifetime: float, now: float | None = None) -> dict[str, str]:
    """Return the labels of a container that this process makes; `lifetime` in seconds."""
    expires = (time.time() if now is None else now) + lifetime
    return {LABEL: _identity(os.getpid()), RUN: run, EXPIRES: f"{expires:.0f}"}


def abandoned(found: Mapping[str, str], now: float) -> bool:
    """Say whether nobody can need a container with these labels any more; `now` in seconds since 1970.

    An owner on another machine, before a reboot or in another process name space cannot be looked at from here: its
    containers go when they expire.
    """
    try:
        expired = float(found.get(EXPIRES, "0")) < now
    except ValueError:
        expired = True
    place, _, rest = found.get(LABEL, "").rpartition("/")
    pid, _, started = rest.partition("@")
    if expired or not pid.isdigit() or place != _place():
        return expired
    return _started(int(pid)) != started


def reap(daemon: Daemon) -> int:
    """Remove what dead bots have left on this daemon; returns how many containers there were."""
    gone = 0
    for one in daemon.leftovers():
        if abandoned(one.labels, time.time()):
            with contextlib.suppress(SandboxError):
                daemon.remove(one.identity)
                gone += 1
    return gone


def _identity(pid: int) -> str:
    return f"{_place()}/{pid}@{_started(pid)}"


def _place() -> str:
    """Return what makes a process id unique: the boot of a machine and the process name space."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return "unknown"


def _started(pid: int) -> str:
    """Return when a process was started, in ticks since the boot; "" where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]
