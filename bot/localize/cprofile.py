"""cProfile's files and tables: times and callers of functions, made into stacks as far as callers tell.

A file holds no stacks. They are put together from the time that each function spent on behalf of each caller; where
a function is called from several places, its callees are taken to cost the same from each.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.errors import Refused
from bot.localize.frames import Frames
from bot.localize.marshalled import loads
from bot.localize.stacks import BenchmarkProfile, Calls, Frame

FINEST = 1e-4
"""Stacks are followed to callers down to this share of the run time."""
NATIVE = "~"
ROW = re.compile(
    r"^\s*(?P<calls>\d{1,18})(?:/(?P<primitive>\d{1,18}))?\s+(?P<own>\d+\.\d+)\s+\d+\.\d+\s+(?P<total>\d+\.\d+)\s+\d+\.\d+\s+"
    r"(?:(?P<file>.+):(?P<line>\d{1,9})\((?P<name>.+)\)|\{(?P<native>.+)\})\s*$"
)
Key = tuple[str, int, str]
Row = tuple[int, int, float, float]
Table = dict[Key, tuple[Row, dict[Key, Row]]]


def read(data: bytes, frames: Frames, name: str) -> BenchmarkProfile:
    """Read what cProfile's `dump_stats` writes; Refused for other or damaged files."""
    try:
        table = _table(loads(data))
    except (ValueError, TypeError, IndexError) as error:
        sentence = f"{name} is no whole cProfile file: {error}"
        raise Refused(sentence) from error
    known = {key: _frame(key, frames) for key in table}
    stacks: dict[tuple[Frame, ...], float] = {}
    for chain, weight in _chains(table):
        stack = tuple(known[key] for key in chain)
        stacks[stack] = stacks.get(stack, 0.0) + weight
    native = _native(table)
    calls = {
        known[key]: Calls(row[1], row[0], row[2], native.get(key, 0.0))
        for key, (row, _) in table.items()
        if known[key].path
    }
    return BenchmarkProfile(name, stacks, calls, samples=sum(row[1] for row, _ in table.values()))


def read_table(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read the table that `python -m cProfile` prints; it holds no callers, so that native time is nobody's."""
    stacks: dict[tuple[Frame, ...], float] = {}
    calls: dict[Frame, Calls] = {}
    totals: dict[Frame, float] = {}
    for found in filter(None, map(ROW.match, text.split("\n"))):
        key = (NATIVE, 0, found["native"]) if found["native"] else (found["file"], int(found["line"]), found["name"])
        frame, count, own = _frame(key, frames), int(found["calls"]), float(found["own"])
        stacks[frame,] = stacks.get((frame,), 0.0) + own
        if frame.path:
            calls[frame] = Calls(count, int(found["primitive"] or count), own)
            totals[frame] = float(found["total"])
    return BenchmarkProfile(name, stacks, calls, samples=sum(one.count for one in calls.values()), totals=totals)


def _frame(key: Key, frames: Frames) -> Frame:
    file, line, name = key
    return Frame("", 0, name) if file == NATIVE else frames.place(name, file, line, exact=True)


def _table(raw: Any) -> Table:
    """Return the rows (calls that are not recursive, calls, own and total seconds) and callers; else ValueError."""
    if not isinstance(raw, dict):
        message = "it holds no table"
        raise TypeError(message)
    table: Table = {}
    for key, value in raw.items():
        primitive, count, own, total, callers = value
        table[_key(key)] = _row(primitive, count, own, total), {_key(one): _caller(row) for one, row in callers.items()}
    return table


def _key(raw: Any) -> Key:
    file, line, name = raw
    if not (isinstance(file, str) and isinstance(line, int) and isinstance(name, str)):
        message = "a function has no name"
        raise TypeError(message)
    return file, line, name


def _caller(raw: Any) -> Row:
    count, primitive, own, total = raw
    return _row(primitive, count, own, total)


def _row(primitive: Any, count: Any, own: Any, total: Any) -> Row:
    if not all(isinstance(one, int) and 0 <= one < 1e18 for one in (primitive, count)):
        message = "a count is no number"
        raise ValueError(message)
    if not all(isinstance(one, (int, float)) and 0 <= one < 1e12 for one in (own, total)):
        message = "a time is no number"
        raise ValueError(message)
    return primitive, count, float(own), float(total)


def _chains(table: Table) -> Iterator[tuple[tuple[Key, ...], float]]:
    """Yield chains of functions, outermost first, with the time that the last one spends itself below the others."""
    finest = FINEST * sum(row[2] for row, _ in table.values())
    rest: list[tuple[tuple[Key, ...], float]] = [((key,), row[2]) for key, (row, _) in table.items() if row[2] > 0]
    while rest:
        chain, weight = rest.pop()
        shares = _shares(table[chain[0]][1], chain, table, 2 if len(chain) == 1 else 3)
        if not shares or weight < finest:
            yield chain, weight
        else:
            rest += [((caller, *chain), weight * share) for caller, share in shares.items()]


def _shares(callers: Mapping[Key, Row], chain: tuple[Key, ...], table: Table, field: int) -> dict[Key, float]:
    """Return who called the first of a chain, by share of its own (2) or total (3) time; recursion left out."""
    known = {key: row[field] for key, row in callers.items() if key in table and key not in chain}
    everything = sum(known.values())
    return {key: one / everything for key, one in known.items() if one > 0} if everything > 0 else {}


def _native(table: Table) -> dict[Key, float]:
    """Return the time that each function spends in the native ones that it calls itself."""
    found: dict[Key, float] = {}
    for (file, _, _), (_, callers) in table.items():
        if file == NATIVE:
            for caller, row in callers.items():
                found[caller] = found.get(caller, 0.0) + row[2]
    return found
