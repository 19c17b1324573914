"""Changes to arguments that keep their types: the way from captured calls to calls that nobody has seen."""

from __future__ import annotations

import collections
import dataclasses
import random
import sys
from typing import Any, Dict, List, Optional, Set, Tuple

from . import near, parts
from .canon_objects import attributes
from .changes import CHANGES, EDGES, alike, of_library

_DEPTH = 5
_POOLED = 300
_POOL_DEPTH = 4
_NEAR_SHARE = 0.25
_NONE_SHARE = 0.2
_ADDED_SHARE = 0.35
_ALIKE_SHARE = 0.5
_SIZES = 10_000
_ATOMS = (type(None), bool, int, float, complex, str, bytes)


Place = Tuple[Any, ...]


class Pool:
    """Values seen in captured calls, by exact type and make-up, from which parts are recombined."""

    def __init__(self) -> None:
        self._values: Dict[Any, List[Any]] = collections.defaultdict(list)
        self.alphabet = ""
        self.optional: Set[Place] = set()

    def add(self, value: Any, place: Place = (), depth: int = 0) -> None:
        """Take a value and its parts, and remember the places at which None was seen or is allowed."""
        if value is None:
            self.optional.add(place)
        kind = type(value)
        found = self._values[_make_up(value)]
        if len(found) < _POOLED:
            found.append(value)
            if kind is str and len(self.alphabet) < _POOLED:
                self.alphabet += value[:20]
        if depth < _POOL_DEPTH:
            self.optional.update((*place, name) for name in _optional_fields(value))
            for step, part in _some_parts(value):
                self.add(part, (*place, step), depth + 1)

    def other(self, value: Any, draw: random.Random) -> Any:
        """Return a copy of a seen value of the same type, or `value` where none can be had."""
        found = draw.choice(self._values.get(_make_up(value)) or [value])
        if isinstance(found, _ATOMS):
            return found
        try:
            return near.copied(found)
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


def _some_parts(value: Any) -> List[Tuple[Any, Any]]:
    if isinstance(value, dict):
        keys = list(value)[:20]
        return [*(((), key) for key in keys), *((parts.step(value, key), value[key]) for key in keys)]
    if isinstance(value, (set, frozenset)):
        return [(parts.ANY, one) for one in list(value)[:20]]
    if not parts.has_parts(value):
        return []
    return [(parts.step(value, name), parts.part(value, name)) for name in parts.names(value)[:20]]


def _optional_fields(value: Any) -> List[str]:
    if not dataclasses.is_dataclass(value):
        return []
    return [one.name for one in dataclasses.fields(value) if parts.is_optional(one.type)]


