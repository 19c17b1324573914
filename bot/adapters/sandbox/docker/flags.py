"""How a container is locked in; every line here has a case in the conformance suite."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.sandbox.docker import seccomp
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.ports import Limits

WORK = "/work"
_TMP = "/tmp"  # noqa: S108 - inside the container, where it is nobody else's
_SHARED_MEMORY = 64 << 20
_FILE_BYTES = 2 << 30
_OPEN_FILES = 4096
_FILE_SHARE = 8192
"""Bytes of size for each file: empty ones cost memory, too."""
_HEADROOM = 64
"""Processes above the candidate's limit: execs that sweep must start although a fork bomb has used its share."""
_FIRST_UID, _UIDS = 20_000, 20_000


@dataclass(frozen=True, slots=True)
class Users:
    """Two numeric users of one container, below 65536 (user name spaces have no more).

    They are drawn for each container: the kernel counts processes by user across containers, and a limit on them would
    be shared. The keeper's differs from the candidate's, who could kill it otherwise.
    """

    candidate: int
    keeper: int


def drawn() -> Users:
    """Return a random pair."""
    first = _FIRST_UID + 2 * secrets.randbelow(_UIDS)
    return Users(first, first + 1)


def host_config(
    settings: DockerSettings, limits: Limits, users: Users, volumes: Mapping[str, object], runtime: str | None
) -> dict[str, Any]:
    """Return the arguments of `create_host_config`; `volumes` are those that the image declares.

    A declared volume would be a directory on the host without a bound: a tmpfs takes its place.
    """
    options = f"rw,exec,nosuid,nodev,size={limits.tmp_bytes},nr_inodes={limits.tmp_bytes // _FILE_SHARE}"
    mine = f"{options},uid={users.candidate},gid={users.candidate},mode=0755"
    security = ["no-new-privileges", f"seccomp={seccomp.profile(fixed_layout=settings.timing)}"]
    return {
        "auto_remove": True,
        "cap_drop": ["ALL"],
        "cpuset_cpus": settings.cpus or None,
        "init": True,
        "ipc_mode": "private",
        "log_config": {"type": "none", "config": {}},
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "network_mode": "bridge" if limits.network else "none",
        "pids_limit": limits.pids + _HEADROOM,
        "privileged": False,
        "read_only": True,
        "runtime": runtime,
        "security_opt": security,
        "shm_size": min(_SHARED_MEMORY, limits.tmp_bytes),
        "tmpfs": {_TMP: f"{options},mode=1777", WORK: mine, **dict.fromkeys(volumes, options)},
        "ulimits": [
            {"name": "core", "soft": 0, "hard": 0},
            {"name": "fsize", "soft": _FILE_BYTES, "hard": _FILE_BYTES},
            {"name": "nofile", "soft": _OPEN_FILES, "hard": _OPEN_FILES},
            {"name": "nproc", "soft": limits.pids, "hard": limits.pids},
        ],
    }
