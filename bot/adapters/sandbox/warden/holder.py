"""A bubblewrap process that keeps a box's namespaces open; programs enter them and are not its children."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from . import kernel

_ENTERED = ("mnt", "net", "ipc", "uts")
# The first process of the namespace: it echoes one line to say that the box stands, and ends when we do.
_STAY = "cat"
_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Holder:
    """A started bubblewrap: its process, the pipe that holds the box, the namespaces to enter in their order."""

    process: int
    pipe: IO[bytes]
    namespaces: tuple[int, ...]
    pids: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Starting:
    """A bubblewrap at work, and the pipe on which it says which process is the first of the box."""

    process: "subprocess.Popen[bytes]"
    told: int


def start(command: Sequence[str], data: Sequence[str]) -> Starting:
    """Start bubblewrap; in `command`, "{0}" and so on stand for descriptors from which it reads `data`."""
    given = [_readable(text) for text in data]
    told, tell = os.pipe()
    argv = [part.format(*given) if part.startswith("{") else part for part in command]
    # It inherits every orphan of the box; where SIGCHLD is ignored, the kernel buries them. Set here and not between
    # fork and exec: without code of ours there, the process is started by vfork, in half the time.
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [*argv, "--info-fd", str(tell), "--", _STAY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[*given, tell],
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
    finally:
        signal.signal(signal.SIGCHLD, before)
    for descriptor in [*given, tell]:
        os.close(descriptor)
    return Starting(process, told)


def stood(starting: Starting) -> Holder:
    """Wait until the box stands; OSError with bubblewrap's own words where it does not come up."""
    return _held(starting.process, _inner(starting.process, starting.told))


def bound(held: Holder, inodes: Mapping[str, int]) -> None:
    """Bound the number of files in the box's own file systems; OSError where that is refused."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            kernel.enter(held.namespaces[: len(_ENTERED)])
            for place, count in inodes.items():
                kernel.remount(place, f"nr_inodes={count}")
            os.write(write, b" ")
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        raise OSError("the number of files in the box could not be bounded")


def end(process: int) -> None:
    """Kill a holder, and with it every process and every file in its namespaces."""
    with contextlib.suppress(OSError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _inner(process: "subprocess.Popen[bytes]", told: int) -> int:
    """Return the first process of the namespaces, as it is numbered here, once it says that it is ready."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise OSError("a stream of bubblewrap is missing")
    with open(told, "rb") as info, process.stdout as out, process.stderr as errors:
        said = _until(info, b"}")
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(b"ready\n")
            process.stdin.flush()
        if out.readline() != b"ready\n":
            raise OSError(errors.read().decode("utf-8", "replace").strip()[:_SENTENCE] or "bubblewrap ended")
        return int(json.loads(said)["child-pid"])


def _until(stream: IO[bytes], end: bytes) -> bytes:
    """Read up to `end`, or to the stream's."""
    said = b""
    while not said.endswith(end) and (part := stream.read(1)):
        said += part
    return said


def _held(process: "subprocess.Popen[bytes]", inner: int) -> Holder:
    if process.stdin is None:
        raise OSError("a stream of bubblewrap is missing")
    opened = {kind: os.open(f"/proc/{inner}/ns/{kind}", os.O_RDONLY) for kind in (*_ENTERED, "pid")}
    if os.geteuid() == 0:
        outside = os.open("/proc/self/ns/pid", os.O_RDONLY)
    else:
        # Its owner is almighty in a user namespace, and needs to be in it to enter what belongs to it. There is no way
        # back: from now on, every process that is forked here belongs to the box.
        kernel.enter([kernel.owner(opened["mnt"]), opened["pid"]])
        outside = -1
        # The one in which nobody is root and no other can be made lies inside of that one.
        opened["user"] = os.open(f"/proc/{inner}/ns/user", os.O_RDONLY)
    entered = tuple(opened[kind] for kind in (*_ENTERED, "user") if kind in opened)
    return Holder(process.pid, process.stdin, entered, (opened["pid"], outside))


def _readable(text: str) -> int:
    read, write = os.pipe()
    os.write(write, text.encode())
    os.close(write)
    return read
