"""Keeps a model's edit to what it was told it may change: the function, its file's imports, new top-level helpers."""

from collections.abc import Iterator, Sequence

from bot.domain.code import FileChange, FunctionId, Span
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.propose.edits.changes import differences
from bot.propose.edits.text import decode
from bot.propose.llm import import_lines, statements

Hunk = tuple[int, int, int, int]


def check(edits: EditSet, function: FunctionId, writable: Sequence[Span]) -> EditSet:
    """Return `edits`; EditError with feedback where they reach beyond `writable` lines of the file of `function`.

    Python may also get new imports, definitions and constants at the top level, as its syntax tree shows; a file of
    another language, or one that cannot be parsed, only lines of imports at its head.
    """
    path = function.path
    for change in edits.changes:
        if change.path != path or change.before is None or change.after is None:
            raise _beyond(f"{change.path} must not be changed: only {path} may be", function, writable)
        if (problem := _problem(change, function, writable)) is not None:
            raise _beyond(problem, function, writable)
    return edits


def _problem(change: FileChange, function: FunctionId, writable: Sequence[Span]) -> str | None:
    before, after = change.before or b"", change.after or b""
    old, new = decode(before).lines, decode(after).lines
    hunks = list(differences(old, new))
    allowed = [one for one in writable if one.path == change.path]
    if function.language == "python":
        try:
            found = statements.beyond(before, after, function)
        except statements.Unreadable:
            allowed = [function.span]  # nothing tells what other lines hold
        else:
            return found or _first(one for one in hunks if one[0] != one[1] and not _covered(one, allowed))
    block = import_lines.head(old)
    inner = (one for one in hunks if not _inside(one, allowed) and not import_lines.adds(block, one, new))
    return _first(inner)


def _first(hunks: Iterator[Hunk]) -> str | None:
    """Name the lines of the first run that must not be changed; None where there is none."""
    for start, end, _, _ in hunks:
        lines = f"{start + 1}-{max(end, start + 1)}"
        return f"lines {lines} must not be changed"
    return None


def _covered(hunk: Hunk, allowed: Sequence[Span]) -> bool:
    return any(one.start - 1 <= hunk[0] and hunk[1] <= one.end for one in allowed)


def _inside(hunk: Hunk, allowed: Sequence[Span]) -> bool:
    """Say whether a run is within writable lines; what is only added before or after them is not."""
    if hunk[0] == hunk[1]:
        return any(one.start <= hunk[0] < one.end for one in allowed)
    return _covered(hunk, allowed)


def _beyond(sentence: str, function: FunctionId, writable: Sequence[Span]) -> EditError:
    path = function.path
    lines = ", ".join(f"{one.start}-{one.end}" for one in writable if one.path == path)
    also = (
        "imports, and functions, classes and constants with new names at its top level"
        if function.language == "python"
        else "lines to the imports at its head"
    )
    text = f"Nothing was applied: {sentence}. You may change lines {lines} of {path}, and add {also}.\n"
    return EditError(sentence, reason="beyond-target", feedback=text)
