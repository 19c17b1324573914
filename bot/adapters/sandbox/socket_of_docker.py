"""Notices a Docker socket that was mounted into a CI job: whoever reaches it owns the machine of the runner.

A daemon that runs inside of the job itself is another thing: its process can be seen from here.
"""

import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.errors import Refused

USUAL = ("/var/run/docker.sock", "/run/docker.sock")
MEND = "remove the socket from `volumes` in the runner's config.toml, or run this job on a runner without it"
_SECONDS = 5.0


def reachable(environ: Mapping[str, str], owner: Callable[[str], int | None]) -> tuple[str, int] | None:
    """Return the first Docker socket that answers here and the process behind it; None where there is none.

    The process is 0 where it is not one of those that can be seen from here.
    """
    named = environ.get("DOCKER_HOST", "").removeprefix("unix://")
    for path in dict.fromkeys((*USUAL, named)):
        pid = owner(path) if path.startswith("/") else None
        if pid is not None:
            return path, pid
    return None


def mounted(environ: Mapping[str, str], owner: Callable[[str], int | None]) -> str | None:
    """Return the path of a socket that was mounted into this CI job; None where there is none, or no job."""
    found = reachable(environ, owner) if environ.get("CI") else None
    return found[0] if found is not None and found[1] == 0 else None


def refuse(environ: Mapping[str, str], owner: Callable[[str], int | None]) -> None:
    """Refuse to run anything in a CI job that can reach the runner's Docker daemon."""
    path = mounted(environ, owner)
    if path is not None:
        raise Refused(f"{path} IS MOUNTED IN THIS CI JOB: code under test could take over the runner; {MEND}")


def owner_of(path: str) -> int | None:
    """Return the process that listens on a socket, 0 for one outside of our process namespace; None where none does."""
    if not hasattr(socket, "SO_PEERCRED") or not Path(path).is_socket():
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_SECONDS)
            client.connect(path)
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except OSError:
        return None
    return int(struct.unpack("3i", credentials)[0])
