"""What of a sentence a program can act on: modules and names for the guard, a function to leave alone, reviewers."""

import re

from bot.domain.lesson import Polarity
from bot.learn.reading import words
from bot.learn.reading.grammar import cue

_PERSON = re.compile(r"(?<![\w/`])@([A-Za-z0-9][\w.-]{0,254})")


def subjects(polarity: Polarity, matter: str, written: str, imports: frozenset[str], *, whole: str) -> tuple[str, ...]:
    """Return the subjects of one sentence; a ban that holds on a condition is left to people and prompts."""
    found: dict[str, None] = {}
    if polarity is Polarity.AVOID and not cue("subjects.condition").search(whole):
        found.update(dict.fromkeys(_banned(cue("subjects.alternative").sub("", matter), imports)))
    if polarity is Polarity.REQUIRE and cue("subjects.review").search(whole):
        found.update((f"reviewer:{name.rstrip('.')}", None) for name in _PERSON.findall(written))
    return tuple(found)


def _banned(matter: str, imports: frozenset[str]) -> tuple[str, ...]:
    """Return modules, names, labels and kinds of syntax nodes that `matter` names."""
    found = (*(f"module:{name}" for name in words.packages(matter, imports)), *words.constructs_in(matter))
    return (*found, "dependency:any") if cue("words.dependency").search(matter) else found
