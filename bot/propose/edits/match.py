"""Finds the one place that a SEARCH text means: rungs from exact to lenient, each of which must be unique to count."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain.code import Span
from bot.propose.edits.indent import Indent, tab_units, uniform
from bot.propose.edits.index import Index, TooManyError, plain, starts_of
from bot.propose.edits.parse import Pair

_NUMBER = re.compile(r"[ \t]*(\d+) ?\|(?: (?P<text>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `start` to `end` (0-based, exclusive) of a file; `where` gives each SEARCH line's line there, or -1."""

    start: int
    end: int
    where: tuple[int, ...]
    indent: Indent


@dataclass(frozen=True, slots=True)
class Part:
    """A pair, as its rung reads it, and the one place for it."""

    pair: Pair
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """The rung that decided, and its parts in the order of the file (more than one for bare "..." lines)."""

    rung: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """No place, or several on the rung that has any: `starts` are their 0-based lines."""

    rung: str = ""
    starts: tuple[int, ...] = ()


def locate(index: Index, pair: Pair, spans: Sequence[Span] = ()) -> Found | Missed:
    """Return the only place of a pair, or why there is none; spans decide only between equals on one rung."""
    if not any(line.strip() for line in pair.search):
        whole = bool(pair.search) and pair.search == index.lines
        return _found("exact", pair, _places([0], pair)[0]) if whole else Missed()
    try:
        for rung, read, places in _ladder(index, pair):
            if places:
                chosen = _choose(places, spans)
                if chosen is None:
                    return _several(rung, places)
                return Missed() if _repeats(index, pair, read, chosen) else _found(rung, read, chosen)
        return _around_dots(index, pair, spans) or _without_numbers(index, pair, spans) or Missed()
    except TooManyError as error:
        return Missed("", tuple(error.starts))


def _several(rung: str, places: Sequence[Place]) -> Missed:
    return Missed(rung, tuple(one.start for one in places))


def _found(rung: str, pair: Pair, place: Place) -> Found:
    return Found(rung, (Part(pair, place),))


def _choose(places: Sequence[Place], spans: Sequence[Span]) -> Place | None:
    if len(places) == 1:
        return places[0]
    inside = [one for one in places if any(span.start <= one.start + 1 and one.end <= span.end for span in spans)]
    return inside[0] if len(inside) == 1 else None


def _ladder(index: Index, pair: Pair) -> Iterator[tuple[str, Pair, list[Place]]]:
    """Yield the rungs on which the lines of a pair stand together, strictest first."""
    starts = starts_of(index.stripped, [line.strip() for line in pair.search])
    same = [at for at in starts if index.lines[at : at + len(pair.search)] == pair.search]
    yield "exact", pair, _places(same, pair)
    yield "trailing-blanks", pair, _trailing(index, starts, pair)
    trimmed = trim(pair)
    if len(trimmed.search) != len(pair.search):
        starts = starts_of(index.stripped, [line.strip() for line in trimmed.search])
        yield "blank-borders", trimmed, _trailing(index, starts, trimmed)
    yield "indentation", trimmed, _shifted(index, starts, trimmed, uniform)
    yield "tabs", trimmed, _shifted(index, starts, trimmed, tab_units)
    yield from _lenient(index, trimmed)


def _lenient(index: Index, pair: Pair) -> Iterator[tuple[str, Pair, list[Place]]]:
    composed = [plain(line).strip() for line in pair.search]
    yield "typography", pair, _shifted(index, starts_of(index.typographic, composed), pair, uniform)
    collapsed = [" ".join(line.split()) for line in composed]
    yield "inner-blanks", pair, _shifted(index, starts_of(index.collapsed, collapsed), pair, uniform)
    yield "blank-lines", pair, _scattered(index, pair)


def _places(starts: Sequence[int], pair: Pair) -> list[Place]:
    size = len(pair.search)
    return [Place(at, at + size, tuple(range(at, at + size)), Indent()) for at in starts]


def _trailing(index: Index, starts: Sequence[int], pair: Pair) -> list[Place]:
    wanted = [line.rstrip() for line in pair.search]
    size = len(wanted)
    same = [at for at in starts if [line.rstrip() for line in index.lines[at : at + size]] == wanted]
    return _places(same, pair)


_Shift = Callable[[Sequence[str], Sequence[str]], Indent | None]


