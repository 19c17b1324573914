"""Notices a REPLACE text that stands for code instead of being code: applied, it would delete what it leaves out."""

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"[ \t]*+(?:#|//|/\*|--|<!--|;|%)[ \t]*+(?P<words>.*)")
_DOTS = re.compile(r"\.{3}|\u2026")
_LEFT_OUT = re.compile(
    r"\b(?:rest|remain\w*|existing|unchanged|omitted|same|previous|other|original)\b"
    r".*\b(?:code|function|method|class|file|body|implementation|logic|imports?|unchanged|same|before|above)\b"
    r"|\bunchanged\b",
    re.IGNORECASE,
)


def elided(search: Sequence[str], replace: Sequence[str]) -> str | None:
    """Return the first comment that REPLACE adds to say that the rest is left out; None where there is none."""
    known = {line.strip() for line in search}
    for line in replace:
        comment = _COMMENT.match(line[:400])
        words = comment["words"] if comment and line.strip() not in known else ""
        if _DOTS.search(words) and _LEFT_OUT.search(words):
            return line.strip()
    return None
