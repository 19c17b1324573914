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
from .keeper import Keeper
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
    """Forks keepers; what a keeper that was killed has left is removed here."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._keepers: dict[int, tuple[str, str]] = {}
        self._looked: set[str] = set()

    def serve(self) -> None:
        """Serve boxes until the bot is gone; then wait for the keepers, which end with it."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        while True:
            if poll.poll(1000):
                received = wire.receive(self._connection)
                if received is None:
                    break
                self._keep(*received)
            self._collect(os.WNOHANG)
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
            keep(connection, message)
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
                if place is not None and status:
                    self._tidy(*place)
                if not self._keepers and how == 0:
                    return

    def _tidy(self, directory: str, name: str) -> None:
        """Kill and remove what a keeper that did not end by itself has left."""
        for orphan in set(descendants(os.getpid())) - self._kept():
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
        for group in cgroups.leftovers(name):
            group.remove()
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
    name = names.of(os.getpid())
    group = cgroups.make(name, message["limits"]["memory"], message["limits"]["pids"]) if message["group"] else None
    root = Path(message["directory"]) / name
    held = None
    try:
        try:
            box, held = _made(message, group, root)
        except OSError as error:
            wire.send(connection, {"said": error.strerror or str(error)})
            return
        facts = {
            "root": box.root, "dropped": box.uid is not None, "filtered": bool(box.program),
            "grouped": sorted(group.places) if group is not None else [],
        }  # fmt: skip
        wire.send(connection, {"said": "", **facts})
        Keeper(connection, box, held.process if held is not None else 0).serve()
    finally:
        if held is not None:
            holder.end(held.process)
        if group is not None:
            group.remove()
        files.remove(str(root))
        connection.close()


def _made(message: Mapping[str, Any], group: cgroups.Group | None, root: Path) -> tuple[Box, holder.Holder | None]:
    uid = _FIRST_USER + secrets.randbelow(_USERS) if message["drop"] and os.geteuid() == 0 else None
    here = seccomp.machine(os.uname().machine)
    limits = {**message["limits"], "pids_before": 0 if os.geteuid() == 0 else _tasks_of_user()}
    box = Box(str(root), uid, limits, group)
    if here is not None:
        box = replace(box, call=here.seccomp, program=seccomp.program(here))
    if not message["bwrap"]:
        root.mkdir(mode=0o700)
        return _owned(box, message["probe"]), None
    user = os.geteuid() if uid is None else uid
    held = holder.start(message["bwrap"], [text.format(uid=user) for text in message["data"]])
    box = replace(box, root=message["root"], namespaces=held.namespaces, pids=held.pids)
    if wrong := holder.bounded(held, message["inodes"]):
        holder.end(held.process)
        raise OSError(wrong)
    return box, held


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
