"""Which processor cores a measurement owns, agreed between all processes of the bot on a host by file locks."""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_POLL = 0.2


@dataclass(frozen=True, slots=True)
class Cores:
    """`bench` runs the processes that are timed, `spare` starts the next ones; equal where there is one core only."""

    bench: int
    spare: int

    @property
    def overlap(self) -> bool:
        """Whether the next pair can be started while the current one is measured."""
        return self.bench != self.spare


def available() -> tuple[int, ...]:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


@contextlib.contextmanager
def lease(waiting: Callable[[], None], directory: Path | None = None) -> Iterator[Cores]:
    """Hold a core for timing, and a second one where one is free; `waiting` is called once if all are taken.

    Locks are released by the kernel when their process ends, however it ends. Cores with high numbers go first: the
    system's own work tends to stand on the low ones.
    """
    folder = directory or Path(tempfile.gettempdir())
    numbers = available()[::-1]
    with contextlib.ExitStack() as held:
        bench = _first_free(numbers, folder, held)
        if bench is None:
            waiting()
        while bench is None:
            time.sleep(_POLL)
            bench = _first_free(numbers, folder, held)
        spare = _first_free([number for number in numbers if number != bench], folder, held)
        yield Cores(bench, bench if spare is None else spare)


def _first_free(numbers: "tuple[int, ...] | list[int]", folder: Path, held: contextlib.ExitStack) -> int | None:
    for number in numbers:
        descriptor = _locked(folder / f"hotlap-core-{number}.lock")
        if descriptor is not None:
            held.callback(os.close, descriptor)
            return number
    return None


def _locked(path: Path) -> int | None:
    """Return a descriptor that holds the lock, or None where somebody else does."""
    import fcntl  # not on every system; nothing else of the bot needs it

    with contextlib.suppress(FileExistsError, PermissionError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o644))
    # Read access is enough to lock, so that another user's file serves as well.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
