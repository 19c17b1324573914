"""A daemon's socket that misbehaves: silent, full, or cut off from the real one in the middle."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

VERSION = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\nConnection: close\r\n\r\n"
    b'{"ApiVersion": "1.41"}'
)
FULL = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 80\r\n"
    b'Connection: close\r\n\r\n{"message":"mkdir /var/lib/docker/overlay2/0a1b-init: no space left on device  "}'
)


@contextlib.contextmanager
def listening(path: Path, serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection to a socket at `path` in a thread of its own; yields the daemon's address."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(64)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"unix://{path}"
    finally:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    """Answer the n-th request of all connections with the n-th answer, and later ones with the last; b"" is silence."""
    left = list(answers)
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if not connection.recv(1 << 16):
                return
            with lock:
                answer = left.pop(0) if len(left) > 1 else left[0]
            if answer:
                connection.sendall(answer)
            else:
                connection.recv(1)  # until the client gives up

    return serve


class Cable:
    """Connects to the real daemon until it is cut: then every connection ends, and new ones do at once."""

    def __init__(self, real: str) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._is_cut = False

    def serve(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            with self._lock:
                if self._is_cut:
                    return
                far.connect(self._real)
                self._ends += [near, far]
            back = threading.Thread(target=_copy, args=(far, near), daemon=True)
            back.start()
            _copy(near, far)
            back.join()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
