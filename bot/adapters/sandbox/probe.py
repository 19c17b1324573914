"""Finds out whether a way of isolating works here: a box is opened with the real flags, and looks around from inside.

Only code of ours runs in it, so that its answers can be believed.
"""

import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.adapters import scratch
from bot.domain.code import Snapshot
from bot.domain.errors import HotlapError
from bot.domain.evidence import Isolation
from bot.ports import End, Limits, Sandbox, Session

_SECONDS = 30.0
_OLDEST = (3, 8)
_LOOK = """\
import importlib.util, json, socket, sys
canary, port, pid = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def seen():
    try:
        with open(canary):
            return True
    except OSError:
        return False
def reached():
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return True
    except OSError:
        return False
def started():
    try:
        with open("/proc/%s/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
def links():
    try:
        with open("/proc/self/net/dev") as file:
            return {line.partition(":")[0].strip() for line in list(file)[2:]}
    except OSError:
        return set()
print(json.dumps({
    "python": sys.executable, "version": list(sys.version_info[:3]), "file": seen(), "process": started(),
    "network": reached() or bool(links() - {"lo"}), "pytest": importlib.util.find_spec("pytest") is not None,
}))
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to isolate: its level, how it is made, and the target's interpreter as it is called there.

    `make` raises an error with a sentence where it cannot be made; `mend` says what would help then. `untimed` makes
    another one for what is not timed, where that can be stronger. `wanted` is false for a way that the configuration
    says nothing about: that it does not work is worth no word then.
    """

    isolation: Isolation
    make: Callable[[], Sandbox]
    python: Callable[[], str]
    mend: str = ""
    untimed: Callable[[], Sandbox] | None = None
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found: the sandbox and its interpreter's absolute path, or `why` it does not work.

    `pytest` says whether that interpreter has it.
    """

    backend: Backend
    sandbox: Sandbox | None
    python: str = ""
    version: str = ""
    pytest: bool = False
    why: str = ""


def probe(backend: Backend, limits: Limits, environment: Mapping[str, str] = MappingProxyType({})) -> Probed:
    """Open a box and look around in it; nothing is raised for what does not work."""
    try:
        sandbox, python = backend.make(), backend.python()
        with _surroundings() as (canary, port), sandbox.open(Snapshot("", {}), limits) as session:
            argv = (python, "-I", "-c", _LOOK, canary, str(port), str(os.getpid()))
            seen = _answer(session, argv, environment)
    except HotlapError as error:
        return Probed(backend, None, why=str(error))
    if isinstance(seen, str):
        return Probed(backend, None, why=seen)
    if why := _objection(seen, backend.isolation):
        return Probed(backend, None, why=why)
    version = ".".join(str(part) for part in seen["version"])
    return Probed(backend, sandbox, str(seen["python"]), version, bool(seen["pytest"]))


@contextmanager
def _surroundings() -> Iterator[tuple[str, int]]:
    """Yield a file and a port of this machine that nobody inside of a box may reach."""
    with (
        scratch.directory() as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        folder.chmod(0o755)
        canary = folder / secrets.token_hex(8)
        canary.touch()
        yield str(canary), server.getsockname()[1]


def _answer(session: Session, argv: tuple[str, ...], environment: Mapping[str, str]) -> dict[str, Any] | str:
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", **environment}
    ended = session.run(argv, env=variables, timeout=_SECONDS)
    if ended.end is not End.EXITED or ended.code != 0:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"{argv[0]} does not run in it: {ended.end} {ended.code}{': ' + lines[-1][:200] if lines else ''}"
    try:
        seen = json.loads(ended.stdout)
    except ValueError:
        return f"{argv[0]} is no Python: its answer cannot be read"
    return seen if isinstance(seen, dict) else f"{argv[0]} is no Python: its answer is of another kind"


def _objection(seen: Mapping[str, Any], isolation: Isolation) -> str:
    """Return what speaks against a box, "" where nothing does."""
    version = seen.get("version")
    if not isinstance(version, list) or tuple(version) < _OLDEST:
        return f"its interpreter is Python {version}, and 3.8 is the oldest that works"
    if isolation is Isolation.PROCESS:
        return ""
    if seen.get("file"):
        return "files of this machine can be read from inside"
    if seen.get("network"):
        return "the network can be reached from inside"
    return "processes of this machine can be seen from inside" if seen.get("process") == _own_start() else ""


def _own_start() -> str | None:
    try:
        return Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
