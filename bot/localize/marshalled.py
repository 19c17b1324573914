"""Reads the part of Python's marshal format that cProfile's files consist of: text, numbers, tuples and dictionaries.

The interpreter's own reader runs bytes of strangers on trust; this one knows no code objects and has bounds.
"""

import struct
from typing import Any

DEEPEST = 8
MOST_DIGITS = 8
"""Of a number, in base 32768: none in a profile is longer."""
FLAG = 0x80
SCALARS = (str, bytes, int, float, type(None))


def loads(data: bytes) -> Any:
    """Return the value that `data` holds; ValueError for anything that is not of these kinds."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.left:
        message = "there is more behind the end"
        raise ValueError(message)
    return value


class _Reader:
    """A place in the bytes, and the values that later ones refer to."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._seen: list[Any] = []

    @property
    def left(self) -> int:
        """The number of bytes that were not read."""
        return len(self._data) - self._at

    def value(self, depth: int) -> Any:
        """Read one value."""
        code = self._take(1)[0]
        kind, kept = chr(code & ~FLAG), bool(code & FLAG)
        if depth > DEEPEST:
            message = "it is nested too deeply"
            raise ValueError(message)
        if kind == "r":
            return self._reference()
        place = len(self._seen)
        if kept:
            self._seen.append(None)
        found = self._dictionary(depth) if kind == "{" else self._other(kind, depth)
        if kept:
            self._seen[place] = found
        return found

    def _other(self, kind: str, depth: int) -> Any:
        if kind in "()":
            size = self._number() if kind == "(" else self._take(1)[0]
            if not 0 <= size <= self.left:
                message = "a tuple is cut off"
                raise ValueError(message)
            return tuple(self.value(depth + 1) for _ in range(size))
        if kind in "zZ":
            return self._take(self._take(1)[0]).decode("ascii")
        if kind in "aAtus":
            body = self._take(self._number())
            return body if kind == "s" else body.decode("utf-8", "surrogatepass")
        return self._scalar(kind)

    def _scalar(self, kind: str) -> Any:
        if kind == "i":
            return self._number()
        if kind == "g":
            return struct.unpack("<d", self._take(8))[0]
        if kind == "l":
            digits = self._number()
            if abs(digits) > MOST_DIGITS:
                message = "a number is too long"
                raise ValueError(message)
            body = struct.unpack(f"<{abs(digits)}H", self._take(2 * abs(digits)))
            total = sum(digit << (15 * place) for place, digit in enumerate(body))
            return -total if digits < 0 else total
        if kind in "NTF":
            return {"N": None, "T": True, "F": False}[kind]
        message = f"it holds a value of another kind ({kind!r})"
        raise ValueError(message)

    def _dictionary(self, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while self._peek() != "0":
            key = self.value(depth + 1)
            if not (isinstance(key, SCALARS) or (isinstance(key, tuple) and all(isinstance(x, SCALARS) for x in key))):
                message = "a key is no text, number or tuple of them"
                raise ValueError(message)
            found[key] = self.value(depth + 1)
        self._take(1)
        return found

    def _reference(self) -> Any:
        place = self._number()
        if not 0 <= place < len(self._seen):
            message = "it refers to nothing"
            raise ValueError(message)
        return self._seen[place]

    def _peek(self) -> str:
        if not self.left:
            message = "it is cut off"
            raise ValueError(message)
        return chr(self._data[self._at])

    def _number(self) -> int:
        return int(struct.unpack("<i", self._take(4))[0])

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            message = "it is cut off"
            raise ValueError(message)
        self._at += size
        return self._data[self._at - size : self._at]