class Mutation:
    """One change of one value somewhere inside; `said` tells where and what."""

    def __init__(self, draw: random.Random, pool: Pool, *, edge: bool) -> None:
        self._draw = draw
        self._pool = pool
        self._edge = edge
        self.said = ""

    def of(self, value: Any, where: str = "", place: Place = ()) -> Any:
        """Return `value` with one change; containers are copied, and the value itself where nothing can change.

        `place` is where the pool saw such values: an edge becomes None only where None was seen or is allowed.
        """
        if self._edge and place in self._pool.optional and value is not None and self._draw.random() < _NONE_SHARE:
            self.said = f"{where}: became None"
            return None
        added = self._with_element(value, where, place)
        if added is not None:
            return added
        deeper = self._deeper(value, len(place))
        if deeper is not None:
            return self._inside(value, where, place, deeper)
        change = (EDGES if self._edge else CHANGES).get(type(value), of_library(value, edge=self._edge))
        if change is None:
            self.said = f"{where}: another {type(value).__name__} that was seen"
            return self._pool.other(value, self._draw)
        made, said = change(value, self._draw, self._pool)
        self.said = f"{where}: {said}"
        return made

    def _with_element(self, value: Any, where: str, place: Place) -> Any:
        """Return `value` with one more element like its others: nearly one of them, or an edge of their own type."""
        if not self._edge:
            if self._draw.random() >= _NEAR_SHARE or not near.is_open(value):
                return None
            made, said = near.inserted(value, self._draw, self._pool) or (None, "")
            self.said = f"{where}: with {said}"
            return made
        if not _takes_more(value, place) or self._draw.random() >= _ADDED_SHARE:
            return None
        name = self._draw.randrange(len(value))
        try:
            copy = near.copied(value[name])
        except Exception:
            return None
        seen = copy
        odd = self.of(copy, f"{where}[added]", (*place, parts.step(value, name)))
        more = [odd]
        if type(odd) is str and self._draw.random() < _ALIKE_SHARE:
            more, which = alike(seen)
            self.said = f"{where}: with {which}"
        if isinstance(value, tuple):
            return (*value, *more)
        value.extend(more)
        return value

    def _deeper(self, value: Any, depth: int) -> "Optional[List[Any]]":
        """Return the parts to choose from where the change should happen inside of `value`."""
        if depth > _DEPTH or not parts.has_parts(value):
            return None
        # Inside of others a tuple tends to be a record: without its parts it is none.
        is_record = type(value) is tuple and (len(set(map(type, value))) > 1 or (self._edge and depth > 1))
        closed = type(value) not in CHANGES or is_record
        return parts.names(value) if closed or self._draw.random() < 0.55 else None

    def _inside(self, value: Any, where: str, place: Place, names: "List[Any]") -> Any:
        name = self._draw.choice(names)
        label = f".{name}" if dataclasses.is_dataclass(value) else f"[{_label(name)}]"
        inner = self.of(parts.part(value, name), where + label, (*place, parts.step(value, name)))
        return parts.put(value, name, inner)


def _takes_more(value: Any, place: Place) -> bool:
    if type(value) is tuple:
        return len(place) < 2 and len(value) > 0 and len(set(map(type, value))) == 1
    return type(value) in (list, collections.deque) and len(value) > 0 and len(place) <= _DEPTH


def public_attributes(value: Any) -> "List[str]":
    """Return the names of instance attributes that do not begin with an underscore."""
    if isinstance(value, (type, type(None))) or type(value) in CHANGES:
        return []
    return sorted(name for name in attributes(value) if not name.startswith("_"))


def _label(name: Any) -> str:
    return repr(name) if type(name) in (int, str) and len(str(name)) < 30 else "..."


def in_place(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> None:
    """Change the mutable arguments themselves: an answer remembered for the object is stale afterwards."""
    numpy = sys.modules.get("numpy")
    for value in (*args, *kwargs.values()):
        if is_ascending(value):
            # Whoever keeps a list in order may count on it.
            value.append(value[-1])
            del value[0]
        elif isinstance(value, (list, bytearray)) and len(value) > 1:
            value.reverse()
            value.append(value[0])
        elif isinstance(value, collections.deque):
            value.rotate(1)
        elif type(value) is dict and len(value) > 1:
            key = next(iter(value))
            value[key] = value.pop(key)
        elif numpy is not None and isinstance(value, numpy.ndarray) and value.ndim and value.flags.writeable:
            value[...] = value[::-1].copy()


def is_ascending(value: Any) -> bool:
    """Return whether `value` is a list of numbers or texts of one type in their order."""
    if type(value) is not list or len(value) < 2 or len(set(map(type, value))) > 1:
        return False
    return type(value[0]) in (int, float, str, bytes) and value == sorted(value)


def neighbours(value: Any) -> "List[Any]":
    """Return values next to a number, text or flag at which functions like to behave differently."""
    kind = type(value)
    if kind is bool:
        return [not value]
    if kind is int:
        sizes = [value // 2, value + value // 4, 2 * value] if 1 < value < _SIZES else []
        return [-1, 0, 1, -value, value - 1, value + 1, *sizes]
    if kind is float:
        return [-1.0, 0.0, -value, value / 2]
    if kind is str and value:
        return [value[:-1], value.swapcase(), value + value[-1], " " + value]
    return []
