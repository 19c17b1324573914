"""A bubblewrap process that keeps a box's namespaces open; programs enter them and are not its children."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import kernel

_ENTERED = ("mnt", "net", "ipc", "uts")
# The first process of the namespace inherits every orphan; one that ignores SIGCHLD need not wait for them.
_STAY = ("sh", "-c", "trap '' CHLD; echo ready; exec sleep 2147483647")
_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Holder:
    """A started bubblewrap: its process here, and the namespaces to enter in their order."""

    process: int
    namespaces: tuple[int, ...]
    pids: tuple[int, int]


def start(command: Sequence[str], data: Sequence[str]) -> Holder:
    """Start bubblewrap and wait until the box stands; OSError with its own words where it does not come up.

    In `command`, "{0}" and so on stand for descriptors from which it reads `data`.
    """
    given = [_readable(text) for text in data]
    told, tell = os.pipe()
    argv = [part.format(*given) if part.startswith("{") else part for part in command]
    process = subprocess.Popen(
        [*argv, "--info-fd", str(tell), "--", *_STAY],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[*given, tell],
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    for descriptor in [*given, tell]:
        os.close(descriptor)
    try:
        return _held(process.pid, _inner(process, told))
    except OSError:
        end(process.pid)
        raise


def bounded(held: Holder, inodes: Mapping[str, int]) -> str:
    """Bound the number of files in the box's own file systems; returns "" or what went wrong."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            kernel.enter(held.namespaces)
            for place, count in inodes.items():
                kernel.remount(place, f"nr_inodes={count}")
            os.write(write, b" ")
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return "" if said else "the number of files could not be bounded"


def end(process: int) -> None:
    """Kill a holder, and with it every process and every file in its namespaces."""
    with contextlib.suppress(OSError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _inner(process: "subprocess.Popen[bytes]", told: int) -> int:
    """Return the first process of the namespaces, as it is numbered here, once it says that it is ready."""
    if process.stdout is None or process.stderr is None:
        raise OSError("a stream of bubblewrap is missing")
    with open(told, "rb") as info, process.stdout as out, process.stderr as errors:
        said = b"".join(iter(lambda: info.read(1), b"}"))
        if out.readline() != b"ready\n":
            raise OSError(errors.read().decode("utf-8", "replace").strip()[:_SENTENCE] or "bubblewrap ended")
        return int(json.loads(said + b"}")["child-pid"])


def _held(process: int, inner: int) -> Holder:
    opened = {kind: os.open(f"/proc/{inner}/ns/{kind}", os.O_RDONLY) for kind in (*_ENTERED, "pid")}
    if os.geteuid() != 0:
        # Its owner is almighty in a user namespace, and needs to be in it to enter what belongs to it.
        kernel.enter([kernel.owner(opened["mnt"])])
    outside = os.open("/proc/self/ns/pid", os.O_RDONLY)
    return Holder(process, tuple(opened[kind] for kind in _ENTERED), (opened["pid"], outside))


def _readable(text: str) -> int:
    read, write = os.pipe()
    os.write(write, text.encode())
    os.close(write)
    return read
