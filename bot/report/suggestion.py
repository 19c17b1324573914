"""One-click suggestions: an edit inside the lines that a merge request adds, as a block that GitLab applies."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.domain.code import FileChange
from bot.domain.legible import harmless
from bot.report.escape import Markdown, fence

_UNSAFE = re.compile(r"^(?:/|```|~~~)", re.MULTILINE)
_ABOVE = 100
"""Lines that GitLab lets a suggestion reach above the one it stands at."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The line of the head at which it stands (the last one that is replaced), and its block."""

    path: str
    line: int
    block: Markdown


def suggestion(change: FileChange, added: frozenset[int]) -> Suggestion | None:
    """Return the edit of one file as one suggestion; None where it is not all inside the `added` lines of the head.

    Lines count from 1. A file that is new, gone or no text has none, nor has an edit of more lines than GitLab takes.
    """
    old, new = _lines(change.before), _lines(change.after)
    blocks = [one for one in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if one[0] != "equal"]
    if not (old and new and blocks):
        return None
    first, last = blocks[0][1], blocks[-1][2]
    start, end = blocks[0][3], blocks[-1][4]
    if first == last:  # lines that come in between stand with the one before them
        first, start = first - 1, start - 1
    if first < 0 or last - first > _ABOVE or not added.issuperset(range(first + 1, last + 1)):
        return None
    body = "\n".join(new[start:end])
    if not _survives(body):
        return None
    return Suggestion(change.path, last, fence(body, f"suggestion:-{last - first - 1}+0"))


def _survives(body: str) -> bool:
    """Say whether a block shows exactly these lines: what a fence must change would be changed in the file."""
    safe = harmless(body) == body and _UNSAFE.search(body) is None
    return bool(body) and not body.endswith("\n") and safe


def _lines(data: bytes | None) -> list[str]:
    """Return the lines of a text with plain line ends; none of anything else."""
    try:
        text = (data or b"").decode("utf-8")
    except UnicodeDecodeError:
        return []
    return [] if not text or "\r" in text else text.removesuffix("\n").split("\n")
