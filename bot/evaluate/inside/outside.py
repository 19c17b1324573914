"""What a call does outside of its process: files that it opens for writing, moves or removes, programs that it starts.

An audit hook cannot be taken away again, so there is one for the life of the process; it listens during calls only.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any, Dict, List, Tuple

_MOST_FILES = 200
_MOST_BYTES = 4 << 20
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_MOVES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.bind")


class Listener:
    """Notes paths and starts while it is open."""

    def __init__(self) -> None:
        self._is_open = False
        self._paths: Dict[str, None] = {}
        self._done: List[Tuple[str, ...]] = []
        sys.addaudithook(self._hear)

    def open(self) -> None:
        """Forget what was noted and listen."""
        self._paths, self._done = {}, []
        self._is_open = True

    def close(self) -> Dict[str, str]:
        """Stop listening and return digests of what was done, by kind; "" where nothing was."""
        self._is_open = False
        return {"files": self._files(), "other programs and files": _short(self._done) if self._done else ""}

    def _hear(self, event: str, args: Tuple[Any, ...]) -> None:
        if not self._is_open:
            return
        if event == "open":
            path, mode, flags = (*args, None, None)[:3]
            is_written = isinstance(mode, str) and any(one in mode for one in "wax+")
            if (is_written or (isinstance(flags, int) and flags & _WRITES)) and isinstance(path, (str, bytes)):
                self._note(path)
        elif event in _MOVES:
            found = [one for one in args if isinstance(one, (str, bytes))]
            self._done.append((event, *(_told(one) for one in found)))
            for one in found:
                self._note(one)
        elif event in _STARTS:
            self._done.append((event,))

    def _note(self, path: Any) -> None:
        if len(self._paths) < _MOST_FILES:
            self._paths[os.fsdecode(path)] = None

    def _files(self) -> str:
        return _short([(_told(path), _content(path)) for path in sorted(self._paths)]) if self._paths else ""


def _told(path: Any) -> str:
    """Return a path as both trees would name it."""
    return os.path.relpath(os.path.realpath(os.fsdecode(path)))


def _content(path: str) -> str:
    try:
        if not os.path.isfile(path):
            return "no file"
        with open(path, "rb") as file:
            return hashlib.sha256(file.read(_MOST_BYTES)).hexdigest()
    except OSError as error:
        return type(error).__name__


def _short(found: Any) -> str:
    return hashlib.sha256(repr(found).encode("utf-8", "backslashreplace")).hexdigest()[:32]
