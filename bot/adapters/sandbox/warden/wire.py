"""Messages between the bot and its warden: a length, JSON, and descriptors that travel with the first byte."""

import json
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

_LENGTH = struct.Struct(">I")
_MOST_DESCRIPTORS = 8


def send(connection: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message; OSError where nobody listens any more."""
    body = json.dumps(message).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], list(descriptors))
    connection.sendall(body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return one message and the descriptors that came with it; None where the other side has closed."""
    try:
        head, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, _MOST_DESCRIPTORS)
    except ConnectionResetError:
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    head += _exactly(connection, _LENGTH.size - len(head)) if head else b""
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    body = _exactly(connection, size)
    return (json.loads(body), descriptors) if len(body) == size else None


def _exactly(connection: socket.socket, count: int) -> bytes:
    """Return `count` bytes, fewer only where the other side has closed."""
    parts = []
    while count and (part := connection.recv(min(count, 1 << 16))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
