"""Turns a placed pair into the splices that it means: only what the author changed, so that the rest stays as it is."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bot.propose.edits.indent import leading
from bot.propose.edits.match import Part, Place
from bot.propose.edits.text import Splice

_MIDDLE = 400  # difflib is quadratic; longer middles are replaced as a whole


def differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (old start, old end, new start, new end) of each run of lines that differs."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if not left and not right:
        return
    if max(len(left), len(right)) > _MIDDLE:
        yield head, len(old) - tail, head, len(new) - tail
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            yield head + i1, head + i2, head + j1, head + j2


def splices(part: Part) -> tuple[Splice, ...] | None:
    """Return the splices of a part in the file's lines; None where REPLACE cannot follow SEARCH to its indentation."""
    pair, place = part.pair, part.place
    if _already_moved(part):
        return None
    found = []
    for old_start, old_end, new_start, new_end in differences(pair.search, pair.replace):
        lines = [place.indent.apply(line) for line in pair.replace[new_start:new_end]]
        kept = tuple(line for line in lines if line is not None)
        if len(kept) != len(lines):
            return None
        found.append(Splice(*_range(place, old_start, old_end), kept))
    return tuple(found)


def _already_moved(part: Part) -> bool:
    """Say whether REPLACE is indented as the file is although SEARCH is not: which of them was meant is a guess."""
    search, new = (next((one for one in side if one.strip()), "") for side in (part.pair.search, part.pair.replace))
    there = leading(part.place.indent.apply(search) or "")
    return leading(new) == there != leading(search) and bool(new)


def _range(place: Place, start: int, end: int) -> tuple[int, int]:
    """Return the file's lines for SEARCH's lines `start` to `end`; an empty range is a point of insertion."""
    covered = [at for at in place.where[start:end] if at >= 0]
    if covered:
        return covered[0], covered[-1] + 1
    before = [at for at in place.where[:start] if at >= 0]
    point = before[-1] + 1 if before else place.start
    return point, point
