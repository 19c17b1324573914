"""Objects by the way they came to be, constructor first, so that a changed class can build them in its own way.

A pickled state holds the attributes of the base's class. A candidate may keep an index beside them that only its own
constructor makes, and it may be wrong about an object that another constructor argument would have made.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
import random
import threading
import time
import types
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import canon, mutate, near, pickling

_MOST_EVENTS = 64
_MOST_BYTES = 1 << 20
_MOST_OBJECTS = 2000
_CHANGING = ("__setitem__", "__delitem__", "__iadd__", "__ior__", "__isub__", "__call__", "__enter__", "__exit__")

Event = Tuple[str, bytes]


class _History:
    """What is known of one object; the object is held, so that no other one gets its identity."""

    def __init__(self, owner: Any, made: bytes) -> None:
        self.owner = owner
        self.made = made
        self.events: List[Event] = []
        self.state = b""
        self.is_whole = True


class Histories:
    """Watches how the instances of one class are made and changed; gives up quietly when its seconds are used up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: Dict[int, _History] = {}
        self._local = threading.local()

    def watch(self, owner: type) -> None:
        """Wrap the constructor of a class, and those methods that may change an instance."""
        found = vars(owner).get("__init__")
        if not isinstance(found, types.FunctionType) or issubclass(owner, BaseException):
            return
        for name, method in list(vars(owner).items()):
            is_special = name.startswith("__") and name not in _CHANGING
            if isinstance(method, types.FunctionType) and not is_special:
                setattr(owner, name, self._wrapped(name, method))
        owner.__init__ = self._constructor(owner, found)  # type: ignore[method-assign]

    def recipe(self, value: Any) -> Optional[bytes]:
        """Return how `value` can be made again, or None where that is not known."""
        found = self._known.get(id(value))
        if found is None or found.owner is not value or not found.is_whole or self._seconds <= 0:
            return None
        return packed(type(value), found.made, tuple(found.events))

    def _before(self, value: Any, name: str, args: Any, kwargs: Any) -> Optional[Callable[[], None]]:
        """Take a call of a method that is about to be made; call what is returned when it has ended."""
        found = self._known.get(id(value))
        if found is None or found.owner is not value or not found.is_whole or self._busy or self._seconds <= 0:
            return None
        started = time.perf_counter()
        data = _copy((args, kwargs))
        self._seconds -= time.perf_counter() - started

        def after() -> None:
            begun = time.perf_counter()
            state = _state(value)
            if state != found.state:
                found.state = state
                found.is_whole = data is not None and len(found.events) < _MOST_EVENTS
                if data is not None:
                    found.events.append((name, data))
            self._seconds -= time.perf_counter() - begun

        return after

    @property
    def _busy(self) -> bool:
        return getattr(self._local, "depth", 0) > 0

    def _constructor(self, owner: type, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def made(*args: Any, **kwargs: Any) -> Any:
            is_new = bool(args) and type(args[0]) is owner and not self._busy and len(self._known) < _MOST_OBJECTS
            data = _copy((args[1:], kwargs)) if is_new and self._seconds > 0 else None
            with self._deeper():
                result = function(*args, **kwargs)
            if data is not None:
                started = time.perf_counter()
                history = self._known[id(args[0])] = _History(args[0], data)
                history.state = _state(args[0])
                self._seconds -= time.perf_counter() - started
            return result

        return made

    def _wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def seen(*args: Any, **kwargs: Any) -> Any:
            after = self._before(args[0], name, args[1:], kwargs) if args else None
            try:
                with self._deeper():
                    return function(*args, **kwargs)
            finally:
                if after is not None:
                    after()

        return seen

    def _deeper(self) -> "_Depth":
        return _Depth(self._local)


class _Depth:
    """Marks that a method of the class runs: what it calls on the object is part of it."""

    def __init__(self, local: Any) -> None:
        self._local = local

    def __enter__(self) -> None:
        self._local.depth = getattr(self._local, "depth", 0) + 1

    def __exit__(self, *_: object) -> None:
        self._local.depth -= 1


def _copy(value: Any) -> Optional[bytes]:
    try:
        return pickling.dumps(value, _MOST_BYTES)
    except Exception:
        return None


def _state(value: Any) -> bytes:
    try:
        return hashlib.sha256(pickling.dumps(value, _MOST_BYTES * 4)).digest()
    except Exception:
        return b""


def packed(owner: type, made: bytes, events: "Tuple[Event, ...]") -> bytes:
    """Return a recipe as bytes: the class, its constructor's pickled arguments, and the calls that followed."""
    return pickle.dumps((owner, made, events), pickling.PROTOCOL)


def unpacked(recipe: bytes) -> "Tuple[type, bytes, Tuple[Event, ...]]":
    """Return the parts of a recipe."""
    return pickle.loads(recipe)  # type: ignore[no-any-return]


def rebuild(recipe: bytes) -> Any:
    """Make the object; whatever its constructor raises. A later call that raises did so the first time, or is told."""
    owner, made, events = unpacked(recipe)
    args, kwargs = pickling.loads(made)
    value = owner(*args, **kwargs)
    for name, data in events:
        args, kwargs = pickling.loads(data)
        try:
            getattr(value, name)(*args, **kwargs)
        except Exception:  # noqa: S112 - the state that it leaves is compared by whoever made the recipe
            continue
    pickling.remember(value, rebuild, recipe)
    return value


def varied(recipe: bytes, draw: random.Random, pool: Any) -> "Tuple[bytes, str]":
    """Return the recipe with one argument of one of its calls changed, and what was changed; "" where nothing was."""
    owner, made, events = unpacked(recipe)
    steps = [("__init__", made), *events]
    place = draw.randrange(len(steps))
    name, data = steps[place]
    args, kwargs = pickling.loads(data)
    names = [*range(len(args)), *kwargs]
    if not names:
        return recipe, ""
    which = draw.choice(names)
    mutation = mutate.Mutation(draw, pool, edge=False)
    value = args[which] if isinstance(which, int) else kwargs[which]
    changed = mutation.of(value, f"argument {which + 1 if isinstance(which, int) else which} of {name}", (name, which))
    args, kwargs = _exchanged(args, kwargs, which, changed)
    steps[place] = (name, pickling.dumps((args, kwargs), _MOST_BYTES))
    return packed(owner, steps[0][1], tuple(steps[1:])), mutation.said


def nearly(recipe: bytes, draw: random.Random, pool: Any) -> "Tuple[bytes, str]":
    """Return the recipe with a near-duplicate in one of its collections, and where; "" where there is no place."""
    owner, made, events = unpacked(recipe)
    steps = [("__init__", made), *events]
    for place in draw.sample(range(len(steps)), len(steps)):
        name, data = steps[place]
        args, kwargs = pickling.loads(data)
        for which, value in [*enumerate(args), *kwargs.items()]:
            found = near.anywhere(value, draw, pool) if near.takes(value) else None
            if found is not None:
                args, kwargs = _exchanged(args, kwargs, which, found[0])
                steps[place] = (name, pickling.dumps((args, kwargs), _MOST_BYTES))
                return packed(owner, steps[0][1], tuple(steps[1:])), f"{name} with {found[1]}"
    return recipe, ""


def _exchanged(args: Any, kwargs: Any, which: Any, value: Any) -> "Tuple[Any, Any]":
    if isinstance(which, int):
        return (*args[:which], value, *args[which + 1 :]), kwargs
    return args, {**kwargs, which: value}


def by_recipe(data: bytes, recipe: bytes) -> Optional[bytes]:
    """Return the pickled call `data` with its first argument by recipe, or None where that makes another object."""
    try:
        args, kwargs = pickling.loads(data)
        twin = (rebuild(recipe), *args[1:])
        limit = 2 * len(data) + _MOST_BYTES
        same = canon.parts(((args, kwargs),), limit * 4)[0] == canon.parts(((twin, kwargs),), limit * 4)[0]
        return pickling.dumps((twin, kwargs), limit + len(recipe)) if same else None
    except Exception:
        return None
