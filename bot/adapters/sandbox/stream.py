"""Streams of processes that may print anything, without end: always drained, never kept whole."""

import os
import re
import threading

_UNSAFE = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]")
_CHUNK = 1 << 16


class Capped:
    """Keeps the head and the tail of a stream, together at most `limit` bytes, and counts the rest."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total += len(chunk)
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if chunk:
            self._tail += chunk
            if len(self._tail) > 2 * self._half:
                del self._tail[: -self._half]

    def value(self) -> bytes:
        """Return what was kept, with a line that says how much is missing."""
        tail = bytes(self._tail[-self._half :])
        missing = self.total - len(self._head) - len(tail)
        if missing <= 0:
            return bytes(self._head) + tail
        return bytes(self._head) + f"\n[... {missing} bytes left out ...]\n".encode() + tail


class Drain(threading.Thread):
    """Reads a file descriptor to its end in the background, so that its writer never blocks; owns the descriptor."""

    def __init__(self, descriptor: int, limit: int) -> None:
        super().__init__(daemon=True)
        self._descriptor = descriptor
        self.kept = Capped(limit)

    def run(self) -> None:
        """Read until the last writer has closed its end."""
        try:
            while chunk := os.read(self._descriptor, _CHUNK):
                self.kept.add(chunk)
        finally:
            os.close(self._descriptor)


def printable(data: bytes) -> str:
    """Return bytes of unknown origin as text without control characters, escapes or invalid code points."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", data.decode("utf-8", "replace"))
