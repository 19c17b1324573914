"""Changes to arguments that keep their types: the way from captured calls to calls that nobody has seen."""

from __future__ import annotations

import collections
import dataclasses
import random
import sys
from typing import Any, Dict, List, Optional, Tuple

from . import pickling
from .canon_objects import attributes
from .changes import CHANGES, EDGES, of_library

_DEPTH = 5
_POOLED = 300
_POOL_DEPTH = 4
_COPIED_BYTES = 1 << 20
_ATOMS = (type(None), bool, int, float, complex, str, bytes)


class Pool:
    """Values seen in captured calls, by exact type and make-up, from which parts are recombined."""

    def __init__(self) -> None:
        self._values: Dict[Any, List[Any]] = collections.defaultdict(list)
        self.alphabet = ""

    def add(self, value: Any, depth: int = 0) -> None:
        """Take a value and its parts."""
        kind = type(value)
        found = self._values[_make_up(value)]
        if len(found) < _POOLED:
            found.append(value)
            if kind is str and len(self.alphabet) < _POOLED:
                self.alphabet += value[:20]
        if depth < _POOL_DEPTH:
            for part in _some_parts(value):
                self.add(part, depth + 1)

    def other(self, value: Any, draw: random.Random) -> Any:
        """Return a copy of a seen value of the same type, or `value` where none can be had."""
        found = draw.choice(self._values.get(_make_up(value)) or [value])
        if isinstance(found, _ATOMS):
            return found
        try:
            return pickling.loads(pickling.dumps(found, _COPIED_BYTES))
        except Exception:
            return value


def _make_up(value: Any) -> Any:
    """Return what two values must have in common to stand for each other: type, and types of parts or keys."""
    kind = type(value)
    if isinstance(value, dict):
        keys = list(dict.keys(value))[:20]
        return kind, frozenset(keys) if set(map(type, keys)) == {str} else frozenset(map(type, keys))
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return kind, frozenset(map(type, list(value)[:20]))
    return kind


def _some_parts(value: Any) -> List[Any]:
    if isinstance(value, dict):
        return [*list(value)[:20], *list(value.values())[:20]]
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return list(value)[:20]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, one.name, None) for one in dataclasses.fields(value)]
    return []


class Mutation:
    """One change of one value somewhere inside; `said` tells where and what."""

    def __init__(self, draw: random.Random, pool: Pool, *, edge: bool) -> None:
        self._draw = draw
        self._pool = pool
        self._edge = edge
        self.said = ""

    def of(self, value: Any, where: str = "", depth: int = 0) -> Any:
        """Return `value` with one change; containers are copied, and the value itself where nothing can change."""
        deeper = self._deeper(value, depth)
        if deeper is not None:
            return self._inside(value, where, depth, deeper)
        change = (EDGES if self._edge else CHANGES).get(type(value), of_library(value, edge=self._edge))
        if change is None:
            self.said = f"{where}: another {type(value).__name__} that was seen"
            return self._pool.other(value, self._draw)
        made, said = change(value, self._draw, self._pool)
        self.said = f"{where}: {said}"
        return made

    def _deeper(self, value: Any, depth: int) -> "Optional[List[Any]]":
        """Return the parts to choose from where the change should happen inside of `value`."""
        if depth >= _DEPTH or not value_has_parts(value):
            return None
        opaque = type(value) not in CHANGES
        return _names(value) if opaque or self._draw.random() < 0.55 else None

    def _inside(self, value: Any, where: str, depth: int, names: "List[Any]") -> Any:
        name = self._draw.choice(names)
        if dataclasses.is_dataclass(value):
            part = self.of(getattr(value, name), f"{where}.{name}", depth + 1)
            # The copy is ours: frozen instances may be changed past their own guard.
            object.__setattr__(value, name, part)
            return value
        part = self.of(value[name], f"{where}[{_label(name)}]", depth + 1)
        if isinstance(value, tuple):
            parts = [part if place == name else one for place, one in enumerate(value)]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        value[name] = part
        return value


def value_has_parts(value: Any) -> bool:
    """Return whether a change can happen inside of `value`."""
    if isinstance(value, (list, dict, collections.deque)) or type(value) is tuple or hasattr(value, "_fields"):
        return len(value) > 0
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and bool(_names(value))


def _names(value: Any) -> "List[Any]":
    if isinstance(value, dict):
        return list(value)
    if dataclasses.is_dataclass(value):
        return [
            one.name for one in dataclasses.fields(value) if not one.name.startswith("_") and hasattr(value, one.name)
        ]
    return list(range(len(value)))


def public_attributes(value: Any) -> "List[str]":
    """Return the names of instance attributes that do not begin with an underscore."""
    if isinstance(value, (type, type(None))) or type(value) in CHANGES:
        return []
    return sorted(name for name in attributes(value) if not name.startswith("_"))


def public_values(owners: "Tuple[Any, ...]") -> "List[Any]":
    """Return the values of the public attributes of `owners`."""
    return [getattr(owner, name) for owner in owners for name in public_attributes(owner)]


def _label(name: Any) -> str:
    return repr(name) if type(name) in (int, str) and len(str(name)) < 30 else "..."


def in_place(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> None:
    """Change the mutable arguments themselves: an answer remembered for the object is stale afterwards."""
    numpy = sys.modules.get("numpy")
    for value in (*args, *kwargs.values()):
        if isinstance(value, (list, bytearray)) and len(value) > 1:
            value.reverse()
            value.append(value[0])
        elif isinstance(value, collections.deque):
            value.rotate(1)
        elif type(value) is dict and len(value) > 1:
            key = next(iter(value))
            value[key] = value.pop(key)
        elif numpy is not None and isinstance(value, numpy.ndarray) and value.ndim and value.flags.writeable:
            value[...] = value[::-1].copy()


def neighbours(value: Any) -> "List[Any]":
    """Return values next to a number, text or flag at which functions like to behave differently."""
    kind = type(value)
    if kind is bool:
        return [not value]
    if kind is int:
        return [-1, 0, 1, -value, value - 1, value + 1]
    if kind is float:
        return [-1.0, 0.0, -value, value / 2]
    if kind is str and value:
        return [value[:-1], value.swapcase(), value + value[-1], " " + value]
    return []
