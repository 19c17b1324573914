"""Driver that derives calls nobody has seen from captured ones, inside a process of the base.

One frame {"spec", "calls": [pickle, ...], "seed", "derived", "edge", "bytes", "seconds"} is answered with
{"derived": [{"data", "said"}, ...], "edge": [...], "errors": [...]}.
"""

from __future__ import annotations

import base64
import hashlib
import random
import time
from typing import Any, Dict, List, Set, Tuple

from . import channel, mutate, pickling, ready, resolve

_TRIES = 6
_CHANGES = (1, 1, 1, 2, 3)
_STATE_SHARE = 0.3


class Source:
    """Captured calls by value, and what was seen in them."""

    def __init__(self, calls: List[bytes], *, method: bool) -> None:
        self.pool = mutate.Pool()
        self.usable: List[bytes] = []
        self.errors: List[str] = []
        self._first = 1 if method else 0
        self._seen: Set[bytes] = {hashlib.sha256(one).digest() for one in calls}
        for data in calls:
            try:
                args, kwargs = pickling.loads(data)
            except Exception as error:
                self.errors.append(ready.said(error))
                continue
            if args[self._first :] or kwargs or mutate.public_attributes(args[0] if args else None):
                self.usable.append(data)
                for value in (*args[self._first :], *kwargs.values(), *mutate.public_values(args[: self._first])):
                    self.pool.add(value)

    def derive(self, draw: random.Random, *, edge: bool, limit: int) -> "Tuple[bytes, str] | None":
        """Return a new call and what was changed, or None where this try led to nothing new."""
        args, kwargs = pickling.loads(draw.choice(self.usable))
        said = ""
        if draw.random() < 0.2 and not edge:
            args, said = self._exchanged(args, kwargs, draw)
        for _ in range(1 if edge else draw.choice(_CHANGES)):
            if not said or draw.random() < 0.5:
                args, kwargs, more = self._changed(args, kwargs, draw, edge=edge)
                said = f"{said}; {more}" if said and more else said or more
        if not said:
            return None
        try:
            data = pickling.dumps((tuple(args), kwargs), limit)
        except Exception:
            return None
        digest = hashlib.sha256(data).digest()
        if digest in self._seen:
            return None
        self._seen.add(digest)
        return data, said

    def _changed(self, args: Any, kwargs: Any, draw: random.Random, *, edge: bool) -> "Tuple[Any, Any, str]":
        names = [*range(self._first, len(args)), *kwargs]
        if edge and self._first and (not names or draw.random() < _STATE_SHARE):
            return args, kwargs, self._state_changed(args[0], draw)
        if not names:
            return args, kwargs, ""
        mutation = mutate.Mutation(draw, self.pool, edge=edge)
        name = draw.choice(names)
        if isinstance(name, int):
            made = mutation.of(args[name], f"argument {name - self._first + 1}")
            args = (*args[:name], made, *args[name + 1 :])
        else:
            kwargs = {**kwargs, name: mutation.of(kwargs[name], f"argument {name}")}
        return args, kwargs, mutation.said

    def _state_changed(self, owner: Any, draw: random.Random) -> str:
        """Change a public attribute of the object itself: an edge, as its class may promise that this never happens."""
        names = mutate.public_attributes(owner)
        if not names:
            return ""
        name = draw.choice(names)
        mutation = mutate.Mutation(draw, self.pool, edge=draw.random() < 0.2)
        object.__setattr__(owner, name, mutation.of(getattr(owner, name), f"self.{name}"))
        return mutation.said

    def _exchanged(self, args: Any, kwargs: Any, draw: random.Random) -> "Tuple[Any, str]":
        """Take one argument from another captured call."""
        others, named = pickling.loads(draw.choice(self.usable))
        if not others[self._first :] and not named:
            return args, ""
        pairs = [*enumerate(others[self._first :], self._first), *named.items()]
        name, value = draw.choice(pairs)
        said = f"argument {name} from another call"
        if isinstance(name, int) and name < len(args) and type(value) is type(args[name]):
            return (*args[:name], value, *args[name + 1 :]), said
        if name in kwargs and type(value) is type(kwargs[name]):
            kwargs[name] = value
            return args, said
        return args, ""


def derived(source: Source, request: Dict[str, Any], kind: str, deadline: float) -> List[Dict[str, str]]:
    """Return up to the wanted number of new calls of one kind."""
    # A text seed: the sequence must not depend on the hash seed.
    draw = random.Random(f"{request['seed']} {kind}")  # noqa: S311 - inputs, no secrets
    made: List[Dict[str, str]] = []
    tries = request[kind] * _TRIES if source.usable else 0
    for _ in range(tries):
        if len(made) >= request[kind] or time.monotonic() > deadline:
            break
        try:
            found = source.derive(draw, edge=kind == "edge", limit=request["bytes"])
        except Exception as error:
            source.errors.append(ready.said(error))
            continue
        if found is not None:
            made.append({"data": base64.b64encode(found[0]).decode("ascii"), "said": found[1][:200]})
    return made


def main() -> None:
    """Serve one derivation over the taken-over standard streams."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    spec = request["spec"]
    resolve.extend_path(spec["paths"])
    deadline = time.monotonic() + request["seconds"]
    calls = [base64.b64decode(one) for one in request["calls"]]
    source = Source(calls, method=spec["method"])
    answer: Dict[str, Any] = {kind: derived(source, request, kind, deadline) for kind in ("derived", "edge")}
    frames.send({**answer, "errors": sorted(set(source.errors))[:20]})
    frames.receive()


if __name__ == "__main__":
    main()
