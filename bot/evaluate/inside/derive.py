"""Driver that derives calls nobody has seen from captured ones, inside a process of the base.

One frame {"spec", "calls": [{"data", "recipe", "vary"}, ...], "seed", "derived", "edge", "grown", "bytes", "seconds"}
is answered with {"captured": [data, ...], "derived": [{"data", "said"}, ...], "edge": [...], "grown": [...],
"ordered": [argument, ...], "errors": [...]}. The seconds count from when the captured calls were read.
"""

from __future__ import annotations

import base64
import inspect
import random
import time
from typing import Any, Dict, Iterator, List, Optional

from . import channel, ready, recipes, resolve
from .source import Made, Source

_TRIES = 6
_NEAR_PART = 3
_GROWN_SPARE = 3


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


def _text(spec: Dict[str, Any]) -> str:
    """Return what the function says of itself."""
    try:
        return inspect.getdoc(resolve.signed(spec)) or ""
    except Exception:
        return ""


def _typed(source: Source, spec: Dict[str, Any], request: Dict[str, Any]) -> List[Dict[str, str]]:
    """Return calls made from type hints; none where edges are not wanted or the hints cannot be used."""
    if not request["edge"] or source.is_empty:
        return []
    try:
        made = list(source.of_types(resolve.signed(spec), request["seed"], request["bytes"]))
    except Exception as error:
        source.errors.append(ready.said(error))
        return []
    return [_packed(data, said) for data, said in made]


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
    source = Source(calls, method=spec["method"], signature=_signature(spec), text=_text(spec))
    answer: Dict[str, Any] = {"captured": [base64.b64encode(data).decode("ascii") for data in found]}
    for kind in ("derived", "edge"):
        answer[kind] = derived(source, request, kind, time.monotonic() + request["seconds"])
    answer["edge"] += _typed(source, spec, request)
    answer["grown"] = grown(source, request, time.monotonic() + request["seconds"])
    frames.send({**answer, "ordered": source.kept_in_order, "errors": sorted(set(source.errors))[:20]})
    frames.receive()


if __name__ == "__main__":
    main()
