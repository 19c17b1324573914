"""Length-framed JSON over the driver's own standard streams, which are taken away from the target's code first."""

import json
import os
import struct
import sys

HEADER = struct.Struct(">I")


class Frames:
    """Frames over two file descriptors: four bytes of big-endian length, then JSON in UTF-8."""

    def __init__(self, source, sink):
        self._source = source
        self._sink = sink

    def receive(self):
        """Return the next request as a dict, or None at the end of the stream."""
        head = self._exactly(HEADER.size)
        if head is None:
            return None
        body = self._exactly(HEADER.unpack(head)[0])
        return None if body is None else json.loads(body.decode("utf-8"))

    def send(self, message):
        """Write one message."""
        body = json.dumps(message).encode("utf-8")
        data = memoryview(HEADER.pack(len(body)) + body)
        while data:
            data = data[os.write(self._sink, data) :]

    def _exactly(self, count):
        parts = []
        while count:
            part = os.read(self._source, min(count, 1 << 20))
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def take_over():
    """Move the real standard streams to private descriptors and return frames over them.

    What the target prints goes to standard error, which the supervisor drains and caps; what it reads is empty.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it stays open as long as the process
    return Frames(source, sink)
