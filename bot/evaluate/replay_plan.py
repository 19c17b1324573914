"""Which calls are made, in which order: captured ones first, then all kinds in turn until the time is over."""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.evaluate.replay_calls import Call, Captured, How, Kind
from bot.ports import Session

_FIRST = 8
_TWICE = 6
_SECONDS = 10.0
_DERIVED_BYTES = 1 << 20
_SOURCES = 8 << 20
_LEAST = 2
_BY_THREADS = 2
_GROWN_AFTER = 60
_MADE = (Kind.DERIVED, Kind.EDGE, Kind.GROWN)


class Counts(Protocol):
    """How many calls of each kind there may be."""

    @property
    def derived(self) -> int:
        """Calls derived in distribution."""

    @property
    def edge(self) -> int:
        """Calls with values that nothing uses."""

    @property
    def grown(self) -> int:
        """Calls with several times the elements that were captured."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The captured calls, new calls made from them, notes, and why there are no new ones ("" where that worked)."""

    captured: tuple[Call, ...]
    made: tuple[Call, ...]
    notes: tuple[str, ...] = ()
    why_none: str = ""


def derive(session: Session, project: Project, captured: Captured, counts: Counts, seed: int) -> Derived:
    """Make new calls from the captured ones in a process of the base; a second one tries where the first fails.

    Where the object of a captured call can be made again by its constructor, the call does that from now on.
    """
    found = _derived(session, project, captured, counts, seed)
    return _derived(session, project, captured, counts, seed) if found.why_none else found


def _derived(session: Session, project: Project, captured: Captured, counts: Counts, seed: int) -> Derived:
    sources = _small_enough([call.data for call in captured.calls])
    varied = set(sources)
    request = {
        "spec": dict(captured.spec),
        "calls": [{"data": one.data, "recipe": one.recipe, "vary": one.data in varied} for one in captured.calls],
        "seed": seed,
        "derived": counts.derived,
        "edge": counts.edge,
        "grown": counts.grown,
        "bytes": max(_DERIVED_BYTES, 2 * max(map(len, sources))),
        "seconds": _SECONDS / 4,
    }
    argv = (project.python, "-m", "hotlap_inside.derive")
    channel = session.talk(argv, env=environment(project, session))
    try:
        answer = json.loads(channel.ask(json.dumps(request).encode(), _SECONDS * 3).payload)
        made = tuple(Call(str(one["data"]), kind, str(one["said"])) for kind in _MADE for one in answer[kind])
        found = tuple(
            replace(call, data=str(data) or call.data)
            for call, data in zip(captured.calls, answer["captured"], strict=True)
        )
        ordered = [f"{name} stayed in ascending order, as the function speaks of order" for name in answer["ordered"]]
        errors = [f"a captured call could not be varied: {why}" for why in answer["errors"][:3]]
        return Derived(found, made, tuple(map(str, [*ordered, *errors])))
    except (SandboxError, ValueError, TypeError, KeyError) as error:
        return Derived(captured.calls, (), why_none=f"no further calls could be derived: {error}")
    finally:
        channel.close()


def _small_enough(calls: Sequence[str]) -> list[str]:
    """Return the smallest calls up to a sum of bytes, at least two: large ones take the time of many others."""
    by_size = sorted(calls, key=len)
    sums = itertools.accumulate(map(len, by_size))
    return [
        data
        for number, (data, total) in enumerate(zip(by_size, sums, strict=True))
        if number < _LEAST or total < _SOURCES
    ]


def planned(captured: Sequence[Call], more: Sequence[Call]) -> tuple[Call, ...]:
    """Return all calls in the order in which they are made."""
    by_size = sorted(captured, key=lambda call: len(call.data))
    spread = _spread(by_size)
    derived = [call for call in more if call.kind is Kind.DERIVED]
    edge = [call for call in more if call.kind is Kind.EDGE]
    twice = [replace(call, how=how) for call in spread[:_TWICE] for how in (How.AGAIN, How.CHANGED)]
    # The larger ones: a call that is over within one turn of its thread shares nothing.
    threads = [replace(call, how=How.THREADS) for call in by_size[len(by_size) // 2 :][:_BY_THREADS]]
    # Two derived calls for every captured one: they are what the candidate cannot know.
    rest = list(_interleaved([spread[_FIRST:], derived[::2], derived[1::2], twice, edge, threads]))
    grown = [call for call in more if call.kind is Kind.GROWN]
    # Larger calls have time of their own; the first others tell whether the candidate is worth it.
    return (*spread[:_FIRST], *rest[:_GROWN_AFTER], *grown, *rest[_GROWN_AFTER:])


def _spread(calls: Sequence[Call]) -> list[Call]:
    """Return calls so that every beginning of the list holds small and large ones."""
    order = list(calls)
    spread: list[Call] = []
    step = max(1, len(order) // _FIRST)
    for start in range(step):
        spread.extend(order[start::step])
    return spread


def _interleaved(lists: Iterable[Sequence[Call]]) -> Iterator[Call]:
    turns = itertools.chain.from_iterable(itertools.zip_longest(*lists))
    return (call for call in turns if call is not None)
