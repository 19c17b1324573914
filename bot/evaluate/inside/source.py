"""Captured calls by value, and the ways from them to calls that nobody has seen."""

from __future__ import annotations

import hashlib
import inspect
import random
import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from . import grow, mutate, near, parts, pickling, ready, recipes, typed

_CHANGES = (1, 1, 1, 2, 3)
_STATE_SHARE = 0.3
_OPTION_SHARE = 0.3
_EXCHANGED_SHARE = 0.2
_RECIPE_SHARE = 0.3
_TYPED_SHAPES = 2

_ORDER = re.compile(r"(?i)\b(sorted|ordered|ascending|increasing)\b")
_OWNER = object()
"""Stands for the object that a method is called on."""

Made = Tuple[bytes, str]


class Source:
    """Captured calls by value, what was seen in them, and the optional arguments that the function takes.

    Lists that are ascending in every captured call stay so where `text`, what the function says of itself, speaks of
    order: `ordered` names such arguments. Without these words the order may be an accident of the tests.
    """

    def __init__(
        self, calls: List[bytes], *, method: bool, signature: Optional[inspect.Signature] = None, text: str = ""
    ) -> None:
        self.pool = mutate.Pool()
        self.errors: List[str] = []
        self._shapes: Dict[Any, List[bytes]] = {}
        self._open: List[Tuple[bytes, Any]] = []
        self._ascending: Dict[Any, bool] = {}
        self._first = 1 if method else 0
        self._signature = signature
        for place, one in enumerate(signature.parameters.values() if signature else ()):
            if one.default is None or parts.is_optional(one.annotation):
                self.pool.optional.update({(place,), (one.name,)})
        self._seen: Set[bytes] = {hashlib.sha256(one).digest() for one in calls}
        for data in calls:
            try:
                self._take(data, *pickling.loads(data))
            except Exception as error:
                self.errors.append(ready.said(error))
        names = " ".join(signature.parameters) if signature else ""
        is_said = _ORDER.search(f"{text} {names}".replace("_", " ")) is not None
        self.ordered = sorted((one for one, found in self._ascending.items() if found and is_said), key=str)

    @property
    def kept_in_order(self) -> List[str]:
        """The arguments that stay ascending, in words."""
        return [self._label(name) for name in self.ordered]

    def _take(self, data: bytes, args: Any, kwargs: Any) -> None:
        self._shapes.setdefault((len(args), tuple(kwargs)), []).append(data)
        for owner in args[: self._first]:
            if pickling.recipe_of(owner) is not None:
                self._open.append((data, _OWNER))
            for name in mutate.public_attributes(owner):
                self.pool.add(getattr(owner, name), ("self", name))
        for name, value in [*enumerate(args[self._first :], self._first), *kwargs.items()]:
            self.pool.add(value, (name,))
            if type(value) is list and len(value) > 1:
                self._ascending[name] = self._ascending.get(name, True) and mutate.is_ascending(value)
            if near.takes(value):
                self._open.append((data, name))

    def near_duplicates(self, draw: random.Random, limit: int) -> Iterator[Made]:
        """Yield a call with a copy of an element that differs in one value, or nothing where there is none."""
        if not self._open:
            return
        data, name = draw.choice(self._open)
        args, kwargs = pickling.loads(data)
        if name is _OWNER:
            recipe, said = recipes.nearly(pickling.recipe_of(args[0]) or b"", draw, self.pool)
            if said:
                yield from self._new((recipes.rebuild(recipe), *args[1:]), kwargs, limit, said)
            return
        made = near.anywhere(args[name] if isinstance(name, int) else kwargs[name], draw, self.pool)
        if made is not None:
            yield from self._new(
                *self._with(args, kwargs, name, made[0]), limit, f"{self._label(name)}: with {made[1]}"
            )

    def neighbours(self, limit: int) -> Iterator[Made]:
        """Yield calls in which one plain argument took a value next to the captured or default one."""
        ends = [call for calls in self._shapes.values() for call in _ends(calls)]
        for data in ends:
            args, kwargs = pickling.loads(data)
            kwargs = {**kwargs, **self._options(args, kwargs)}
            for name in [*range(self._first, len(args)), *kwargs]:
                for value in mutate.neighbours(args[name] if isinstance(name, int) else kwargs[name]):
                    yield from self._new(
                        *self._with(args, kwargs, name, value), limit, f"{self._label(name)} = {value!r}"
                    )

    def of_types(self, function: Any, seed: int, limit: int) -> Iterator[Made]:
        """Yield calls whose hinted arguments are drawn from their types."""
        for found in list(self._shapes.values())[:_TYPED_SHAPES]:
            for args, kwargs in typed.calls(function, self._signature, pickling.loads(found[0]), self._first, seed):
                yield from self._new(args, kwargs, limit, "drawn from the type hints")

    def larger(self, draw: random.Random, limit: int) -> Iterator[Made]:
        """Yield calls whose collections have several times their elements: one of them, then all together."""
        for factor in grow.FACTORS:
            for calls in self._shapes.values():
                for data in _spread(sorted(calls, key=len)):
                    args, kwargs = pickling.loads(data)
                    made = grow.all_grown(args, kwargs, self._first, factor, draw, self.pool)
                    for chosen in [[one] for one in made] + ([made] if len(made) > 1 else []):
                        args, kwargs = pickling.loads(data)
                        for name, value in chosen:
                            args, kwargs = self._with(args, kwargs, name, value)
                        names = ", ".join(self._label(name) for name, _ in chosen)
                        yield from self._new(args, kwargs, limit, f"{names}: {factor} times as large")

    def derive(self, draw: random.Random, *, edge: bool, limit: int) -> Iterator[Made]:
        """Yield a new call and what was changed, or nothing where this try led to nothing new."""
        args, kwargs = self._drawn(draw)
        said = ""
        if self._first and args and not edge and draw.random() < _RECIPE_SHARE:
            args, said = self._made_otherwise(args, draw)
        if draw.random() < _OPTION_SHARE:
            options = list(self._options(args, kwargs).items())
            kwargs = {**kwargs, **dict(options[: draw.randint(0, len(options))])}
        if draw.random() < _EXCHANGED_SHARE and not edge and not said:
            args, kwargs, said = self._exchanged(args, kwargs, draw)
        for _ in range(1 if edge else draw.choice(_CHANGES)):
            if not said or draw.random() < 0.5:
                args, kwargs, more = self._changed(args, kwargs, draw, edge=edge)
                said = f"{said}; {more}" if said and more else said or more
        if said:
            yield from self._new(args, kwargs, limit, said)

    @property
    def is_empty(self) -> bool:
        """Whether no captured call can be read."""
        return not self._shapes

    def _drawn(self, draw: random.Random) -> "Tuple[Any, Any]":
        """Return a captured call; calls of a rare shape are drawn as often as those of a common one."""
        calls = draw.choice(list(self._shapes.values()))
        args, kwargs = pickling.loads(draw.choice(calls))
        return args, kwargs

    def _new(self, args: Any, kwargs: Any, limit: int, said: str) -> Iterator[Made]:
        for name in self.ordered:
            value = kwargs.get(name) if isinstance(name, str) else args[name] if name < len(args) else None
            if type(value) is list and len(set(map(type, value))) == 1:
                args, kwargs = self._with(args, kwargs, name, sorted(value))
        try:
            data = pickling.dumps((tuple(args), kwargs), limit)
        except Exception:
            return
        digest = hashlib.sha256(data).digest()
        if digest not in self._seen:
            self._seen.add(digest)
            yield data, said

    def _options(self, args: Any, kwargs: Any) -> Dict[str, Any]:
        """Return the plain defaults of arguments that a call does not give."""
        if self._signature is None:
            return {}
        try:
            given = self._signature.bind_partial(*args, **kwargs).arguments
        except TypeError:
            return {}
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        left = [one for name, one in self._signature.parameters.items() if name not in given and one.kind in named]
        return {one.name: one.default for one in left if type(one.default) in (bool, int, float, str)}

    def _label(self, name: Any) -> str:
        return f"argument {name - self._first + 1}" if isinstance(name, int) else f"argument {name}"

    def _with(self, args: Any, kwargs: Any, name: Any, value: Any) -> "Tuple[Any, Any]":
        if isinstance(name, int):
            return (*args[:name], value, *args[name + 1 :]), kwargs
        return args, {**kwargs, name: value}

    def _changed(self, args: Any, kwargs: Any, draw: random.Random, *, edge: bool) -> "Tuple[Any, Any, str]":
        names = [*range(self._first, len(args)), *kwargs]
        if edge and self._first and (not names or draw.random() < _STATE_SHARE):
            return args, kwargs, self._state_changed(args[0], draw)
        if not names:
            return args, kwargs, ""
        mutation = mutate.Mutation(draw, self.pool, edge=edge)
        name = draw.choice(names)
        value = args[name] if isinstance(name, int) else kwargs[name]
        args, kwargs = self._with(args, kwargs, name, mutation.of(value, self._label(name), (name,)))
        return args, kwargs, mutation.said

    def _state_changed(self, owner: Any, draw: random.Random) -> str:
        """Change a public attribute of the object itself: an edge, as its class may promise that this never happens."""
        names = mutate.public_attributes(owner)
        if not names:
            return ""
        name = draw.choice(names)
        mutation = mutate.Mutation(draw, self.pool, edge=draw.random() < 0.2)
        pickling.forget(owner)
        before = getattr(owner, name)
        was_ascending = mutate.is_ascending(before)
        made = mutation.of(before, f"self.{name}", ("self", name))
        if was_ascending and type(made) is list and len(set(map(type, made))) == 1:
            made.sort()
        object.__setattr__(owner, name, made)
        return mutation.said

    def _made_otherwise(self, args: Any, draw: random.Random) -> "Tuple[Any, str]":
        """Make the object itself from other arguments; as it is where that cannot be done."""
        recipe = pickling.recipe_of(args[0])
        if recipe is None:
            return args, ""
        changed, said = recipes.varied(recipe, draw, self.pool)
        return ((recipes.rebuild(changed), *args[1:]), said) if said else (args, "")

    def _exchanged(self, args: Any, kwargs: Any, draw: random.Random) -> "Tuple[Any, Any, str]":
        """Take one argument from another captured call."""
        others, named = self._drawn(draw)
        pairs = [*enumerate(others[self._first :], self._first), *named.items()]
        if not pairs:
            return args, kwargs, ""
        name, value = draw.choice(pairs)
        given = dict([*enumerate(args), *kwargs.items()])
        if type(given.get(name)) is not type(value):
            return args, kwargs, ""
        return (*self._with(args, kwargs, name, value), f"{self._label(name)} of another call")


def _ends(calls: List[bytes]) -> List[bytes]:
    """Return the smallest and the largest of calls."""
    return [min(calls, key=len), max(calls, key=len)] if len(calls) > 1 else calls


def _spread(calls: List[bytes]) -> List[bytes]:
    """Return the smallest, the middle and the largest of calls that are ordered by size."""
    return [calls[place] for place in sorted({0, len(calls) // 2, len(calls) - 1})]
