"""Finds a function in a loaded tree by its dotted name and makes it callable with the arguments that were captured."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from typing import Any, Callable, Dict, Iterable, List, Tuple

from . import weave

PUBLIC, RAW = "public", "raw"


# Woven code leaves the undecorated function here; the module is never run as a program itself.
FOUND: List[Callable[..., Any]] = []


def remember(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a function while it is defined."""
    FOUND.append(function)
    return function


def unchanged(made: Any) -> Any:
    """Return what the function's decorators made."""
    return made


def extend_path(paths: Iterable[str]) -> None:
    """Put directories of the tree, relative to the working directory, in front of the import path."""
    full = [os.path.join(os.getcwd(), one) if one else os.getcwd() for one in paths]
    sys.path[0:0] = [one for one in full if one not in sys.path]


def paths_of_tree() -> List[str]:
    """Return the entries of the import path inside the working directory, relative to it, in their order."""
    root = os.path.realpath(os.getcwd())
    full = [os.path.realpath(one or os.getcwd()) for one in sys.path]
    return [os.path.relpath(one, root) for one in full if one == root or one.startswith(root + os.sep)]


def static(module: Any, qualname: str) -> Tuple[Any, Any]:
    """Return (owner, attribute) for a dotted name, without binding descriptors; AttributeError where it is missing."""
    owner, found = None, module
    for part in qualname.split("."):
        owner, name = found, part
        if isinstance(owner, type) and part.startswith("__") and not part.endswith("__"):
            name = f"_{owner.__name__.lstrip('_')}{part}"
        found = inspect.getattr_static(owner, name)
    return owner, found


def core(found: Any, accessor: str) -> Any:
    """Return the function under a static method, class method or property; anything else is returned as it is."""
    if isinstance(found, (staticmethod, classmethod)):
        return found.__func__
    if isinstance(found, property):
        return getattr(found, accessor)
    return found


def signed(spec: Dict[str, Any]) -> Any:
    """Return the function whose signature callers see, `self` or `cls` included."""
    _owner, found = static(importlib.import_module(spec["module"]), spec["qualname"])
    return core(found, spec["accessor"])


def callable_for(spec: Dict[str, Any]) -> Callable[..., Any]:
    """Return a function that takes the captured arguments, `self` or `cls` first.

    `spec` names "path", "module", "qualname", "accessor", "ordinal" and "mode"; in mode "raw" the undecorated
    function is called. ImportError, AttributeError or LookupError where the tree does not have it.
    """
    if spec["mode"] == RAW:
        here = f"__import__({__name__!r}, None, None, ['FOUND'])"
        wanted = weave.Wanted(spec["qualname"], None, spec["ordinal"])
        weave.install(spec["path"], wanted, f"{here}.remember", f"{here}.unchanged")
    module = importlib.import_module(spec["module"])
    file = getattr(module, "__file__", None) or ""
    if os.path.realpath(file) != os.path.realpath(spec["path"]):
        raise ImportError(f"{spec['module']} is loaded from another file than {spec['path']}")
    if spec["mode"] == RAW:
        if not FOUND:
            raise LookupError(f"{spec['qualname']} was not defined while its module was loaded")
        return FOUND[-1]
    owner, found = static(module, spec["qualname"])
    return _bound(owner, found, spec["accessor"]) if isinstance(owner, type) else found


def _bound(owner: type, found: Any, accessor: str) -> Callable[..., Any]:
    if isinstance(found, property):
        return getattr(found, accessor)  # type: ignore[no-any-return]
    if not hasattr(type(found), "__get__"):
        return found  # type: ignore[no-any-return]
    if isinstance(found, staticmethod):
        return found.__get__(None, owner)
    if isinstance(found, classmethod):
        return lambda cls, *args, **kwargs: found.__get__(None, cls)(*args, **kwargs)
    if callable(found):
        return lambda self, *args, **kwargs: found.__get__(self, type(self))(*args, **kwargs)
    # What computes an attribute when it is looked up: cached properties and their like.
    return lambda self: found.__get__(self, type(self))
