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


def reachable(environ: Mapping[str, str], owner: Callable[[str], int | None]) -> dict[str, int]:
    """Return each Docker socket that answers with the process behind it, 0 for one that cannot be seen from here."""
    named = environ.get("DOCKER_HOST", "").removeprefix("unix://")
    found = {path: owner(path) for path in dict.fromkeys((*USUAL, named)) if path.startswith("/")}
    return {path: pid for path, pid in found.items() if pid is not None}


def mounted(environ: Mapping[str, str], owner: Callable[[str], int | None]) -> str | None:
    """Return the path of a socket that was mounted into this CI job; None where there is none, or no job."""
    if not environ.get("CI"):
        return None
    return next((path for path, pid in reachable(environ, owner).items() if pid == 0), None)


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
