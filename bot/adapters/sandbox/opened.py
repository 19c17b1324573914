"""One box of the warden from the bot's side: files laid into it, programs started in it, and how they ended."""

import contextlib
import json
import os
import select
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.sandbox.warden import wire
from bot.domain.errors import SandboxError

PATIENCE = 30.0
"""Seconds that a helper process is waited for."""
GONE = "the helper process of the sandbox is gone"


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
            raise SandboxError(GONE) from error
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
                raise SandboxError(GONE) from error
        ours.settimeout(PATIENCE)
        try:
            received = wire.receive(ours)
        except TimeoutError:
            received = None
        ours.settimeout(None)
        if received is None or "error" in received[0]:
            ours.close()
        if received is None:
            raise SandboxError(GONE)
        if "error" in received[0]:
            raise OSError(received[0]["error"], received[0]["said"])
        return Program(int(received[0]["pid"]), ours)

    def take(self, name: str) -> int | None:
        """Return a descriptor of a file below the box's directory, opened with the box's own rights."""
        with self._turn:
            try:
                wire.send(self._connection, {"op": "open", "name": name})
            except OSError as error:
                raise SandboxError(GONE) from error
            _, descriptors = self._heard(ok_only=False)
        return descriptors[0] if descriptors else None

    def close(self) -> None:
        """Have everything in the box killed and removed, and wait for it; idempotent."""
        if self._connection.fileno() < 0:
            return
        with self._connection, contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(PATIENCE)
            while self._connection.recv(1 << 12):
                pass

    def _heard(self, *, ok_only: bool = True) -> tuple[dict[str, Any], list[int]]:
        received = wire.receive(self._connection)
        if received is None:
            raise SandboxError(GONE)
        if ok_only and received[0]["said"]:
            raise SandboxError(f"the sandbox could not be made: {received[0]['said']}")
        return received


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
            raise SandboxError(GONE)
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        if not poll.poll(max(seconds, 0.0) * 1000):
            return None
        received = wire.receive(self._connection)
        self._connection.close()
        if received is None:
            raise SandboxError(GONE)
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
            return self.wait(PATIENCE)
        return None