def _shifted(index: Index, starts: Sequence[int], pair: Pair, shift: _Shift) -> list[Place]:
    """Return the places where one shift of the indentation fits every line."""
    size = len(pair.search)
    shifts = ((at, shift(pair.search, index.lines[at : at + size])) for at in starts)
    return [Place(at, at + size, tuple(range(at, at + size)), found) for at, found in shifts if found is not None]


def _scattered(index: Index, pair: Pair) -> list[Place]:
    """Return the places that differ in blank lines only."""
    numbers, lines = index.filled
    filled = [at for at, line in enumerate(pair.search) if line.strip()]
    places = []
    for start in starts_of(lines, [pair.search[at].strip() for at in filled]):
        here = numbers[start : start + len(filled)]
        shift = uniform([pair.search[at] for at in filled], [index.lines[at] for at in here])
        if shift is not None:
            where = dict(zip(filled, here, strict=True))
            lines_of = tuple(where.get(at, -1) for at in range(len(pair.search)))
            places.append(Place(here[0], here[-1] + 1, lines_of, shift))
    return places


def _around_dots(index: Index, pair: Pair, spans: Sequence[Span]) -> Found | Missed | None:
    """Place the pieces between bare "..." lines, each on its own and in order; what the dots stand for stays."""
    searches, replaces = _pieces(pair.search), _pieces(pair.replace)
    if len(searches) == 1 or len(searches) != len(replaces) or pair.bare_search or pair.bare_replace:
        return None
    parts: list[Part] = []
    for search, new in zip(searches, replaces, strict=True):
        if not any(line.strip() for line in search):
            if any(line.strip() for line in new):
                return None
            continue
        piece = Pair(search, new)
        rungs = (places for rung, _, places in _ladder(index, piece) if rung in {"exact", "trailing-blanks"})
        places = next((places for places in rungs if places), [])
        chosen = _choose(places, spans) if places else None
        if chosen is None:
            return _several("ellipsis", places) if places else None
        if parts and chosen.start < parts[-1].place.end:
            return None
        parts.append(Part(piece, chosen))
    return Found("ellipsis", tuple(parts)) if parts else None


def _pieces(lines: Sequence[str]) -> list[tuple[str, ...]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == "...":
            pieces.append([])
        else:
            pieces[-1].append(line)
    return [tuple(piece) for piece in pieces]


def _without_numbers(index: Index, pair: Pair, spans: Sequence[Span]) -> Found | Missed | None:
    """Read "12 | code" as a line of a numbered listing; the numbers are not believed, the text must be unique."""
    search = _unnumbered(pair.search)
    if search is None:
        return None
    read = trim(replace(pair, search=search, replace=_unnumbered(pair.replace) or pair.replace), both=True)
    for _, found, places in _ladder(index, read):
        if places:
            chosen = _choose(places, spans)
            return _several("line-numbers", places) if chosen is None else _found("line-numbers", found, chosen)
    return None


def _unnumbered(lines: Sequence[str]) -> tuple[str, ...] | None:
    found = [_NUMBER.fullmatch(line) for line in lines]
    numbers = [int(one[1]) for one in found if one]
    consecutive = all(after == before + 1 for before, after in pairwise(numbers))
    if not numbers or len(numbers) != len(lines) or not consecutive:
        return None
    return tuple((one["text"] or "") if one else "" for one in found)


def trim(pair: Pair, *, both: bool = False) -> Pair:
    """Drop SEARCH's blank first and last lines, and as many of REPLACE (with `both` all of REPLACE's)."""
    head, tail = _borders(pair.search)
    new_head, new_tail = _borders(pair.replace)
    if not both:
        new_head, new_tail = min(head, new_head), min(tail, new_tail)
    return replace(
        pair,
        search=pair.search[head : len(pair.search) - tail],
        replace=pair.replace[new_head : len(pair.replace) - new_tail],
    )


def _repeats(index: Index, pair: Pair, read: Pair, place: Place) -> bool:
    """Say whether REPLACE holds a line that the file has where SEARCH has only blank ones.

    Then a blank line was meant to be that line, and dropping it would leave the line in the file twice.
    """
    if len(read.search) == len(pair.search):
        return False
    head, tail = _borders(pair.search)
    around = index.stripped[max(place.start - head, 0) : place.start] + index.stripped[place.end : place.end + tail]
    return any(line and line in around for line in map(str.strip, read.replace))


def _borders(lines: Sequence[str]) -> tuple[int, int]:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return (filled[0], len(lines) - 1 - filled[-1]) if filled else (len(lines), 0)
