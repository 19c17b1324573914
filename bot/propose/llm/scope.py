"""Keeps a model's edit to what it was told it may change: the function, its file's imports, new top-level helpers."""

from collections.abc import Sequence

from bot.domain.code import FileChange, Span
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.propose.edits.changes import differences
from bot.propose.edits.text import decode


def check(edits: EditSet, path: str, writable: Sequence[Span]) -> EditSet:
    """Return `edits`; EditError with feedback where they reach beyond `writable` lines of `path`.

    New lines may also stand at the top level of the file, before an unindented line or at its end.
    """
    for change in edits.changes:
        if change.path != path or change.before is None or change.after is None:
            raise _beyond(f"{change.path} must not be changed: only {path} may be", path, writable)
        if (outside := _outside(change, writable)) is not None:
            raise _beyond(f"lines {outside} of {path} must not be changed", path, writable)
    return edits


def _outside(change: FileChange, writable: Sequence[Span]) -> str | None:
    """Return the first changed lines that are not writable, as "12-14", or None."""
    old, new = decode(change.before or b"").lines, decode(change.after or b"").lines
    for start, end, _, _ in differences(old, new):
        inside = any(one.path == change.path and one.start - 1 <= start and end <= one.end for one in writable)
        if not inside and not (start == end and _top_level(old, start)):
            return f"{start + 1}-{max(end, start + 1)}"
    return None


def _top_level(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return not following[:1].isspace()


def _beyond(sentence: str, path: str, writable: Sequence[Span]) -> EditError:
    allowed = ", ".join(f"{one.start}-{one.end}" for one in writable if one.path == path)
    text = f"Nothing was applied: {sentence}. You may change lines {allowed} of {path}, and add top-level code to it.\n"
    return EditError(sentence, reason="beyond-target", feedback=text)
