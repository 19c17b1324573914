"""A container's processes as this host sees them, where the daemon runs on it; nothing where it runs elsewhere."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sandbox import processes

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


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
    """The control group of one container: the files that count its memory kills and CPU time, or None."""

    kills: Path | None
    cpu: Path | None

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
        return Group(_there(whole / "memory.events"), _there(whole / "cpu.stat"))
    return Group(
        _there(_CGROUPS / "memory" / paths.get("memory", "") / "memory.oom_control"),
        _there(_CGROUPS / "cpuacct" / paths.get("cpuacct", "") / "cpuacct.usage"),
    )


def _there(path: Path) -> Path | None:
    return path if path.is_file() else None


def _lines(path: Path | None) -> list[str]:
    try:
        return path.read_text().splitlines() if path is not None else []
    except OSError:
        return []
