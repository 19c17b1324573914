"""The bot's side of the warden: boxes, programs started in them, and how they ended."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.sandbox.warden import wire
from bot.domain.errors import SandboxError

_CODE = "import sys; sys.path.append(sys.argv[1]); from warden.serve import main; main(int(sys.argv[2]))"
_PATIENCE = 30.0
_GONE = "the helper process of the sandbox is gone"


@dataclass(frozen=True, slots=True)
class Start:
    """A program to start: `cwd` is relative to the tree, `sweeps` says that its end ends everything in the box."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str = ""
    cpus: Sequence[int] = ()
    fixed_layout: bool = False
    sweeps: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, as its parent saw it: `code` is negative for a signal, `killed` says that it was by us.

    `waited_seconds` are those in which its first thread could have run but had no core, and those after its end in
    which it could have been seen but the parent had none. `oom` says that the kernel killed in the box for memory.
    """

    code: int
    killed: bool
    oom: bool
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    waited_seconds: float


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

    def open(self, wanted: Box, *, another: bool = False) -> "OpenBox":
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
                        raise SandboxError(_GONE) from error
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


class OpenBox:
    """One box, for any number of threads. `facts` is what the keeper said of it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # A message is sent in two steps, and answers come in the order of the questions.
        self._turn = threading.Lock()
        try:
            self.facts = self._heard()[0]
        except SandboxError:
            connection.close()
            raise
        self.root = str(self.facts["root"])

    def lay(self, listed: Mapping[str, Any], bodies: Sequence[bytes]) -> None:
        """Write files into the box as `warden.files` reads them; SandboxError where they do not fit."""
        with self._turn:
            said = self._laid(listed, bodies).strip()
        if said:
            raise SandboxError(f"the files could not be laid into the sandbox: {said}")

    def _laid(self, listed: Mapping[str, Any], bodies: Sequence[bytes]) -> str:
        read, write = os.pipe()
        try:
            wire.send(self._connection, {"op": "lay"}, [read])
        except OSError as error:
            os.close(write)
            raise SandboxError(_GONE) from error
        finally:
            os.close(read)
        with contextlib.suppress(BrokenPipeError), open(write, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(json.dumps(listed).encode() + b"\n")
            stream.writelines(bodies)
        return str(self._heard(ok_only=False)[0]["said"])

    def start(self, wanted: Start, streams: Sequence[int]) -> "Program":
        """Start a program with these three descriptors as its streams; OSError where it cannot be started."""
        ours, theirs = socket.socketpair()
        message = {
            "op": "start", "argv": list(wanted.argv), "env": dict(wanted.env), "cwd": wanted.cwd,
            "cpus": list(wanted.cpus), "fixed_layout": wanted.fixed_layout, "sweeps": wanted.sweeps,
        }  # fmt: skip
        with theirs:
            try:
                with self._turn:
                    wire.send(self._connection, message, [*streams, theirs.fileno()])
            except OSError as error:
                ours.close()
                raise SandboxError(_GONE) from error
        ours.settimeout(_PATIENCE)
        try:
            received = wire.receive(ours)
        except TimeoutError:
            received = None
        ours.settimeout(None)
        if received is None or "error" in received[0]:
            ours.close()
        if received is None:
            raise SandboxError(_GONE)
        if "error" in received[0]:
            raise OSError(received[0]["error"], received[0]["said"])
        return Program(int(received[0]["pid"]), ours)

    def take(self, name: str) -> int | None:
        """Return a descriptor of a file below the box's directory, opened with the box's own rights."""
        with self._turn:
            try:
                wire.send(self._connection, {"op": "open", "name": name})
            except OSError as error:
                raise SandboxError(_GONE) from error
            _, descriptors = self._heard(ok_only=False)
        return descriptors[0] if descriptors else None

    def close(self) -> None:
        """Have everything in the box killed and removed, and wait for it; idempotent."""
        if self._connection.fileno() < 0:
            return
        with self._connection, contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(_PATIENCE)
            while self._connection.recv(1 << 12):
                pass

    def _heard(self, *, ok_only: bool = True) -> tuple[dict[str, Any], list[int]]:
        received = wire.receive(self._connection)
        if received is None:
            raise SandboxError(_GONE)
        if ok_only and received[0]["said"]:
            raise SandboxError(f"the sandbox could not be made: {received[0]['said']}")
        return received


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


@dataclass(slots=True)
class Program:
    """A running program; its end is told once, and whoever asks gets it: one thread may kill what another waits for."""

    pid: int
    _connection: socket.socket
    _ended: Ended | None = field(default=None)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, seconds: float) -> Ended | None:
        """Wait up to `seconds` for its end; None where it still runs. SandboxError where nobody can tell any more."""
        if not self._lock.acquire(timeout=max(seconds, 0.0)):
            return None
        try:
            return self._heard(seconds)
        finally:
            self._lock.release()

    def _heard(self, seconds: float) -> Ended | None:
        if self._ended is not None:
            return self._ended
        if self._connection.fileno() < 0:
            raise SandboxError(_GONE)
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        if not poll.poll(max(seconds, 0.0) * 1000):
            return None
        received = wire.receive(self._connection)
        self._connection.close()
        if received is None:
            raise SandboxError(_GONE)
        found = received[0]
        self._ended = Ended(
            int(found["code"]), bool(found["killed"]), bool(found["oom"]), float(found["seconds"]),
            float(found["cpu"]), int(found["peak"]), float(found["waited"]),
        )  # fmt: skip
        return self._ended

    def kill(self) -> Ended | None:
        """Kill it, with its descendants, and wait until it is reaped; None where nobody says so in time.

        Where its keeper is gone, it went with it.
        """
        if self._ended is None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(SandboxError):
            return self.wait(_PATIENCE)
        return None


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
        process.wait(_PATIENCE)


def _libraries() -> dict[str, str]:
    """Return what the interpreter may need to be started at all; the warden knows nothing else of our environment."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
