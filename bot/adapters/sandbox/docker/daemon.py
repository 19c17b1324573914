"""The few requests to the Docker daemon that a sandbox needs, each with its own sentence when it fails."""

import contextlib
import math
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.sandbox.docker.faults import reported
from bot.adapters.sandbox.docker.wire import Wire
from bot.domain.errors import SandboxError

LABEL = "hotlap.owner"
_CONNECTIONS = 64
_CONFLICT = 409
_USUAL = "unix:///var/run/docker.sock"
_ANY = "1.40"
"""Any version that the client knows: asking for the daemon's own needs none."""


@dataclass(frozen=True, slots=True)
class Exec:
    """What the daemon says of an exec: whether it runs, its exit code once it ended, its process id on the host."""

    running: bool
    code: int | None
    pid: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """A container of some bot: its id, its labels, and whether it runs."""

    identity: str
    labels: Mapping[str, str]
    running: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """The daemon's runtimes, and what it cannot enforce, one clause each."""

    runtimes: frozenset[str]
    unheld: tuple[str, ...]


class Daemon:
    """A client of one daemon; `seconds` is how long it may take for an answer. Requests may come from any thread."""

    def __init__(self, seconds: float, address: str | None = None) -> None:
        import docker
        from docker.utils import kwargs_from_env

        where = {"base_url": address} if address else kwargs_from_env()
        with reported("connecting to Docker"):
            _knock(str(where.get("base_url", _USUAL)), seconds)
        options: dict[str, Any] = {**where, "timeout": math.ceil(seconds), "max_pool_size": _CONNECTIONS}
        with reported("connecting to Docker"), contextlib.closing(docker.APIClient(version=_ANY, **options)) as first:
            version = first.version(api_version=False)["ApiVersion"]
            self._api = docker.APIClient(version=version, **options)

    def close(self) -> None:
        """Give back the connections."""
        self._api.close()

    def image(self, digest: str) -> tuple[str, Mapping[str, object]]:
        """Return an image's id and the volumes that it declares; SandboxError where the daemon does not hold it."""
        with reported(f"looking for the image {digest}"):
            found = self._api.inspect_image(digest)  # type: ignore[no-untyped-call]
            return str(found["Id"]), dict((found.get("Config") or {}).get("Volumes") or {})

    def facts(self) -> Facts:
        """Return what the daemon says that it can do."""
        with reported("asking Docker what it can do"):
            found = self._api.info()
            security = " ".join(found.get("SecurityOptions") or ())
            lacking = {
                "memory is not limited: the daemon has no control group for it": found.get("MemoryLimit"),
                "processes are not limited: the daemon has no control group for them": found.get("PidsLimit"),
                "system calls are not filtered: the daemon has no seccomp": "seccomp" in security,
            }
            runtimes = frozenset(found.get("Runtimes") or ())
        return Facts(runtimes, tuple(one for one, held in lacking.items() if not held))

    def create(
        self, image: str, argv: Sequence[str], user: int, host: Mapping[str, Any], labels: Mapping[str, str]
    ) -> str:
        """Create a container whose main process is `argv` and reads its standard input; returns its id."""
        with reported("creating a container"):
            made = self._api.create_container(
                image,
                entrypoint=list(argv),
                command=[],
                user=f"{user}:{user}",
                hostname="box",
                working_dir="/",
                stdin_open=True,
                healthcheck={"test": ["NONE"]},
                labels=dict(labels),
                host_config=self._api.create_host_config(**host),
            )
            return str(made["Id"])

    def attach(self, container: str) -> Wire:
        """Hold the standard streams of a container's main process: it ends with this stream, and the stream with it."""
        with reported("attaching to a container"):
            return Wire(self._api.attach_socket(container, params={"stdin": 1, "stdout": 1, "stream": 1}))

    def start(self, container: str) -> None:
        """Start a created container."""
        with reported("starting a container"):
            self._api.start(container)

    def main_pid(self, container: str) -> int:
        """Return the process id of a running container's first process, as the daemon's host counts; 0 when ended."""
        with reported("looking at a container"):
            state = self._api.inspect_container(container)["State"]
            return int(state["Pid"]) if state["Running"] else 0

    def execute(self, container: str, argv: Sequence[str], user: int) -> tuple[str, Wire]:
        """Start `argv` in a running container and return the exec's id and its stream."""
        with reported("starting a process in a container"):
            made = self._api.exec_create(
                container, list(argv), stdin=True, stdout=True, stderr=True, user=f"{user}:{user}", workdir="/"
            )
            return str(made["Id"]), Wire(self._api.exec_start(made["Id"], socket=True))

    def look(self, exec_id: str) -> Exec:
        """Return how an exec stands."""
        with reported("asking how a process in a container ended"):
            found = self._api.exec_inspect(exec_id)
            return Exec(bool(found["Running"]), found["ExitCode"], int(found.get("Pid") or 0))

    def remove(self, container: str) -> None:
        """Kill a container and remove it; one that is gone, or being removed, is fine."""
        from docker import errors

        with reported("removing a container"), contextlib.suppress(errors.NotFound):
            try:
                self._api.remove_container(container, force=True, v=True)
            except errors.APIError as error:
                if error.status_code != _CONFLICT:
                    raise

    def leftovers(self) -> tuple[Leftover, ...]:
        """Return every container that a bot has made here and that still exists."""
        with reported("looking for left containers"):
            found = self._api.containers(all=True, filters={"label": LABEL})
            return tuple(Leftover(one["Id"], one.get("Labels") or {}, one.get("State") == "running") for one in found)


def _knock(address: str, seconds: float) -> None:
    """Connect to a local daemon's socket and let go of it: the client leaves sockets open that it cannot connect."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(seconds)
            one.connect(address.removeprefix("unix://"))


def first_line(text: bytes) -> str:
    """Return the first line of what a daemon or shell printed, for a sentence."""
    lines = text.decode("utf-8", "replace").strip().splitlines()
    return "".join(char if char.isprintable() else "?" for char in lines[0])[:300] if lines else "it printed nothing"


def cut_off(doing: str) -> SandboxError:
    """Return the error for a stream that ended although its process did not."""
    return SandboxError(
        f"{doing}: the Docker daemon cut the stream off; it was restarted, or the container was removed"
    )
