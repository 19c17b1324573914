"""Writes a change as the SEARCH/REPLACE blocks that a careful author would send, and proves them by applying them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.code import File, Snapshot
from bot.domain.errors import EditError
from bot.propose.edits import engine
from bot.propose.edits.changes import differences
from bot.propose.edits.index import Index
from bot.propose.edits.match import Found, locate
from bot.propose.edits.parse import NO_NEWLINE, Pair, escape
from bot.propose.edits.text import NotText, Text, decode

CONTEXT = 3
_JOINED = 10  # changes closer than this become one block: models and people read functions, not single lines


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Old lines `start` to `end` become new lines `new_start` to `new_end`, context included."""

    start: int
    end: int
    new_start: int
    new_end: int

    def grown(self, by: int, size: int) -> "_Hunk":
        """Return the hunk with up to `by` more lines of context on either side."""
        up, down = min(by, self.start), min(by, size - self.end)
        return _Hunk(self.start - up, self.end + down, self.new_start - up, self.new_end + down)

    def joined(self, other: "_Hunk") -> "_Hunk":
        """Return one hunk over both and what is between them."""
        end, new_end = max(self.end, other.end), max(self.new_end, other.new_end)
        return _Hunk(min(self.start, other.start), end, min(self.new_start, other.new_start), new_end)


def blocks(path: str, before: str, after: str) -> str:
    """Return blocks that turn `before` into `after` byte for byte; "" where both are equal.

    EditError where SEARCH/REPLACE cannot say it: line endings that change, NUL, a path that is not allowed.
    """
    if before == after:
        return ""
    try:
        old, new = decode(before.encode()), decode(after.encode())
    except (NotText, UnicodeError) as error:
        raise EditError(f"{path} cannot be written as an edit: {error}", reason="not-text") from error
    for hunks in (_hunks(old, new), [_Hunk(0, len(old.lines), 0, len(new.lines))]):
        reply = "\n".join(_block(path, old, new, hunk) for hunk in hunks)
        if _result(reply, path, before) == after:
            return reply
    raise EditError(f"The change of {path} cannot be written as SEARCH/REPLACE blocks.", reason="not-expressible")


def _result(reply: str, path: str, before: str) -> str | None:
    answer = engine.apply(reply, Snapshot("", {path: File(before.encode())}))
    if not answer.applied or answer.changes[0].after is None:
        return None
    text = decode(answer.changes[0].after)
    return text.mark.decode() + "".join(line + end for line, end in zip(text.lines, text.ends, strict=True))


def _block(path: str, old: Text, new: Text, hunk: _Hunk) -> str:
    ends_bare = [hunk.end == len(old.lines) and _bare(old), hunk.end == len(old.lines) and _bare(new)]
    if ends_bare[0] == ends_bare[1] and old.lines:
        ends_bare = [False, False]
    sides = old.lines[hunk.start : hunk.end], new.lines[hunk.new_start : hunk.new_end]
    search, replace = (
        [*map(escape, side), *([NO_NEWLINE] if bare else [])] for side, bare in zip(sides, ends_bare, strict=True)
    )
    return "\n".join([path, "<<<<<<< SEARCH", *search, "=======", *replace, ">>>>>>> REPLACE", ""])


def _bare(text: Text) -> bool:
    return bool(text.ends) and not text.ends[-1]


def _hunks(old: Text, new: Text) -> list[_Hunk]:
    """Return few hunks, each with just enough context to have one place in the old text."""
    runs = [_Hunk(*run) for run in differences(_marked(old), _marked(new))]
    size, index = len(old.lines), Index(old.lines)
    grown = [_unique(hunk, old, index) for hunk in _join(runs, _JOINED)]
    # Growing may have made neighbours meet; joined, they are as unique as each was.
    return _join(grown, 0) if size else runs


def _marked(text: Text) -> Sequence[str]:
    """Return the lines, a bare last one told from one that ends in a newline."""
    return (*text.lines[:-1], text.lines[-1] + "\0") if _bare(text) else text.lines


def _join(hunks: Sequence[_Hunk], gap: int) -> list[_Hunk]:
    joined: list[_Hunk] = []
    for hunk in hunks:
        if joined and hunk.start - joined[-1].end <= gap:
            joined[-1] = joined[-1].joined(hunk)
        else:
            joined.append(hunk)
    return joined


def _unique(hunk: _Hunk, old: Text, index: Index) -> _Hunk:
    for by in _steps(len(old.lines)):
        grown = hunk.grown(by, len(old.lines))
        found = locate(index, Pair(old.lines[grown.start : grown.end], ()))
        if isinstance(found, Found) and found.rung == "exact" and found.parts[0].place.start == grown.start:
            return grown
    return hunk.grown(len(old.lines), len(old.lines))


def _steps(size: int) -> Iterator[int]:
    """Yield growing amounts of context: by single lines first, then twice as many each time."""
    by = CONTEXT
    while by < size:
        yield by
        by = by + 1 if by < 12 else by * 2
