"""The warden: takes requests for boxes, forks a keeper for each, and ends when the bot and all boxes are gone."""

import contextlib
import gc
import os
import secrets
import select
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import cgroups, files, holder, kernel, names, seccomp, wire
from .box import Box, inside
from .keeper import Keeper, woken_by_children
from .sweep import descendants

_FIRST_USER = 1_879_048_192  # far above what systems and subordinate id ranges give out; below 2**31
_USERS = 1 << 24
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the bot's end is the only signal to end


def main(descriptor: int) -> None:
    """Serve on a socket until the other side is closed and all boxes are gone."""
    os.setsid()
    os.chdir("/")
    for one in _IGNORED:
        signal.signal(one, signal.SIG_IGN)
    kernel.become_subreaper()
    gc.freeze()  # what is never freed need not be copied by every fork
    for group in cgroups.leftovers(names.here()):
        if all(names.is_dead(place.name) for place in group.places.values()):
            group.remove()
    Warden(socket.socket(fileno=descriptor)).serve()


class Warden:
    """Forks keepers; what they cannot remove themselves is removed here."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._filter = _working_filter()
        self._wake = woken_by_children()
        self._keepers: dict[int, tuple[str, str]] = {}
        self._looked: set[str] = set()

    def serve(self) -> None:
        """Serve boxes until the bot is gone; then wait for the keepers, which end with it."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._collect(os.WNOHANG)
            if self._connection.fileno() in ready:
                received = wire.receive(self._connection)
                if received is None:
                    break
                self._keep(*received)
        self._connection.close()
        while self._keepers:
            self._collect(0)

    def _keep(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        connection = socket.socket(fileno=descriptors[0])
        self._look(str(message["directory"]))
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            self._connection.close()
            os.close(write)
            os.read(read, 1)
            keep(connection, {**message, "uid": _user(message), "filter": self._filter})
            raise SystemExit
        os.close(read)
        connection.close()
        self._keepers[child] = (str(message["directory"]), names.of(child))
        os.close(write)

    def _collect(self, how: int) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, how))[0]:
                process, status = found
                place = self._keepers.pop(process, None)
                if place is not None:
                    self._tidy(*place, status)
                if not self._keepers and how == 0:
                    return

    def _tidy(self, directory: str, name: str, status: int) -> None:
        """Remove the control groups of a keeper, and what one that did not end by itself has left running or lying."""
        for group in cgroups.leftovers(name):
            group.remove()
        if not status:
            return
        for orphan in set(descendants(os.getpid())) - self._kept():
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
        files.remove(str(Path(directory) / name))

    def _kept(self) -> set[int]:
        return {one for keeper in self._keepers for one in (keeper, *descendants(keeper))}

    def _look(self, directory: str) -> None:
        """Remove what dead owners have left in a directory, once."""
        if directory in self._looked:
            return
        self._looked.add(directory)
        for place in Path(directory).glob(f"{names.here()}*"):
            if names.is_dead(place.name):
                files.remove(str(place))


def keep(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Make a box, serve it, remove it."""
    root = Path(message["directory"]) / names.of(os.getpid())
    process, box, warden = 0, None, os.getppid()
    try:
        starting = _starting(message)
        process = starting.process.pid if starting is not None else 0
        box = _made(message, root, starting)
        wire.send(connection, _facts(box))
        Keeper(connection, box, process).serve()
    except ConnectionError:
        return  # the bot is gone
    except OSError as error:
        with contextlib.suppress(ConnectionError):
            wire.send(connection, {"said": error.strerror or str(error)})
    finally:
        if process:
            holder.end(process)
        files.remove(str(root))
        if box is not None and box.group is not None and os.getppid() != warden:
            box.group.leave()  # nobody is left who would remove them
            box.group.remove()
        connection.close()


def _user(message: Mapping[str, Any]) -> int | None:
    """Return the number of a user that nobody else has, or None where processes keep the bot's."""
    return _FIRST_USER + secrets.randbelow(_USERS) if message["drop"] and os.geteuid() == 0 else None


def _facts(box: Box) -> Mapping[str, Any]:
    grouped = sorted(box.group.places) if box.group is not None else []
    return {
        "said": "", "root": box.root, "dropped": box.uid is not None, "filtered": bool(box.program), "grouped": grouped
    }  # fmt: skip


def _starting(message: Mapping[str, Any]) -> holder.Starting | None:
    """Start what holds the namespaces, if the box has any; it stands outside of the control groups."""
    if not message["bwrap"]:
        return None
    user = message["uid"] or os.geteuid()
    return holder.start(message["bwrap"], [text.format(uid=user) for text in message["data"]])


def _made(message: Mapping[str, Any], root: Path, starting: holder.Starting | None) -> Box:
    limits = {**message["limits"], "pids_before": 0 if os.geteuid() == 0 else _tasks_of_user()}
    # While bubblewrap works, the kernel moves this process: both take some 10 ms.
    group = cgroups.joined(root.name, limits["memory"], limits["pids"]) if message["group"] else None
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("-1000")  # files that fill the group are not the keeper's fault
    call, program = message["filter"]
    box = Box(str(root), message["uid"], limits, group, call=call, program=program)
    if starting is None:
        root.mkdir(mode=0o700)
        return _owned(box, message["probe"])
    held = holder.stood(starting)
    holder.bound(held, message["inodes"])
    return replace(box, root=message["root"], namespaces=held.namespaces, pids=held.pids)


def _working_filter() -> tuple[int, bytes]:
    """Return the number of seccomp(2) and the program to load; 0 and b"" where no such program can be loaded here."""
    here = seccomp.machine(os.uname().machine)
    if here is None:
        return 0, b""
    program = seccomp.program(here)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            kernel.no_new_privileges()
            kernel.filter_calls(here.seccomp, program)
            code = 0
        finally:
            os._exit(code)
    return (here.seccomp, program) if os.waitpid(child, 0)[1] == 0 else (0, b"")


def _owned(box: Box, probe: Sequence[str]) -> Box:
    """Give the box's directory to its user, or give up on that user where it cannot run `probe` there."""
    if box.uid is None:
        return box
    os.chown(box.root, box.uid, box.uid)

    def works() -> None:
        os.chdir(box.root)
        if probe and os.spawnve(os.P_WAIT, probe[0], list(probe), {}):
            raise OSError("the program does not run as another user")

    if not inside(box, works).strip():
        return box
    os.chown(box.root, os.geteuid(), os.getegid())
    return replace(box, uid=None)


def _tasks_of_user() -> int:
    """Return how many threads this user has: the kernel's limit on processes counts all of them."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == os.getuid():
                count += sum(1 for _ in (entry / "task").iterdir())
    return count
