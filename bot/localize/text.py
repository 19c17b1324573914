"""From a sentence in a comment to the function it names, or to the question which of several it means.

Names are taken as they are spelled: a near miss is never chosen, because the wrong function would be changed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.code import FunctionId
from bot.localize.index import Index
from bot.localize.languages import ENDING
from bot.localize.select import places

MOST_TEXT = 20_000
CODE = re.compile(r"`+([^`\n]{1,300})`+")
QUALIFIED = re.compile(rf"(?<![\w./+-])(?P<path>[\w./+-]{{1,300}}\.(?:{ENDING}))::(?P<name>[\w.:~$#]*[\w$])")
PLACED = re.compile(rf"(?<![\w./+-])(?P<path>[\w./+-]{{1,300}}\.(?:{ENDING}))(?::|#L)(?P<line>\d{{1,7}})\b")
NAME = r"[^\W\d][\w$]*(?:(?:\.|::)[~#]?[^\W\d][\w$]*)*"
CALL = re.compile(rf"^(?P<name>{NAME})(?:\(.*\))?$")
WORD = re.compile(rf"(?<![\w./:]){NAME}")
RECEIVER = re.compile(r"\(\*?(\w+)\)(?=\.\w)")
"""Go's way to write the type of a method: "(*T).Get"."""
Named = tuple[str, tuple[FunctionId, ...]]
TELLING = re.compile(r"_|\.|::|[a-z][A-Z]")


@dataclass(frozen=True, slots=True)
class Question:
    """What must be asked back: a sentence, and the functions that the text may have meant."""

    sentence: str
    candidates: tuple[FunctionId, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the head of a diff a comment stands."""

    path: str
    line: int


def resolve(text: str, index: Index, position: Position | None = None) -> tuple[FunctionId, ...] | Question:
    """Return the functions that `text` names, or what to ask back.

    The most explicit kind of name that occurs decides: places ("path:line", "path::name"), names in backticks, dotted
    names, words that look like code, the function around `position`, and at last a plain word that is the name of one
    function. A name that several functions have means the one at `position`, or the only one in its file.
    """
    text = RECEIVER.sub(r"\1", text[:MOST_TEXT])
    unknown: list[str] = []
    for kind in (_placed, _quoted, _words):
        found: list[FunctionId] = []
        for name, functions in kind(text, index):
            chosen = _nearest(functions, index, position)
            if len(chosen) > 1:
                return Question(f"`{name}` may mean {places(chosen)}: which one?", chosen)
            found += chosen
            unknown += [] if chosen else [name]
        if found:
            return tuple(dict.fromkeys(found))
    if unknown:
        return Question(f"there is no function {' or '.join(f'`{one}`' for one in dict.fromkeys(unknown))} here")
    here = None if position is None else index.at(position.path, position.line)
    return (here,) if here is not None else _plain(text, index)


def _nearest(functions: tuple[FunctionId, ...], index: Index, position: Position | None) -> tuple[FunctionId, ...]:
    """Return the function at `position`, or the only one in its file, where that is among several."""
    if len(functions) < 2 or position is None:
        return functions
    here = index.at(position.path, position.line)
    if here in functions and here is not None:
        return (here,)
    beside = tuple(one for one in functions if one.path == position.path)
    return beside if len(beside) == 1 else functions


def _placed(text: str, index: Index) -> Iterator[Named]:
    for one in QUALIFIED.finditer(text):
        yield one[0], index.named(one[0].removeprefix("./"))
    for one in PLACED.finditer(text):
        found = index.at(one["path"].removeprefix("./"), int(one["line"]))
        yield one[0], () if found is None else (found,)


def _quoted(text: str, index: Index) -> Iterator[Named]:
    """Yield names in backticks; other code in backticks names nothing."""
    for one in CODE.finditer(text):
        call = CALL.match(one[1].strip())
        if call is not None:
            yield call["name"], index.named(call["name"])


def _words(text: str, index: Index) -> Iterator[Named]:
    """Yield words that look like code and are a function's name: dotted, with underscores or humps, or called."""
    known = _known(index)
    for one in WORD.finditer(text):
        looks = TELLING.search(one[0]) or text[one.end() : one.end() + 1] == "("
        if looks and one[0].replace("::", ".").rpartition(".")[2] in known:
            functions = index.named(one[0])
            if functions:
                yield one[0], functions


def _plain(text: str, index: Index) -> tuple[FunctionId, ...] | Question:
    """Return the one function that a plain word of the text names; a question where there are several or none."""
    known = _known(index)
    words = dict.fromkeys(one[0] for one in WORD.finditer(text) if one[0] in known)
    found = tuple(dict.fromkeys(function for word in words for function in index.named(word)))
    if len(found) == 1:
        return found
    if found:
        return Question(f"this may mean {places(found)}: which one?", found)
    return Question("no function is named here: name one as `path:line` or as `module.function`")


def _known(index: Index) -> frozenset[str]:
    return frozenset(one.qualname.rpartition(".")[2] for one in index.everything())
