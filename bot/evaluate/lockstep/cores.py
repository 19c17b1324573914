"""Which processor cores a measurement owns, agreed between all processes of the bot on a host by file locks.

The core that is timed on is locked for one holder; cores for everything else are shared, and never timed on meanwhile.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL = 0.2
_MANY = 4


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
        spare = _spare([number for number in numbers if number != bench], folder, held)
        yield Cores(bench, bench if spare is None else spare)


@contextlib.contextmanager
def rest(waiting: Callable[[], None], directory: Path | None = None) -> Iterator[tuple[int, ...]]:
    """Hold the cores for what is not timed, shared with others like it; `waiting` is called once if none is to be had.

    Those with the highest numbers, which measurements take first, are left to them: one, or two of four and more.
    """
    folder = directory or Path(tempfile.gettempdir())
    numbers = available()
    left = 0 if len(numbers) == 1 else 1 if len(numbers) < _MANY else 2
    numbers = numbers[: len(numbers) - left]
    with contextlib.ExitStack() as held:
        shared = _shared(numbers, folder, held)
        if not shared:
            waiting()
        while not shared:
            time.sleep(_POLL)
            shared = _shared(numbers, folder, held)
        yield shared


def _shared(numbers: Sequence[int], folder: Path, held: contextlib.ExitStack) -> tuple[int, ...]:
    return tuple(number for number in numbers if _hold(number, folder, held, alone=False) is not None)


def _first_free(numbers: Sequence[int], folder: Path, held: contextlib.ExitStack) -> int | None:
    return next((number for number in numbers if _hold(number, folder, held, alone=True) is not None), None)


def _spare(numbers: Sequence[int], folder: Path, held: contextlib.ExitStack) -> int | None:
    """Take a core of which nobody else starts processes, and let what is not timed run there as well."""
    import fcntl

    for number in numbers:
        descriptor = _hold(number, folder, held, alone=True)
        if descriptor is not None:
            with contextlib.suppress(BlockingIOError):  # somebody was between the two locks
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return number
    return None


def _hold(number: int, folder: Path, held: contextlib.ExitStack, *, alone: bool) -> int | None:
    descriptor = _locked(folder / f"hotlap-core-{number}.lock", alone=alone)
    if descriptor is not None:
        held.callback(os.close, descriptor)
    return descriptor


def _locked(path: Path, *, alone: bool) -> int | None:
    """Return a descriptor that holds the lock, alone or with others, or None where it is not to be had."""
    import fcntl  # not on every system; nothing else of the bot needs it

    with contextlib.suppress(FileExistsError, PermissionError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o644))
    # Read access is enough to lock, so that another user's file serves as well.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
