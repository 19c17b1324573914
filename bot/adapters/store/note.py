"""A run's note of what it has not told other jobs yet; it stays where the run ends early, for the next one to take up.

Each is locked for as long as its run lives: what somebody still works on is nobody else's.
"""

import contextlib
import fcntl
import json
import os
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from bot.adapters.store.columns import instant


class Note:
    """One such file, open and locked: a line of JSON with the time since when nothing is told, then a key a line."""

    def __init__(self, place: Path, descriptor: int) -> None:
        self._place = place
        self._descriptor = descriptor
        self._closed = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def new(cls, folder: Path, since: str, heard: Sequence[str]) -> "Note":
        """Make a note in `folder`; `since` is ISO 8601, `heard` are keys of feedback."""
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, place = tempfile.mkstemp(dir=folder, prefix=".")
        note = cls(Path(place), descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for line in (since, *heard):
            note.add(line)
        # Nobody sees it before it is locked.
        note._place = note._place.rename(folder / f"{Path(place).name[1:]}.jsonl")
        return note

    def add(self, line: str) -> None:
        """Write one more line, and to the disk."""
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")
        os.fsync(self._descriptor)

    def read(self) -> tuple[str, list[str]]:
        """Return since when nothing is told, "" where that was not written whole, and the keys."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        found: list[str] = []
        with os.fdopen(os.dup(self._descriptor), "rb") as file, contextlib.suppress(ValueError):
            found += [str(json.loads(line)) for line in file]
        with contextlib.suppress(ValueError, IndexError):
            instant(found[0])
            return found[0], found[1:]
        return "", []

    def remove(self) -> None:
        """Take it away: all of it has been kept."""
        self._place.unlink(missing_ok=True)
        self._closed()


def left(folder: Path) -> list[Note]:
    """Return the notes in `folder` of runs that have ended, locked for this one."""
    found = []
    for place in sorted(folder.glob("*.jsonl")):
        try:
            descriptor = os.open(place, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # its run has just taken it away
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            found.append(Note(place, descriptor))
    return found
