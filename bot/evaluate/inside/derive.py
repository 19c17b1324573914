"""Driver that derives calls nobody has seen from captured ones, inside a process of the base.

One frame {"spec", "calls": [{"data", "recipe", "vary"}, ...], "seed", "derived", "edge", "grown", "bytes", "seconds"}
is answered with {"captured": [data, ...], "derived": [{"data", "said"}, ...], "edge": [...], "grown": [...],
"errors": [...]}. The seconds count from when the captured calls were read.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import random
import time
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from . import channel, grow, mutate, near, parts, pickling, ready, recipes, resolve

_TRIES = 6
_NEAR_PART = 3
_CHANGES = (1, 1, 1, 2, 3)
_STATE_SHARE = 0.3
_OPTION_SHARE = 0.3
_EXCHANGED_SHARE = 0.2
_RECIPE_SHARE = 0.3
_GROWN_SPARE = 3

Made = Tuple[bytes, str]


class Source:
    """Captured calls by value, what was seen in them, and the optional arguments that the function takes."""

    def __init__(self, calls: List[bytes], *, method: bool, signature: Optional[inspect.Signature] = None) -> None:
        self.pool = mutate.Pool()
        self.errors: List[str] = []
        self._shapes: Dict[Any, List[bytes]] = {}
        self._open: List[Tuple[bytes, Any]] = []
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

    def _take(self, data: bytes, args: Any, kwargs: Any) -> None:
        self._shapes.setdefault((len(args), tuple(kwargs)), []).append(data)
        for owner in args[: self._first]:
            for name in mutate.public_attributes(owner):
                self.pool.add(getattr(owner, name), ("self", name))
        for name, value in [*enumerate(args[self._first :], self._first), *kwargs.items()]:
            self.pool.add(value, (name,))
            if near.takes(value):
                self._open.append((data, name))

    def near_duplicates(self, draw: random.Random, limit: int) -> Iterator[Made]:
        """Yield a call with a copy of an element that differs in one value, or nothing where there is none."""
        if not self._open:
            return
        data, name = draw.choice(self._open)
        args, kwargs = pickling.loads(data)
        made = near.anywhere(args[name] if isinstance(name, int) else kwargs[name], draw, self.pool)
        if made is not None:
            yield from self._new(
                *self._with(args, kwargs, name, made[0]), limit, f"{self._label(name)}: with {made[1]}"
            )

    def neighbours(self, limit: int) -> Iterator[Made]:
        """Yield calls in which one plain argument took a value next to the captured or default one."""
        for calls in self._shapes.values():
            args, kwargs = pickling.loads(calls[0])
            kwargs = {**kwargs, **self._options(args, kwargs)}
            for name in [*range(self._first, len(args)), *kwargs]:
                for value in mutate.neighbours(args[name] if isinstance(name, int) else kwargs[name]):
                    yield from self._new(
                        *self._with(args, kwargs, name, value), limit, f"{self._label(name)} = {value!r}"
                    )

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
        object.__setattr__(owner, name, mutation.of(getattr(owner, name), f"self.{name}", ("self", name)))
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


def _spread(calls: List[bytes]) -> List[bytes]:
    """Return the smallest, the middle and the largest of calls that are ordered by size."""
    return [calls[place] for place in sorted({0, len(calls) // 2, len(calls) - 1})]


def grown(source: Source, request: Dict[str, Any], deadline: float) -> List[Dict[str, str]]:
    """Return up to the wanted number of larger calls, the smallest first."""
    draw = random.Random(f"{request['seed']} grown")  # noqa: S311 - inputs, no secrets
    made: List[Made] = []
    try:
        for one in source.larger(draw, request["bytes"]):
            made.append(one)
            if len(made) >= request["grown"] * _GROWN_SPARE or time.monotonic() > deadline:
                break
    except Exception as error:
        source.errors.append(ready.said(error))
    # Small ones show most for their time; the largest are as far away from what was seen as can be.
    by_size = sorted(made, key=lambda one: len(one[0]))
    step = max(1, len(by_size) // max(1, request["grown"]))
    return [_packed(data, said) for data, said in by_size[::step][: request["grown"]]]


def _packed(data: bytes, said: str) -> Dict[str, str]:
    return {"data": base64.b64encode(data).decode("ascii"), "said": said[:200]}


def derived(source: Source, request: Dict[str, Any], kind: str, deadline: float) -> List[Dict[str, str]]:
    """Return up to the wanted number of new calls of one kind."""
    made: List[Dict[str, str]] = []
    wanted = 0 if source.is_empty else request[kind]
    for data, said in _tried(source, request, kind, wanted):
        made.append(_packed(data, said))
        if len(made) >= wanted or time.monotonic() > deadline:
            break
    return made


def _tried(source: Source, request: Dict[str, Any], kind: str, wanted: int) -> Iterator[Made]:
    # A text seed: the sequence must not depend on the hash seed.
    draw = random.Random(f"{request['seed']} {kind}")  # noqa: S311 - inputs, no secrets
    if kind == "derived" and wanted:
        close = list(source.neighbours(request["bytes"]))
        yield from draw.sample(close, min(len(close), wanted // 3))
    near_part = wanted // _NEAR_PART if kind == "derived" else 0
    for one in range(near_part + wanted * _TRIES):
        try:
            if one < near_part:
                yield from source.near_duplicates(draw, request["bytes"])
            else:
                yield from source.derive(draw, edge=kind == "edge", limit=request["bytes"])
        except Exception as error:
            source.errors.append(ready.said(error))


def _signature(spec: Dict[str, Any]) -> Optional[inspect.Signature]:
    try:
        return inspect.signature(resolve.signed(spec))
    except Exception:
        return None


def _by_recipe(call: Dict[str, Any]) -> bytes:
    """Return a captured call, its object by recipe where that makes the same one."""
    data = base64.b64decode(call["data"])
    made = recipes.by_recipe(data, base64.b64decode(call["recipe"])) if call["recipe"] else None
    return data if made is None else made


def main() -> None:
    """Serve one derivation over the taken-over standard streams."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    spec = request["spec"]
    resolve.extend_path(spec["paths"])
    found = [_by_recipe(one) for one in request["calls"]]
    calls = [data for one, data in zip(request["calls"], found) if one["vary"]]  # noqa: B905 - Python 3.8
    source = Source(calls, method=spec["method"], signature=_signature(spec))
    answer: Dict[str, Any] = {"captured": [base64.b64encode(data).decode("ascii") for data in found]}
    for kind in ("derived", "edge"):
        answer[kind] = derived(source, request, kind, time.monotonic() + request["seconds"])
    answer["grown"] = grown(source, request, time.monotonic() + request["seconds"])
    frames.send({**answer, "errors": sorted(set(source.errors))[:20]})
    frames.receive()


if __name__ == "__main__":
    main()
