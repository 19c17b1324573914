"""Arguments by value: pickles with a bound on their size, in which lambdas and inner functions are allowed.

Pickles are made in the base's process and read in sandboxed processes only, never by the supervisor.
"""

from __future__ import annotations

import importlib
import io
import marshal
import pickle
import threading
import types
from typing import Any, Dict, Optional, Tuple

PROTOCOL = min(5, pickle.HIGHEST_PROTOCOL)


class TooManyBytes(Exception):  # noqa: N818 - a size is not an error
    """The pickle would be larger than the caller allows."""


class _Bounded(io.RawIOBase):
    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.size = 0
        self.parts: list = []  # type: ignore[type-arg]

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self.size += len(part)
        if self.size > self.limit:
            raise TooManyBytes(self.limit)
        self.parts.append(part)
        return len(part)


_REMEMBERED = 512
_LOCK = threading.Lock()
_BY_RECIPE: Dict[int, Tuple[Any, Any, bytes]] = {}


def remember(value: Any, rebuild: Any, recipe: bytes) -> None:
    """Pickle `value` as `rebuild(recipe)` from now on; only the last few hundred objects are remembered."""
    with _LOCK:
        _BY_RECIPE[id(value)] = (value, rebuild, recipe)
        if len(_BY_RECIPE) > _REMEMBERED:
            del _BY_RECIPE[next(iter(_BY_RECIPE))]


def recipe_of(value: Any) -> Optional[bytes]:
    """Return the recipe under which `value` is remembered, if any."""
    found = _BY_RECIPE.get(id(value))
    return found[2] if found is not None and found[0] is value else None


def forget(value: Any) -> None:
    """Pickle `value` by its state again, as it is about to change."""
    if recipe_of(value) is not None:
        del _BY_RECIPE[id(value)]


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Reduce remembered objects by recipe, functions that no module holds by their code, the rest as usual."""
        recipe = recipe_of(value)
        if recipe is not None:
            return _BY_RECIPE[id(value)][1], (recipe,)
        if type(value) is not types.FunctionType or "<" not in value.__qualname__:
            return NotImplemented
        code = marshal.dumps(value.__code__)
        made = (code, value.__module__, value.__name__, value.__qualname__, len(value.__closure__ or ()))
        return _function, made, _parts(value), None, None, _fill


def dumps(value: Any, limit: int) -> bytes:
    """Return the pickle of `value`; TooManyBytes beyond `limit`, else whatever pickling raises."""
    sink = _Bounded(limit)
    _Pickler(sink, PROTOCOL).dump(value)
    return b"".join(sink.parts)


def loads(data: bytes) -> Any:
    """Return a fresh copy of what was pickled."""
    return pickle.loads(data)


def _function(code: bytes, module: str, name: str, qualname: str, cells: int) -> types.FunctionType:
    space = importlib.import_module(module).__dict__
    closure = tuple(types.CellType() for _ in range(cells))
    made = types.FunctionType(marshal.loads(code), space, name, None, closure)  # noqa: S302 - inside the sandbox
    made.__module__, made.__qualname__ = module, qualname
    return made


def _parts(function: types.FunctionType) -> Dict[str, Any]:
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append((cell.cell_contents,))
        except ValueError:
            cells.append(())  # type: ignore[arg-type]
    return {
        "cells": cells,
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "attributes": function.__dict__,
    }


def _fill(function: types.FunctionType, parts: Dict[str, Any]) -> None:
    function.__defaults__ = parts["defaults"]
    function.__kwdefaults__ = parts["kwdefaults"]
    function.__dict__.update(parts["attributes"])
    filled: Tuple[Any, ...]
    for cell, filled in zip(function.__closure__ or (), parts["cells"]):  # noqa: B905 - Python 3.8
        if filled:
            cell.cell_contents = filled[0]
