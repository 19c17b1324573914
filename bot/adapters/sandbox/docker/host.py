"""A container's processes as this host sees them, where the daemon runs on it; nothing where it runs elsewhere."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sandbox import processes

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_PATIENCE = 2.0


def holds(pid: int, container: str) -> bool:
    """Say whether `pid` is, on this host, a process of that container."""
    try:
        return pid > 0 and container in (_PROC / str(pid) / "cgroup").read_text()
    except OSError:
        return False


def may_signal(pid: int, container: str) -> bool:
    """Say whether we can kill and pin that process: it is here, and we are root."""
    return os.geteuid() == 0 and holds(pid, container)


def kill(pid: int, container: str) -> None:
    """Kill a process of the container, its descendants and its process group."""
    members = list(processes.tree(pid))
    if holds(pid, container):
        processes.kill_group(pid)
    for one in members:
        if holds(one, container):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Group:
    """The control group of one container: the files that count its memory kills and CPU time, or None.

    `members` lists its processes as this host numbers them.
    """

    kills: Path | None
    cpu: Path | None
    members: Path | None = None

    def oom_kills(self) -> int | None:
        """Return how many processes the kernel has killed in it for want of memory; None where that is not known."""
        for line in _lines(self.kills):
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
        return None

    def cpu_seconds(self) -> float | None:
        """Return the CPU seconds of all its processes so far, ended ones included; None where that is not known."""
        for line in _lines(self.cpu):
            name, _, value = line.partition(" ")
            if name == "usage_usec":
                return int(value) / 1e6
            if not value:
                return int(name) / 1e9
        return None


def group(pid: int, container: str) -> Group:
    """Return the control group of a container's first process, for both versions of the interface."""
    if not holds(pid, container):
        return Group(None, None)
    paths: dict[str, str] = {}
    for line in (_PROC / str(pid) / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    if (_CGROUPS / "cgroup.controllers").exists():
        whole = _CGROUPS / paths.get("", "")
        return Group(_there(whole / "memory.events"), _there(whole / "cpu.stat"), _there(whole / "cgroup.procs"))
    memory = _CGROUPS / "memory" / paths.get("memory", "")
    return Group(
        _there(memory / "memory.oom_control"),
        _there(_CGROUPS / "cpuacct" / paths.get("cpuacct", "") / "cpuacct.usage"),
        _there(memory / "cgroup.procs"),
    )


def of_user(found: Group, user: int) -> list[int]:
    """Return the processes of `user` in a container that have not ended."""
    return [int(one) for one in _lines(found.members) if one.isdigit() and _user_of(int(one)) == user]


def end_user(found: Group, user: int) -> None:
    """Kill every process of `user` in a container, again and again until none is left or two seconds are over."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        left = of_user(found, user)
        if not left:
            return
        for one in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)
        time.sleep(0.002)


def _user_of(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return -1
    if "\nState:\tZ" in status:
        return -1
    return int(next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1])


def _there(path: Path) -> Path | None:
    return path if path.is_file() else None


def _lines(path: Path | None) -> list[str]:
    try:
        return path.read_text().splitlines() if path is not None else []
    except OSError:
        return []
