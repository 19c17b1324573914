"""Parts of values by name: which there are, where they sit and how one is replaced.

Changes inside of arguments, and near-duplicates of their elements, must agree on what a part is.
"""

from __future__ import annotations

import collections
import dataclasses
import inspect
import re
from typing import Any, List

ANY = "*"


def has_parts(value: Any) -> bool:
    """Return whether a change can happen inside of `value`."""
    if isinstance(value, (list, dict, collections.deque)) or type(value) is tuple or hasattr(value, "_fields"):
        return len(value) > 0
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and bool(names(value))


def names(value: Any) -> List[Any]:
    """Return the keys, public fields or positions of the parts."""
    if isinstance(value, dict):
        return list(value)
    if dataclasses.is_dataclass(value):
        return [
            one.name for one in dataclasses.fields(value) if not one.name.startswith("_") and hasattr(value, one.name)
        ]
    return list(range(len(value)))


def part(value: Any, name: Any) -> Any:
    """Return one part."""
    return value[name] if isinstance(value, (list, tuple, dict, collections.deque)) else getattr(value, name)


def put(value: Any, name: Any, made: Any) -> Any:
    """Return `value` with one part replaced: itself, except for tuples."""
    if isinstance(value, tuple):
        found = [made if place == name else one for place, one in enumerate(value)]
        return type(value)(*found) if hasattr(value, "_fields") else tuple(found)
    if isinstance(value, (list, dict, collections.deque)):
        value[name] = made
    else:
        # The copy is ours: frozen instances may be changed past their own guard.
        object.__setattr__(value, name, made)
    return value


def step(value: Any, name: Any) -> Any:
    """Return what tells a part's place from others: elements of a list share one, fields and text keys do not."""
    is_named = isinstance(name, str) or isinstance(value, tuple)
    return name if is_named else ANY


def is_optional(annotation: Any) -> bool:
    """Return whether an annotation, as an object or as text, allows None at its outermost level."""
    if annotation in (None, inspect.Parameter.empty):
        return False
    outer = re.sub(r"\[.*\]", "", annotation if isinstance(annotation, str) else repr(annotation))
    return "None" in re.split(r"[\s|]+", outer) or outer.split(".")[-1] == "Optional"
