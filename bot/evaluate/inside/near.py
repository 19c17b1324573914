"""Near-duplicates: copies of an element of which one leaf differs, put before or after the original.

They show which of two elements with equal keys wins, whether ties keep their order, and whether case matters. A plain
number or the like stands again somewhere else, in the place of another one: who expects no repeats, or expects them
side by side, is found out.
"""

from __future__ import annotations

import collections
import dataclasses
import random
from typing import Any, Iterator, List, Optional, Tuple

from . import parts, pickling
from .canon_objects import attributes
from .changes import CHANGES, recased

_LEAVES = 40
_DEPTH = 4
_LOOKED_AT = 8
_TRIES = 8
_SEQUENCES = 20
_COPIED_BYTES = 1 << 20
_FIRST_LEAF_SHARE = 0.2
_RECASED_SHARE = 0.4
_BESIDE_SHARE = 0.5
_LEAF_TYPES = (bool, int, float, str, bytes)

Path = Tuple[Any, ...]


def _fields(value: Any) -> List[Any]:
    """Return the names of an element's parts; of an instance those that its class takes and keeps by one name."""
    if parts.has_parts(value):
        return parts.names(value)
    code = getattr(getattr(type(value), "__init__", None), "__code__", None)
    if code is None or dataclasses.is_dataclass(value) or isinstance(value, (type, BaseException)):
        return []
    taken = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return [one for one in taken if not one.startswith("_")] if set(taken) <= set(attributes(value)) else []


def leaves(value: Any, depth: int = 0) -> Iterator[Path]:
    """Yield the ways to the plain values inside of `value`."""
    if type(value) in _LEAF_TYPES:
        yield ()
    elif depth < _DEPTH:
        for name in _fields(value)[:_LEAVES]:
            for path in leaves(parts.part(value, name), depth + 1):
                yield (name, *path)


def _at(value: Any, path: Path) -> Any:
    for name in path:
        value = parts.part(value, name)
    return value


def _with(value: Any, path: Path, made: Any) -> Any:
    if not path:
        return made
    return parts.put(value, path[0], _with(parts.part(value, path[0]), path[1:], made))


def copied(value: Any) -> Any:
    """Return an independent copy; whatever pickling raises where there is none."""
    return pickling.loads(pickling.dumps(value, _COPIED_BYTES))


def _other_leaf(leaf: Any, draw: random.Random, pool: Any) -> Any:
    if isinstance(leaf, str) and draw.random() < _RECASED_SHARE and recased(leaf, draw) != leaf:
        return recased(leaf, draw)
    for _ in range(_TRIES):
        made, _said = CHANGES[type(leaf)](leaf, draw, pool)
        if made != leaf:
            return made
    return leaf


def _duplicate(element: Any, draw: random.Random, pool: Any) -> "Optional[Tuple[Any, str]]":
    """Return a copy that differs in one leaf, mostly not the first, which tends to be the key."""
    if type(element) in _LEAF_TYPES:
        return (recased(element, draw), "itself in another case") if _may_differ(element) else (element, "itself")
    found = [path for path, _ in zip(leaves(element), range(_LEAVES))]  # noqa: B905 - Python 3.8
    if not found:
        return None
    is_first = len(found) == 1 or draw.random() < _FIRST_LEAF_SHARE
    path = found[0] if is_first else draw.choice(found[1:])
    try:
        copy = copied(element)
    except Exception:
        return None
    return _with(copy, path, _other_leaf(_at(copy, path), draw, pool)), "a copy that differs in one value"


def duplicate(element: Any, draw: random.Random, pool: Any) -> Any:
    """Return a copy of an element that differs in one value, or None where none can be made."""
    made = _duplicate(element, draw, pool) if _may_differ(element) else None
    return made and made[0]


def _may_differ(element: Any) -> bool:
    if isinstance(element, str):
        return element.swapcase() != element
    return type(element) not in _LEAF_TYPES and next(leaves(element), None) is not None


def _may_duplicate(element: Any, kind: type) -> bool:
    # In a tuple, numbers tend to be the parts of a record.
    return _may_differ(element) or (kind is not tuple and type(element) in _LEAF_TYPES)


def is_open(value: Any) -> bool:
    """Return whether `value` is a collection that seems to hold elements with near-duplicates."""
    if type(value) in (set, frozenset):
        return any(type(one) is str and _may_differ(one) for one in value)
    if type(value) not in (list, tuple, collections.deque) or (type(value) is tuple and len(set(map(type, value))) > 1):
        return False
    return any(_may_duplicate(one, type(value)) for one, _ in zip(value, range(_LOOKED_AT)))  # noqa: B905 - Python 3.8


def inserted(value: Any, draw: random.Random, pool: Any) -> "Optional[Tuple[Any, str]]":
    """Return `value` with a near-duplicate of one element; lists and deques are changed themselves."""
    if type(value) in (set, frozenset):
        # The order of a set of texts follows the hash seed.
        texts = sorted(one for one in value if type(one) is str and _may_differ(one))
        return (type(value)([*value, recased(draw.choice(texts), draw)]), "a text in another case beside it")
    for _ in range(_TRIES):
        place = draw.randrange(len(value))
        made = _duplicate(value[place], draw, pool) if _may_duplicate(value[place], type(value)) else None
        if made is not None:
            return _put(value, place, made, draw)
    return None


def _put(value: Any, place: int, made: "Tuple[Any, str]", draw: random.Random) -> "Tuple[Any, str]":
    """Put the near-duplicate before or after the original, next to it or further away."""
    copy, said = made
    is_before, is_beside = draw.random() < 0.5, draw.random() < _BESIDE_SHARE
    far = draw.randint(0, place) if is_before else draw.randint(place + 1, len(value))
    at = place + (not is_before) if is_beside else far
    # An equal number in place of another one leaves the size, on which more may depend, as it is.
    rest = at + (copy is value[place])
    items = [*list(value)[:at], copy, *list(value)[rest:]]
    said = f"{said} {'before' if is_before else 'after'} element {place}"
    if type(value) is tuple:
        return tuple(items), said
    if isinstance(value, collections.deque) and value.maxlen is not None:
        return collections.deque(items, value.maxlen), said
    value.clear()
    value.extend(items)
    return value, said


def _inner(value: Any, depth: int) -> Iterator[Any]:
    """Yield the lists and deques inside of `value` that can take near-duplicates."""
    if depth >= _DEPTH or isinstance(value, str):
        return
    for name in _fields(value)[:_LOOKED_AT]:
        one = parts.part(value, name)
        if isinstance(one, list) and is_open(one):
            yield one
        yield from _inner(one, depth + 1)


def takes(value: Any) -> bool:
    """Return whether a near-duplicate can be put into `value` or into a list inside of it."""
    return is_open(value) or next(_inner(value, 0), None) is not None


def anywhere(value: Any, draw: random.Random, pool: Any) -> "Optional[Tuple[Any, str]]":
    """Return `value` with a near-duplicate in it: in itself, or else in a list inside of it."""
    if is_open(value):
        return inserted(value, draw, pool)
    found = [one for one, _ in zip(_inner(value, 0), range(_SEQUENCES))]  # noqa: B905 - Python 3.8
    made = inserted(draw.choice(found), draw, pool) if found else None
    return made and (value, made[1])
