"""The field's words: what reviewers of performance changes talk about, and what it means for the guard."""

import functools
import re
import sys

from bot.learn.reading.grammar import constructs, cue, vocabulary

_WORD = re.compile(r"[A-Za-z_@][\w.\-]*")
_IDENTIFIER = re.compile(r"(?<![\w/.])(?:@\w+\.\w+|\w+_\w+|__\w+__|\w+\.\w+\(|\w+\(\))(?![\w/])")


def imported(diff: str) -> frozenset[str]:
    """Return the top-level modules that lines added by a unified diff import."""
    found = re.findall(r"^\+\s*(?:from|import)\s+([A-Za-z_]\w*)", diff, re.MULTILINE)
    return frozenset(found)


def packages(text: str, also: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the modules of packages that `text` (in lower case) names; `also` are further names to look for."""
    spelled, known = vocabulary("spelled"), set(vocabulary("packages")) | also
    found: dict[str, None] = {}
    for word in _WORD.findall(cue("words.plain_english").sub(" ", text)):
        name = word.strip(".-@").lower()
        top = name.partition(".")[0]
        module = spelled.get(top, top)
        if module and (top in known or top in spelled or top in _standard()):
            found[module] = None
    return tuple(found)


def construct(text: str) -> str:
    """Return the first construct that `text` names, as it is called there; "" where it names none."""
    found = (re.search(rf"\b(?:{says})\b", text) for says, _ in constructs())
    return next((one[0] for one in found if one), "")


def constructs_in(text: str) -> tuple[str, ...]:
    """Return the subjects that the constructs in `text` mean, the longest name of each taken."""
    found: dict[str, None] = {}
    for says, means in constructs():
        if hit := re.search(rf"(?<![\w-])(?:{says})(?![\w-])", text):
            found.update(dict.fromkeys(means))
            text = text.replace(hit[0], " ")
    return tuple(found)


def technical(text: str, also: frozenset[str] = frozenset()) -> bool:
    """Say whether `text` names a package, a construct, a technique or an identifier."""
    if packages(text, also) or cue("words.techniques").search(text) or construct(text):
        return True
    return _IDENTIFIER.search(text) is not None


@functools.cache
def _standard() -> frozenset[str]:
    """Return the modules of the standard library whose names are no ordinary words of a review."""
    ordinary = set(vocabulary("ordinary"))
    return frozenset(name for name in sys.stdlib_module_names if name not in ordinary and not name.startswith("_"))
