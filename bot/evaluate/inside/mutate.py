"""Changes to arguments that keep their types: the way from captured calls to calls that nobody has seen."""

from __future__ import annotations

import collections
import dataclasses
import random
import sys
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from . import pickling
from .canon_objects import attributes

_DEPTH = 5
_POOLED = 300
_POOL_DEPTH = 4
_COPIED_BYTES = 1 << 20
_HUGE = 2**63
_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_ODD_TEXT = (
    "",
    "\u0130\u00df\u01c5",
    "e\u0301\u0327",
    "\u202eabc\u0000",
    "\U0001f469\u200d\U0001f4bb",
    "\u0663\u00b2",
    " \t\n\u00a0",
)


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
        change = (_EDGES if self._edge else _CHANGES).get(type(value), _of_library(value, edge=self._edge))
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
        opaque = type(value) not in _CHANGES
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
    if isinstance(value, (type, type(None))) or type(value) in _CHANGES:
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


Change = Callable[[Any, random.Random, Pool], Tuple[Any, str]]


def _int(value: int, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    made = draw.choice([0, 1, -value, value + 1, value - 1, value + draw.randint(-9, 9), pool.other(value, draw)])
    return made, f"{_shown(value)} became {_shown(made)}"


def _float(value: float, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    other = pool.other(value, draw)
    made = draw.choice([0.0, -value, value * 2, value / 3, value + draw.gauss(0, 1), other, float(draw.randint(-9, 9))])
    return made, f"{value!r} became {made!r}"


def _bool(value: bool, _draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    return (not value), f"became {not value}"


def _str(value: str, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    place = draw.randint(0, len(value))
    letter = draw.choice(pool.alphabet or "a")
    other = pool.other(value, draw)
    made = draw.choice(
        [value + other, other, value[:place] + letter + value[place:], value[:place] or letter, value[place:] or letter,
         value.swapcase(), value[::-1], value * 2, "".join(draw.choice(pool.alphabet or "a") for _ in range(8))]
    )  # fmt: skip
    return made, "other text"


def _bytes(value: bytes, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    place = draw.randint(0, len(value))
    made = draw.choice([value[:place] + b"\x00" + value[place:], value[::-1], value * 2, pool.other(value, draw)])
    return type(value)(made), "other bytes"


def _sequence(value: Any, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    items, other = list(value), list(pool.other(value, draw))
    cut = draw.randint(1, max(1, len(items)))
    twice = draw.sample(items, min(len(items), 3))
    made, said = draw.choice(
        [
            (items[:cut], "shortened"),
            (items[-cut:], "cut at the front"),
            (items + items, "doubled"),
            (items[::-1], "reversed"),
            (draw.sample(items, len(items)), "shuffled"),
            (items + twice, "with elements repeated"),
            ([one for one in items for _ in (0, 1)], "with every element twice"),
            (items[:cut] + other[cut // 2 :], "joined with another that was seen"),
            (other, "replaced by another that was seen"),
        ]
    )
    if isinstance(value, collections.deque):
        return collections.deque(made, value.maxlen), said
    return type(value)(made), said


def _dict(value: Any, draw: random.Random, pool: Pool) -> Tuple[Any, str]:
    items = list(value.items())
    if not items:
        return pool.other(value, draw), "replaced by another that was seen"
    lost = draw.randrange(len(items))
    made, said = draw.choice(
        [
            (items[::-1], "in reversed order"),
            (draw.sample(items, len(items)), "reordered"),
            (items[:lost] + items[lost + 1 :], "without one key"),
            (list(zip([key for key, _ in items], [one for _, one in items[::-1]])), "with exchanged values"),  # noqa: B905
        ]
    )
    # The object's own class may hold more than its items, such as a default factory.
    value.clear()
    value.update(made)
    return value, said


def _to_none(_value: Any, _draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    return None, "became None"


def _odd_int(value: int, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    made = draw.choice([_HUGE, -_HUGE, 10**30, True, None, float(value) if abs(value) < _HUGE else 0.5, -1])
    return made, f"{_shown(value)} became {_shown(made)}"


def _odd_float(value: float, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    made = draw.choice([float("nan"), -0.0, float("inf"), float("-inf"), 5e-324, 1.7e308, 0, None])
    return made, f"{value!r} became {made!r}"


def _odd_str(_value: str, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    made = draw.choice([*_ODD_TEXT, None])
    return made, f"became {made!a}"


def _odd_container(value: Any, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    if draw.random() < 0.6 or not value:
        return type(value)(), "became empty"
    odd = draw.choice([float("nan"), None, -0.0, "\u0130"])
    if isinstance(value, (list, tuple)):
        return type(value)([*value, odd]), f"with {odd!a} added"
    return type(value)(), "became empty"


def _frame_rows(value: Any, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    count = len(value)
    if not count:
        return value, "as it was"
    rows, said = draw.choice(
        [
            (list(range(count))[::-1], "rows reversed"),
            (draw.sample(range(count), count), "rows shuffled"),
            (sorted(draw.choices(range(count), k=count)), "rows repeated"),
            (draw.choices(range(count), k=max(1, count // 2)), "rows sampled"),
            (list(range(max(1, count // 3))), "rows shortened"),
        ]
    )
    if not hasattr(value, "iloc"):
        return value[rows], said
    made = value.iloc[rows]
    return (made.reset_index(drop=True), said + ", index renewed") if draw.random() < 0.5 else (made, said)


def _odd_frame_rows(value: Any, draw: random.Random, _pool: Pool) -> Tuple[Any, str]:
    cells = getattr(value, "iloc", value)
    made = cells[:0] if draw.random() < 0.5 else value.copy()
    if len(made) and hasattr(value, "dtype") and value.dtype.kind == "f":
        getattr(made, "iloc", made)[0] = draw.choice([float("nan"), float("inf"), -0.0])
        return made, "with an odd number in front"
    return cells[:0], "without rows"


def _of_library(value: Any, *, edge: bool) -> Optional[Change]:
    """Return the change for arrays, frames and series."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    is_array = numpy is not None and isinstance(value, numpy.ndarray) and value.ndim > 0
    is_frame = (
        pandas is not None and hasattr(pandas, "DataFrame") and isinstance(value, (pandas.DataFrame, pandas.Series))
    )
    if is_array or is_frame:
        return _odd_frame_rows if edge else _frame_rows
    return _to_none if edge and value is not None else None


def _shown(value: Any) -> str:
    return repr(value) if not isinstance(value, int) or value.bit_length() < 128 else "a huge number"


_CHANGES: Mapping[type, Change] = {
    int: _int,
    float: _float,
    bool: _bool,
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    list: _sequence,
    tuple: _sequence,
    set: _sequence,
    frozenset: _sequence,
    collections.deque: _sequence,
    dict: _dict,
    collections.OrderedDict: _dict,
    collections.defaultdict: _dict,
}
_EDGES: Mapping[type, Change] = {
    int: _odd_int,
    float: _odd_float,
    bool: _to_none,
    str: _odd_str,
    **dict.fromkeys((bytes, bytearray, list, tuple, set, frozenset, dict, collections.deque), _odd_container),
}
