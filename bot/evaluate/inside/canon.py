"""Canonical bytes of any Python value, so that the supervisor compares answers without touching the target's objects.

Equal bytes mean: same exact types, same values bit for bit (all NaNs alike), same order, same sharing of mutable
parts. Neither `__eq__`, `__hash__` nor `__repr__` of the target is called. Byte order is the machine's: bytes are
only ever compared between processes on one machine.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
import threading
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Set, Tuple

from . import canon_arrays, canon_objects
from .canon_plain import BULKS, DIRECT
from .describe import describe

__all__ = ["Encoder", "TooLarge", "describe", "digest", "encode", "parts"]

NO_LIMIT = 1 << 62
DRAINED_ITEMS = 200_000
_DEEP_STACK = 256 << 20
_DEEP_LIMIT = 100_000
_BULK = 8


class TooLarge(Exception):  # noqa: N818 - a size is not an error
    """The value has more canonical bytes than the caller wants."""


class Encoder:
    """Collects the canonical bytes of values; sharing of mutable objects is seen across all values given to it.

    `opaque` names the types of objects whose content could not be seen. `attributes` holds the attribute names met
    for each class; where `known` has an entry for a class, private attributes outside of it are left out of the
    bytes and named in `extra`.
    """

    def __init__(self, limit: int = NO_LIMIT, known: Optional[Mapping[str, FrozenSet[str]]] = None) -> None:
        self.size = 0
        self.opaque: List[str] = []
        self.attributes: Dict[str, Set[str]] = {}
        self.extra: Set[str] = set()
        self.known = known or {}
        self.limit = limit
        self._parts: List[bytes] = []
        self._seen: Dict[int, Tuple[int, Any]] = {}
        self._buffers: Dict[int, Tuple[int, Any]] = {}
        self._open: Dict[int, int] = {}

    def data(self, since: "Tuple[int, ...]" = (0,)) -> bytes:
        """Return the bytes added since a mark."""
        return b"".join(self._parts[since[0] :])

    def put(self, data: bytes) -> None:
        """Add raw bytes; TooLarge beyond the limit."""
        self.size += len(data)
        if self.size > self.limit:
            raise TooLarge(self.limit)
        self._parts.append(data)

    def text(self, tag: bytes, text: str) -> None:
        """Add a tagged string with its length."""
        data = text.encode("utf-8", "surrogatepass")
        self.put(b"%b%x:" % (tag, len(data)))
        self.put(data)

    def mark(self) -> Tuple[int, int, int, int]:
        """Return a point to which `back_to` returns."""
        return len(self._parts), self.size, len(self._seen), len(self._buffers)

    def back_to(self, mark: Tuple[int, int, int, int]) -> None:
        """Forget everything that was added since `mark`."""
        count, self.size, seen, buffers = mark
        del self._parts[count:]
        self._seen = dict(itertools.islice(self._seen.items(), seen))
        self._buffers = dict(itertools.islice(self._buffers.items(), buffers))
        self._open.clear()

    def value(self, value: Any) -> None:
        """Add any value."""
        kind = type(value)
        direct = DIRECT.get(kind)
        if direct is not None:
            direct(self, value)
        elif not canon_arrays.encode(self, value, kind):
            self._guarded(value, kind)

    def first_visit(self, value: Any) -> bool:
        """Give a mutable object its number; at the second visit write a back-reference and return False."""
        found = self._seen.get(id(value))
        if found is not None:
            self.put(b"@%x;" % found[0])
            return False
        # The object is kept alive: the id of a temporary must not be given to another one.
        self._seen[id(value)] = (len(self._seen), value)
        return True

    def first_visits(self, values: Any) -> bool:
        """Give many mutable objects their numbers at once; False, and nothing done, where one was met before."""
        ids = list(map(id, values))
        if len(set(ids)) != len(ids) or not self._seen.keys().isdisjoint(ids):
            return False
        self._seen.update(zip(ids, zip(itertools.count(len(self._seen)), values)))  # noqa: B905 - Python 3.8
        return True

    def buffer(self, owner: Any) -> None:
        """Write which memory an array looks at, numbered in the order of first sight."""
        found = self._buffers.setdefault(id(owner), (len(self._buffers), owner))
        self.put(b"&%x;" % found[0])

    def items(self, values: Any) -> None:
        """Add a list or tuple of values, in bulk where all are of one plain type."""
        self.put(b"%x:" % len(values))
        if len(values) >= _BULK:
            kinds = set(map(type, values))
            bulk = BULKS.get(kinds.pop()) if len(kinds) == 1 else None
            if bulk is not None and bulk(self, values):
                return
        value = self.value
        for one in values:
            value(one)

    def unordered(self, values: Any) -> None:
        """Add the elements of a set, sorted by their bytes; new sharing inside of elements is forgotten."""
        values = list(values)
        kinds = set(map(type, values))
        if kinds in ({int}, {str}):
            self.items(sorted(values))
            return
        parts = []
        for one in values:
            inner = Encoder(self.limit - self.size, self.known)
            inner._seen, inner._buffers, inner._open = dict(self._seen), dict(self._buffers), dict(self._open)
            inner.opaque, inner.attributes, inner.extra = self.opaque, self.attributes, self.extra
            inner.value(one)
            parts.append(inner.data())
        self.put(b"%x:" % len(parts))
        for part in sorted(parts):
            self.put(b"%x:" % len(part))
            self.put(part)

    def drain(self, name: str, values: Any) -> None:
        """Add what an iterator still yields, up to a bound, and how it ends."""
        self.text(b"I", name)
        count = 0
        try:
            for one in values:
                if count == DRAINED_ITEMS:
                    self.put(b"...")
                    return
                self.put(b",")
                self.value(one)
                count += 1
        except (TooLarge, RecursionError):
            raise
        except Exception as error:
            self.put(b"!")
            self.value(error)
        self.put(b"%x;" % count)

    def _guarded(self, value: Any, kind: type) -> None:
        """Encode an object that is not numbered; a cycle that leads back to it ends in its depth."""
        depth = self._open.get(id(value))
        if depth is not None:
            self.put(b"^%x;" % depth)
            return
        self._open[id(value)] = len(self._open)
        try:
            canon_objects.encode(self, value, kind)
        finally:
            del self._open[id(value)]


def encode(value: Any, limit: int = NO_LIMIT) -> bytes:
    """Return the canonical bytes of `value`; TooLarge where there are more than `limit`."""
    return _encoded(value, Encoder(limit)).data()


def digest(value: Any, limit: int = NO_LIMIT) -> Tuple[str, int, List[str]]:
    """Return the SHA-256 of the canonical bytes in hex, their number, and the type names of opaque parts."""
    encoder = _encoded(value, Encoder(limit))
    return hashlib.sha256(encoder.data()).hexdigest(), encoder.size, encoder.opaque


def parts(
    values: Tuple[Any, ...], limit: int = NO_LIMIT, known: Optional[Mapping[str, FrozenSet[str]]] = None
) -> Tuple[List[bytes], Encoder]:
    """Return the bytes of each of `values`, whose sharing of mutable objects is seen, and the encoder."""
    encoder = Encoder(limit, known)
    made = []
    for value in values:
        start = encoder.mark()
        _encoded(value, encoder)
        made.append(encoder.data(start))
    return made, encoder


def _encoded(value: Any, encoder: Encoder) -> Encoder:
    start = encoder.mark()
    try:
        encoder.value(value)
    except RecursionError:
        encoder.back_to(start)
        _with_deep_stack(lambda: encoder.value(value))
    return encoder


def _with_deep_stack(work: Callable[[], None]) -> None:
    """Run `work` in a thread whose stack takes long chains of objects."""
    failed: List[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_DEEP_STACK)
    sys.setrecursionlimit(_DEEP_LIMIT)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failed:
        raise failed[0]
