"""What a comment wants of the change at hand: the words that a proposer may read, and bans that a program can check.

Unlike a lesson a wish holds for one change, so that "no set here" counts, too; who may wish is for others to know.
"""

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from bot.domain.legible import one_line
from bot.domain.lesson import Lesson, LessonState, Polarity, Reach
from bot.learn.reading import tone, words
from bot.learn.reading.clauses import Sentence, sentences
from bot.learn.reading.directive import directives
from bot.learn.reading.grammar import cue
from bot.learn.reading.subjects import subjects
from bot.learn.reading.visible import blocks

_WITHOUT = re.compile(r"^(?:(?!\b(?:not|never|no|avoid)\b).)*?\b(?:without|w/o) (?:(?:the|a|an|any|using) )*(?P<m>.+)")
_CONDITION = re.compile(r"\b(?:unless|except|only (?:if|when|where)|if|when|until)\b")
_NO_VERB = r"(?! (?:comprehension|the|a|an|it|this|up)\b)"
_MOST = 20
_LONGEST = 600
_KINDS = MappingProxyType(
    {
        "cache": r"cach\w+|memo(?:s|i[sz]\w+)?",
        "data-structure": r"data structures?",
        "hoisting": r"hoist\w*|local aliases|aliasing",
        "micro-optimisation": r"micro-?optimi[sz]\w+",
        "recursion": r"explicit stacks?",
        "string-building": r"string ?building|join(?:ing)? of strings",
        "vectorise": r"vectori[sz]\w+",
    }
)
_BUILT_IN = MappingProxyType(
    {"dict": ("Dict", "DictComp"), "list": ("List", "ListComp"), "set": ("Set", "SetComp"), "frozenset": ()}
)


def heard(body: str) -> tuple[str, ...]:
    """Return what the author of a comment says in the open, one line a paragraph.

    Quotes, code, hidden text and commands are left out, and so is a paragraph that tries to steer a model or the gates.
    """
    shown = (one.text for one in blocks(body) if not tone.commands_model(one.text))
    return tuple(one_line(text, _LONGEST) for text in shown)[:_MOST]


def bans(said: Sequence[str], project: str) -> tuple[Lesson, ...]:
    """Return what `said` (as `heard` gives it) forbids for this change, as active lessons; doubts forbid nothing."""
    found = (lesson for text in said for one in sentences(text) if tone.serious(one) for lesson in _bans(one, project))
    return tuple({one.id: one for one in found}.values())


def _bans(sentence: Sentence, project: str) -> Iterator[Lesson]:
    if _CONDITION.search(sentence.plain):
        return
    for matter, thing in (one for clause in sentence.clauses for one in _matters(clause)):
        said = one_line(sentence.written)
        for kind, words_of in _KINDS.items():
            if re.search(rf"\b(?:{words_of})\b", matter):
                yield Lesson(f"{Reach.KIND}:{kind}", said, (), LessonState.ACTIVE, Polarity.AVOID)
        if about := _subjects(matter, thing):
            yield Lesson(f"{Reach.PROJECT}:{project}", said, (), LessonState.ACTIVE, Polarity.AVOID, about)


def _matters(clause: str) -> Iterator[tuple[str, str]]:
    """Yield what a clause does not want, with the verb and without it: "do not cache this" is about caches."""
    if found := _WITHOUT.match(clause):
        yield found["m"], found["m"]
        return
    for one in directives(clause):
        if one.polarity is Polarity.AVOID:
            matter, thing = (cue("subjects.alternative").sub("", text) for text in (one.matter, one.thing))
            yield matter, thing


def _subjects(matter: str, thing: str) -> tuple[str, ...]:
    """Return what the guard can look for: what lessons name, too, and containers."""
    own = subjects(Polarity.AVOID, matter, matter, frozenset(), whole=matter)
    # "numpy's set routines" are about numpy, and a comprehension is a kind of its own.
    bare = () if words.packages(matter) else _BUILT_IN
    named = [name for name in bare if re.search(rf"\b{name}(?:s|ionary|ionaries)?\b{_NO_VERB}", thing)]
    plain = (part for name in named for part in (f"name:{name}", *(f"node:{node}" for node in _BUILT_IN[name])))
    return tuple(dict.fromkeys((*own, *plain)))
