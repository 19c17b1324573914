"""Calls to make again, and what was seen when they were made: values that the replay gate works on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain.code import FunctionId

# A candidate's process may send anything: what is kept of it is bounded.
_LONGEST = 2000
_NAME = 200
_NAMES = 20


class Kind(StrEnum):
    """Where a call comes from."""

    CAPTURED = "captured"
    DERIVED = "derived"
    EDGE = "edge"
    GROWN = "grown"


class How(StrEnum):
    """Made once; twice on equal arguments; twice on the same objects, changed in place in between; or by threads."""

    ONCE = "once"
    AGAIN = "again"
    CHANGED = "changed"
    THREADS = "threads"


_WAYS = {
    How.ONCE: "",
    How.AGAIN: ", made twice",
    How.CHANGED: ", made again after its arguments changed",
    How.THREADS: ", made by several threads at once",
}


class Status(StrEnum):
    """How making a call ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    OVERRUN = "overrun"
    UNLOADABLE = "unloadable"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the pickle of its arguments, in base64 and never read here, and where it comes from in words.

    `recipe` tells how the object that it was called on came to be, "" where that is not known; `is_timed` says that a
    benchmark makes this call.
    """

    data: str
    kind: Kind
    said: str
    how: How = How.ONCE
    recipe: str = ""
    is_timed: bool = False

    def __str__(self) -> str:
        return f"{self.kind} call ({self.said}{_WAYS[self.how]})"


@dataclass(frozen=True, slots=True)
class Captured:
    """The calls of one function of the base; `spec` tells the driver how to make them again.

    `function` is the one asked for; where it is defined inside of another one, the calls are those of the outermost
    function around it. `uncaptured` says what is missing and why; `calls_seen` counts all calls that were made.
    """

    function: FunctionId
    spec: Mapping[str, Any]
    calls: tuple[Call, ...]
    uncaptured: tuple[str, ...] = ()
    calls_seen: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What one process answered for one call; texts of a candidate are claims, digests are compared only."""

    status: Status
    result: str = ""
    arguments: str = ""
    sharing: str = ""
    shown: str = ""
    error: str = ""
    message: str = ""
    explicit: bool = False
    absent: tuple[str, ...] = ()
    effects: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    opaque: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """Digests of module globals by name, and the attribute names met for each class."""

    globals: Mapping[str, str]
    attributes: Mapping[str, tuple[str, ...]]


def observation(payload: bytes, seconds: float) -> Observation:
    """Read one answer of a driver; one that is not of the agreed form counts as the end of the process."""
    try:
        answer = json.loads(payload)
        return _observation(answer, seconds)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Observation(Status.DIED, message="it gave an answer that is not of the agreed form", seconds=seconds)


def state(payload: bytes) -> State:
    """Read a driver's answer about its process; an empty one where it is not of the agreed form."""
    try:
        answer = json.loads(payload)
        names = {str(name): tuple(map(str, found)) for name, found in answer["attributes"].items()}
        return State(_texts(answer["globals"]), MappingProxyType(names))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return State(MappingProxyType({}), MappingProxyType({}))


def _observation(answer: dict[str, Any], seconds: float) -> Observation:
    if answer.get("overrun"):
        return Observation(Status.OVERRUN, seconds=seconds)
    if "unloadable" in answer:
        return Observation(Status.UNLOADABLE, message=str(answer["unloadable"]), seconds=seconds)
    failure = answer.get("failure")
    return Observation(
        Status.ANSWERED if failure is None else Status.FAILED,
        result=str(answer["result"]),
        arguments=str(answer["arguments"]),
        sharing=str(answer["sharing"]),
        shown=str(answer.get("shown", ""))[:200],
        error=str(failure["type"]) if failure else "",
        message=str(failure["message"])[:_LONGEST] if failure else "",
        explicit=bool(failure["explicit"]) if failure else False,
        absent=tuple(map(str, failure["absent"])) if failure else (),
        effects=MappingProxyType({**_texts(answer["settings"]), **_texts(answer["written"])}),
        opaque=_names(answer["opaque"]),
        extra=_names(answer.get("extra", ())),
        seconds=seconds,
    )


def _names(found: list[Any]) -> tuple[str, ...]:
    return tuple(str(name)[:_NAME] for name in found[:_NAMES])


def _texts(found: dict[str, Any]) -> Mapping[str, str]:
    return MappingProxyType({str(name): str(text) for name, text in found.items()})
