"""The hijacked stream of an exec: bytes in, standard output and standard error out, in the daemon's frames.

The format is that of the Engine API for streams without a terminal: one byte for the stream (1 output, 2 error), three
zeros, four bytes of big-endian length, then the bytes. One thread at a time may use a wire.
"""

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Any

from bot.domain.errors import SandboxError

STDOUT, STDERR = 1, 2
Sink = Callable[[int, bytes], None]

_HEADER = struct.Struct(">BxxxI")
_CHUNK = 1 << 16


class Wire:
    """One such stream; reading and writing never block longer than asked, and writing reads what comes meanwhile."""

    def __init__(self, hijacked: Any) -> None:
        found = getattr(hijacked, "_sock", hijacked)
        if not isinstance(found, socket.socket) or isinstance(found, ssl.SSLSocket):
            hijacked.close()
            raise SandboxError(
                "streams need a Docker daemon behind a local socket or plain TCP, not behind TLS or ssh://"
            )
        self._socket: socket.socket = found
        self._hijacked = hijacked
        self._socket.setblocking(False)
        self._buffer = bytearray()
        self._left = 0
        self._kind = 0
        self._ended = False

    def send(self, data: bytes, deadline: float, sink: Sink) -> None:
        """Write `data` and hand to `sink` what arrives meanwhile; TimeoutError at `deadline`, OSError when cut off."""
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                if self._wait(select.POLLIN | select.POLLOUT, deadline) & select.POLLIN:
                    self.take(sink)
                    if self._ended:
                        raise BrokenPipeError from None

    @property
    def over(self) -> bool:
        """Whether the end of the stream was read."""
        return self._ended

    def read(self, deadline: float, sink: Sink) -> bool:
        """Hand to `sink` what arrives next; False at the end of the stream, TimeoutError at `deadline`."""
        while not self.take(sink):
            if self._ended:
                return False
            self._wait(select.POLLIN, deadline)
        return True

    def take(self, sink: Sink) -> bool:
        """Hand to `sink` what has arrived already, without waiting; says whether there was anything."""
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._ended = True
            return False
        self._buffer += data
        self._split(sink)
        return True

    def finish(self) -> None:
        """Say that no more input comes: the program reads the end of its standard input."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of the stream; idempotent. Must come before anything is killed: an unread stream blocks the daemon."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        response = getattr(self._hijacked, "_response", None)
        for one in (response, self._hijacked, self._socket):
            with contextlib.suppress(OSError):
                if one is not None:
                    one.close()
        self._ended = True

    @property
    def alive(self) -> bool:
        """Whether the other end still holds the stream open, as far as can be seen without waiting."""
        self.take(lambda _kind, _data: None)
        return not self._ended

    def _split(self, sink: Sink) -> None:
        buffer = self._buffer
        while buffer:
            if not self._left:
                if len(buffer) < _HEADER.size:
                    return
                self._kind, self._left = _HEADER.unpack_from(buffer)
                del buffer[: _HEADER.size]
                continue
            part = bytes(buffer[: self._left])
            del buffer[: len(part)]
            self._left -= len(part)
            sink(self._kind, part)

    def _wait(self, events: int, deadline: float) -> int:
        poll = select.poll()
        poll.register(self._socket, events)
        left = deadline - time.perf_counter()
        found = poll.poll(left * 1000) if left > 0 else []
        if not found:
            raise TimeoutError
        # A hang-up is seen by the next read or write.
        return found[0][1]
