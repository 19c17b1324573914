"""Larger copies of arguments: several times the sizes that were captured, where a change may take another path.

What the originals have in common is kept, as functions rely on it: element types, order where they are sorted, and
that no element occurs twice.
"""

from __future__ import annotations

import collections
import random
import sys
from typing import Any, List, Optional, Tuple

from . import near
from .changes import CHANGES

FACTORS = (8, 32)
_MOST = 20_000
_TEXT = 1 << 18
_ATOMS = (bool, int, float, str, bytes)
_SEEN_SHARE = 0.5
_CHANGED_SHARE = 0.3


def grown(value: Any, factor: int, draw: random.Random, pool: Any) -> Optional[Any]:
    """Return a copy of `value` with `factor` times its elements, or None where it is no collection that can grow."""
    kind = type(value)
    if kind in (str, bytes):
        return _text(value, factor, draw)
    if kind in (list, tuple, set, frozenset, collections.deque) and value:
        return _sequence(value, factor, draw, pool)
    if kind in (dict, collections.OrderedDict, collections.defaultdict) and value:
        return _dict(value, factor, draw, pool)
    return _rows(value, factor, draw)


def _text(value: Any, factor: int, draw: random.Random) -> Optional[Any]:
    if not value or len(value) * factor > _TEXT:
        return None
    parts = []
    for _ in range(factor):
        cut = draw.randint(0, len(value))
        parts += [value[cut:], value[:cut]]
    return value[:0].join(parts)


def _sequence(value: Any, factor: int, draw: random.Random, pool: Any) -> Optional[Any]:
    items = list(value)
    kinds = set(map(type, items))
    if len(items) * factor > _MOST or (type(value) is tuple and len(kinds) > 1):
        return None
    if isinstance(value, collections.deque) and value.maxlen is not None:
        return None
    count = len(items) * (factor - 1)
    if not kinds <= set(_ATOMS):
        return type(value)(items + [_like(draw.choice(items), draw, pool) for _ in range(count)])
    is_distinct = len(items) > 1 and len(set(items)) == len(items)
    made = items + [_atom(draw.choice(items), count, draw, pool, fresh=is_distinct) for _ in range(count)]
    made = list(dict.fromkeys(made)) if is_distinct else made
    is_sorted = len(kinds) == 1 and len(items) > 1 and items == sorted(items)
    return type(value)(sorted(made) if is_sorted else made)


def _atom(item: Any, spread: int, draw: random.Random, pool: Any, *, fresh: bool) -> Any:
    """Return a value like `item`: one that is new among about `spread` others where `fresh`, else often `item`."""
    if not fresh and draw.random() < _SEEN_SHARE:
        return item
    if draw.random() < _CHANGED_SHARE or isinstance(item, bool):
        return CHANGES[type(item)](item, draw, pool)[0]
    if isinstance(item, (int, float)):
        return type(item)(item + draw.randint(-2 * spread, 4 * spread))
    return item + bytes(draw.choices(range(97, 123), k=3)) if isinstance(item, bytes) else item + _letters(draw)


def _letters(draw: random.Random) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=3))


def _like(item: Any, draw: random.Random, pool: Any) -> Any:
    """Return another element like `item`: nearly it, or itself where there is no other."""
    made = near.duplicate(item, draw, pool)
    return item if made is None else made


def _dict(value: Any, factor: int, draw: random.Random, pool: Any) -> Optional[Any]:
    keys = list(value)
    if len(keys) * factor > _MOST or not set(map(type, keys)) <= {int, str, bytes, float}:
        return None
    found = list(value.items())
    count = len(keys) * (factor - 1)
    for _ in range(count):
        key = _atom(draw.choice(keys), count, draw, pool, fresh=True)
        value.setdefault(key, _like(draw.choice(found)[1], draw, pool))
    return value


def _rows(value: Any, factor: int, draw: random.Random) -> Optional[Any]:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and isinstance(value, numpy.ndarray) and value.ndim and 0 < len(value) * factor <= _MOST:
        order = [draw.randrange(len(value)) for _ in range(len(value) * (factor - 1))]
        return numpy.concatenate([value, value[order]])
    is_frame = pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series))
    if is_frame and 0 < len(value) * factor <= _MOST:
        order = [draw.randrange(len(value)) for _ in range(len(value) * (factor - 1))]
        return pandas.concat([value, value.iloc[order]], ignore_index=True)  # type: ignore[union-attr]
    return None


def all_grown(
    args: Any, kwargs: Any, first: int, factor: int, draw: random.Random, pool: Any
) -> "List[Tuple[Any, Any]]":
    """Return (name, larger value) for every argument from position `first` on that can grow."""
    named = [*enumerate(args[first:], first), *kwargs.items()]
    found = [(name, grown(value, factor, draw, pool)) for name, value in named]
    return [(name, value) for name, value in found if value is not None]
