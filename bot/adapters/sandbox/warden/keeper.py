"""The process that owns one box: parent of all that runs there, and the one that cleans up when the bot is gone."""

import contextlib
import errno
import os
import select
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import files, kernel, wire
from .box import Box, fork, heard, inside
from .program import become
from .sweep import kill, sweep
from .waiting import run_delay

_LAYING = 300.0
_OPENING = 5.0


@dataclass(slots=True)
class Job:
    """One started program: the connection on which its end is told, and whether we have killed it.

    When the program began, it was `started`, and its process had spent CPU seconds and waited for a core.
    """

    connection: socket.socket
    sweeps: bool
    kills_before: int
    started: float
    spent: float
    waited: float
    killed: bool = False


class Keeper:
    """Answers the requests of one box, one after another; `holder` is the process that keeps its namespaces, or 0."""

    def __init__(self, connection: socket.socket, box: Box, holder: int = 0) -> None:
        kernel.become_subreaper()
        self._connection = connection
        self._box = box
        self._holder = holder
        self._jobs: dict[int, Job] = {}
        self._late = 0.0
        self._lost = False
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._wake = woken_by_children()
        self._poll.register(self._wake, select.POLLIN)

    def serve(self) -> None:
        """Serve until the bot closes the connection or is gone; then kill what is left."""
        with contextlib.suppress(ConnectionError):
            while self._once():
                pass
        for process, job in self._jobs.items():
            job.killed = True
            kill(process)
        sweep(self._box, self._holder, self._reap)

    def _once(self) -> bool:
        before = run_delay("thread-self")
        ready = {descriptor for descriptor, _ in self._poll.poll()}
        self._late = run_delay("thread-self") - before
        if self._wake in ready:
            os.read(self._wake, 4096)
        self._reap()
        for process, job in list(self._jobs.items()):
            if job.connection.fileno() in ready:
                self._stop(process, job)
        if self._connection.fileno() not in ready:
            return True
        received = wire.receive(self._connection)
        if received is None:
            return False
        self._answer(*received)
        return True

    def _answer(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        try:
            match message["op"]:
                case "start":
                    self._start(message, descriptors)
                case "open":
                    self._open(str(message["name"]))
                case "lay":
                    wire.send(self._connection, {"said": self._lay(descriptors[0])})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _lay(self, descriptor: int) -> str:
        def laid() -> None:
            os.umask(0o022)
            with open(os.dup(descriptor), "rb") as stream:
                files.lay(self._box.root, stream)

        return inside(self._box, laid, _LAYING)

    def _open(self, name: str) -> None:
        def found() -> None:
            descriptor = files.opened(self._box.root, name)
            wire.send(self._connection, {"said": ""}, [descriptor])

        if wrong := inside(self._box, found, _OPENING).strip():
            wire.send(self._connection, {"said": wrong})

    def _start(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        *streams, job = descriptors
        connection = socket.socket(fileno=os.dup(job))
        read, write = os.pipe()
        kills = self._box.group.kills() if self._box.group is not None else 0
        child = -1
        if self._lost:
            os.write(write, f"\n{errno.EBUSY}\nprocesses of an earlier run could not be ended".encode())
        else:
            try:
                child = fork(self._box)
            except OSError as error:  # the first process of its namespace is gone
                os.write(write, f"\n{error.errno}\nthe box is gone".encode())
        if child == 0:
            try:
                become(self._box, message, streams, write)
            finally:
                os._exit(127)
        os.close(write)
        started, *wrong = heard(read, child).decode("utf-8", "replace").split("\n")
        if wrong or not started:
            if child > 0:
                os.waitpid(child, 0)
            code, sentence = wrong or ("0", "it was killed before it began")
            _told(connection, {"error": int(code), "said": sentence})
            connection.close()
            return
        _told(connection, {"pid": child})
        began, spent, waited = map(float, started.split())
        self._jobs[child] = Job(connection, bool(message["sweeps"]), kills, began, spent, waited)
        self._poll.register(connection, select.POLLIN)

    def _stop(self, process: int, job: Job) -> None:
        """Kill a program because the bot has closed its side: a deadline, or a driver that is not needed any more."""
        if process not in self._jobs:
            return
        job.killed = True
        self._poll.unregister(job.connection)
        kill(process)
        if job.sweeps or len(self._jobs) == 1:
            self._sweep()

    def _sweep(self) -> None:
        """Kill what is left in the box; where something would not go, nothing is started there any more."""
        self._lost = not sweep(self._box, self._holder, self._reap) or self._lost

    def _reap(self) -> None:
        """Collect every child that has ended, and tell the ends of programs."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                ended = time.perf_counter()
                waited = run_delay(str(found.si_pid))  # until it is reaped, the kernel still knows
                _, status, usage = os.wait4(found.si_pid, 0)
                job = self._jobs.pop(found.si_pid, None)
                if job is None:
                    continue
                # What a driver leaves behind cannot be told from what others have started: the last one takes it along.
                if job.sweeps or not self._jobs:
                    self._sweep()
                kills = self._box.group.kills() if self._box.group is not None else 0
                _told(job.connection, {
                    "code": os.waitstatus_to_exitcode(status), "killed": job.killed, "oom": kills > job.kills_before,
                    "seconds": ended - job.started, "cpu": max(usage.ru_utime + usage.ru_stime - job.spent, 0.0),
                    "peak": usage.ru_maxrss * 1024, "waited": max(waited - job.waited, 0.0) + self._late,
                })  # fmt: skip
                if not job.killed:
                    self._poll.unregister(job.connection)
                job.connection.close()


def _told(connection: socket.socket, message: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):  # whoever asked may be gone
        wire.send(connection, message)


def woken_by_children() -> int:
    """Return a descriptor that becomes readable when a child ends."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read
