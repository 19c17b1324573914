"""The bot's side of the warden: its process, and the boxes that are asked of it."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.sandbox.opened import GONE, PATIENCE, OpenBox
from bot.adapters.sandbox.warden import wire
from bot.domain.errors import SandboxError

_CODE = "import sys; sys.path.append(sys.argv[1]); from warden.serve import main; main(int(sys.argv[2]))"


@dataclass(frozen=True, slots=True)
class Box:
    """What a box may use and how it is made; `bwrap` is empty for one without namespaces.

    `drop` asks for a user of its own, which must be able to run `probe`; `data` is what bubblewrap reads,
    with "{uid}" for the user; `inodes` bounds the number of files in the file systems that it makes.
    """

    directory: str
    limits: Mapping[str, int]
    drop: bool = True
    group: bool = True
    probe: Sequence[str] = ()
    bwrap: Sequence[str] = ()
    data: Sequence[str] = ()
    root: str = ""
    inodes: Mapping[str, int] = field(default_factory=dict)


class Warden:
    """The helper process of this bot, started when it is first needed; it ends when this object does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._end: Callable[[], object] | None = None
        self._spares: list[tuple[Box, socket.socket]] = []

    def open(self, wanted: Box, *, another: bool = False) -> OpenBox:
        """Have a box made; SandboxError with the reason where that fails.

        With `another` there is one more like it afterwards, or on its way: who asks for such a one next finds it made.
        """
        spare = self._spare(wanted)
        found = None if spare is None else _stands(spare)
        found = found or OpenBox(self._begun(wanted))
        if another and not self._spares:
            with contextlib.suppress(SandboxError):  # who needs it will be told
                self._spares.append((wanted, self._begun(wanted)))
        return found

    def _spare(self, wanted: Box) -> socket.socket | None:
        """Return the connection of a box like `wanted` that is made or on its way; others are let go."""
        with self._lock:
            fit = next((one for one in self._spares if one[0] == wanted), None)
            unfit = [one for one in self._spares if one[0] != wanted]
            self._spares[:] = [one for one in self._spares if one not in unfit and one is not fit]
        for _, connection in unfit:
            connection.close()
        return None if fit is None else fit[1]

    def _begun(self, wanted: Box) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask({**_plain(wanted)}, theirs.fileno())
        return ours

    def _ask(self, message: Mapping[str, Any], descriptor: int) -> None:
        with self._lock:
            for fresh in (False, True):
                try:
                    wire.send(self._connected(afresh=fresh), message, [descriptor])
                except OSError as error:
                    if fresh:
                        raise SandboxError(GONE) from error
                else:
                    return

    def _connected(self, *, afresh: bool) -> socket.socket:
        if self._connection is None or afresh:
            if self._end is not None:
                self._end()
            self._connection, process = _started()
            self._spares.clear()  # they ended with the process that they were asked of
            self._end = weakref.finalize(self, _ended, self._connection, process, self._spares)
        return self._connection


def _stands(connection: socket.socket) -> OpenBox | None:
    """Return a box that was begun with some time ago; None where it is gone, as a new one tells why it cannot be."""
    try:
        found = OpenBox(connection)
    except SandboxError:
        return None
    with contextlib.suppress(BlockingIOError):
        if not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
            found.close()
            return None
    return found


def _plain(wanted: Box) -> Mapping[str, Any]:
    return {
        "directory": wanted.directory, "limits": dict(wanted.limits), "drop": wanted.drop, "group": wanted.group,
        "probe": list(wanted.probe), "bwrap": list(wanted.bwrap), "data": list(wanted.data), "root": wanted.root,
        "inodes": dict(wanted.inodes),
    }  # fmt: skip


def _started() -> "tuple[socket.socket, subprocess.Popen[bytes]]":
    """Start a warden with an empty environment; its last argument is for people: whose warden it is."""
    ours, theirs = socket.socketpair()
    package = str(Path(wire.__file__).parent.parent)
    argv = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _CODE, package, str(theirs.fileno()), str(os.getpid())]
    with theirs:
        try:
            process = subprocess.Popen(
                argv, env=_libraries(), pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"the helper process of the sandbox could not be started: {error}") from error
    return ours, process


def _ended(
    connection: socket.socket, process: "subprocess.Popen[bytes]", spares: Sequence[tuple[Box, socket.socket]]
) -> None:
    """Let a warden end, and bury it; boxes that nobody has taken are let go first, as it waits for them."""
    for _, spare in spares:
        spare.close()
    connection.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)


def _libraries() -> dict[str, str]:
    """Return what the interpreter may need to be started at all; the warden knows nothing else of our environment."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
