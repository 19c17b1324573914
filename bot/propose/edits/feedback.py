"""Tells the author of a reply what to mend: the nearest lines with numbers, or all places where there are several."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import accumulate

from bot.propose.edits.index import Index

LONGEST = 6000
LONGEST_BLOCK = 2400
MOST_EXPLAINED = 8  # blocks; the text has no room for more
_PLACES = 12
_WINDOWS = 50
_COMMON = 40
_WORDS = 8
_SHOWN = 40
_WIDTH = 200


def nearest(index: Index, search: Sequence[str]) -> int | None:
    """Return the line at which the window most like SEARCH starts (0-based), or None where nothing is alike.

    Cost is bounded: only windows that share a rare line or a rare word with SEARCH are looked at, 50 at most.
    """
    wanted = [line.strip() for line in search]
    votes = Counter(_by_lines(index, wanted))
    if not votes:
        votes = Counter(_by_words(index, wanted))
    best, best_score = None, 0.0
    for start, _ in votes.most_common(_WINDOWS):
        score = _likeness(index.stripped[max(start, 0) : max(start, 0) + len(wanted)], wanted)
        if score > best_score:
            best, best_score = max(start, 0), score
    return best


def _by_lines(index: Index, wanted: Sequence[str]) -> Iterator[int]:
    """Yield, for each rare line of SEARCH in the file, where SEARCH would start."""
    offsets = {line: at for at, line in reversed(list(enumerate(wanted))) if len(line) > 2}
    hits: dict[str, list[int]] = {}
    for at, line in enumerate(index.stripped):
        if line in offsets:
            hits.setdefault(line, []).append(at)
    for line, places in hits.items():
        if len(places) <= _COMMON:
            yield from (at - offsets[line] for at in places)


def _by_words(index: Index, wanted: Sequence[str]) -> Iterator[int]:
    """Yield, for the rarest words of SEARCH in the file, where SEARCH would start."""
    offsets = {word: at for at, line in reversed(list(enumerate(wanted))) for word in _words(line)}
    text = "\n".join(index.stripped)
    counted = ((text.count(word), word) for word in sorted(offsets, key=len, reverse=True)[: 4 * _WORDS])
    rare = sorted((count, word) for count, word in counted if 0 < count <= _COMMON)[:_WORDS]
    begins = list(accumulate((len(line) + 1 for line in index.stripped), initial=0)) if rare else []
    for _, word in rare:
        at = text.find(word)
        while at >= 0:
            yield bisect_right(begins, at) - 1 - offsets[word]
            at = text.find(word, at + len(word))


def _words(line: str) -> list[str]:
    words = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in line[:_WIDTH]).split()
    return [word for word in words if len(word) > 3]


def _likeness(window: Sequence[str], wanted: Sequence[str]) -> float:
    """Return between 0 and 1 how many lines or words of SEARCH the window holds at about the same place."""
    same = sum(one == two for one, two in zip(window, wanted, strict=False))
    shared = len(set(window) & set(wanted))
    words = {word for line in wanted for word in _words(line)}
    held = len(words & {word for line in window for word in _words(line)})
    return (same + shared) / (2 * len(wanted)) + held / max(len(words), 1)


def explain_missing(index: Index, search: Sequence[str], replace: Sequence[str]) -> str:
    """Return the nearest lines of the file with numbers, and what distinguishes SEARCH from them."""
    present = _present(index, replace)
    start = nearest(index, search)
    if start is None:
        return present + "No line of the file resembles the SEARCH text."
    window = index.lines[start : start + len(search)][:_SHOWN]
    text = present + "The most similar lines of the file are:\n" + numbered(index, start, len(window))
    text += "\nSEARCH (-) against the file (+):\n"
    asked, there = [line[:_WIDTH] for line in search[:_SHOWN]], [line[:_WIDTH] for line in window]
    return text + "\n".join(list(unified_diff(asked, there, n=1, lineterm=""))[3:])


def _present(index: Index, replace: Sequence[str]) -> str:
    wanted = [line.strip() for line in replace]
    if any(wanted) and len(wanted) <= len(index.stripped):
        first = next(line for line in wanted if line)
        offset = wanted.index(first)
        for at, line in enumerate(index.stripped):
            if line == first and index.stripped[at - offset : at - offset + len(wanted)] == wanted and at >= offset:
                return f"The REPLACE text is already in the file, at line {at - offset + 1}. "
    return ""


def explain_several(index: Index, starts: Sequence[int], size: int) -> str:
    """Return all places that SEARCH fits, with their numbers and the line that stands before each."""
    listed = ", ".join(str(start + 1) for start in starts[:_PLACES])
    more = f" and {len(starts) - _PLACES} more" if len(starts) > _PLACES else ""
    first = max(starts[0] - 2, 0)
    return (
        f"It fits at lines {listed}{more}. Add lines before or after it that only the place you mean has.\n"
        + numbered(index, first, min(size, 6) + 4)
    )


def numbered(index: Index, start: int, count: int) -> str:
    """Return lines of the file with their numbers, long ones cut."""
    lines = index.lines[start : start + count][:_SHOWN]
    return "\n".join(f"{start + at + 1:>6} | {line[:_WIDTH]}" for at, line in enumerate(lines))


def compose(total: int, failures: Sequence[tuple[str, str, str]]) -> str:
    """Return the whole text: (heading, sentence, excerpt) of each failure, capped."""
    noun = "block" if total == 1 else "blocks"
    parts = [f"Nothing was applied: {len(failures)} of {total} {noun} failed. Mend them and send ALL blocks again."]
    for heading, sentence, excerpt in failures:
        body = f"{sentence}\n{excerpt}" if excerpt else sentence
        parts.append(f"{heading}\n{_cut(body, LONGEST_BLOCK)}")
    return _cut("\n\n".join(parts), LONGEST) + "\n"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rpartition("\n")[0] + "\n[...]"
