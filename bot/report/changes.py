"""An edit set as a unified diff that people read; what git stores is made by git."""

import difflib
from collections.abc import Iterator, Sequence

from bot.domain.code import FileChange
from bot.domain.legible import harmless

_LINE = 500


def unified(changes: Sequence[FileChange], limit: int = 2000) -> str:
    """Return the changes as one diff of at most `limit` lines, control characters spelled out."""
    lines = [line for change in sorted(changes, key=lambda one: one.path) for line in _file(change)]
    if len(lines) > limit:
        lines = [*lines[:limit], f"... {len(lines) - limit} more lines"]
    return "".join(f"{line}\n" for line in lines)


def counts(changes: Sequence[FileChange]) -> tuple[int, int]:
    """Return how many lines are added and removed."""
    lines = [line for change in changes for line in _file(change)[2:]]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def _file(change: FileChange) -> list[str]:
    old, new = _lines(change.before), _lines(change.after)
    if old is None or new is None:
        return [f"--- {_name(change, 'a')}", f"+++ {_name(change, 'b')}", "binary file changed"]
    body = difflib.unified_diff(old, new, _name(change, "a"), _name(change, "b"), lineterm="", n=3)
    return list(_legible(body))


def _name(change: FileChange, side: str) -> str:
    data = change.before if side == "a" else change.after
    return "/dev/null" if data is None else f"{side}/{harmless(change.path)}"


def _lines(data: bytes | None) -> list[str] | None:
    """Return the lines without their ends, or None for bytes that are no text."""
    try:
        text = (data or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def _legible(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        shown = harmless(line.replace("\n", ""))
        yield shown if len(shown) <= _LINE else f"{shown[:_LINE]}…"
