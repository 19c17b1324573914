"""The imports at the head of a file whose syntax is not read here: the one place where lines may be added to it."""

import re
from collections.abc import Sequence

_IMPORT = re.compile(r"\s*(import\b(?!\s*\()[^;]*;?|use\b[^;]*;|using\b[^;]*;|#\s*include\s*[<\"][^<>\"]*[>\"])\s*")
_OPENS = re.compile(r"import\s*\(\s*")
_QUOTED = re.compile(r"\s*([\w.]+\s+)?\"[^\"]*\"\s*")
_SILENT = re.compile(r"\s*(//.*|#!.*|package\b[^;]*;?|#\s*pragma once\s*|/\*.*\*/\s*)?")


def head(lines: Sequence[str]) -> dict[int, bool]:
    """Return where lines of imports may be added, as indices of lines; true where Go's parentheses are open.

    The head ends before the first line that is no whole import, comment or blank: nothing in it can be a string.
    """
    places = {0: False}
    opened = False
    for at, line in enumerate(lines):
        if opened:
            opened = line.strip() != ")"
            if opened and not (_QUOTED.fullmatch(line) or _SILENT.fullmatch(line)):
                return {place: inner for place, inner in places.items() if not inner}
        elif _OPENS.fullmatch(line):
            opened = True
        elif not (_IMPORT.fullmatch(line) or _SILENT.fullmatch(line)):
            break
        places[at + 1] = opened
    return places


def adds(places: dict[int, bool], hunk: tuple[int, int, int, int], new: Sequence[str]) -> bool:
    """Say whether a run of changed lines only adds imports at one of `places`."""
    start, end, first, last = hunk
    if start != end or start not in places:
        return False
    wanted = _QUOTED if places[start] else _IMPORT
    return all(wanted.fullmatch(line) or not line.strip() for line in new[first:last])
