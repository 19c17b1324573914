"""The grammar of one command line: `[target] [--hardware ...] [--budget ...] [--strategy ...] [free text]`, or a verb.

A word is a target only where it can be nothing else: it is the only word before the options, or it is written as code
is written ("path::name", "path.py:12", "module.name", "snake_case"). Everything else is text, and a flag that is not
known is a problem, because a run with other limits than asked for would be a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.command import Command, Verb

HARDWARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_VERBS = {str(verb): verb for verb in Verb if verb is not Verb.RUN} | {"--help": Verb.HELP, "-h": Verb.HELP}
_OPTIONS = ("--hardware", "--budget", "--strategy")
_LONGEST_TARGET = 500
_LONGEST_TEXT = 4_000
_DURATION = re.compile(
    r"(?=\d)(?:(\d{1,6}(?:\.\d{1,3})?)h)?(?:(\d{1,6}(?:\.\d{1,3})?)m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?"
)
_WORD = re.compile(r"(?P<quote>[`\"'])(?P<inside>(?:(?!(?P=quote)).)+)(?P=quote)(?=[\s,]|$)|\S+")
_ALONE = re.compile(r"[^\W\d][\w./+~-]*[\w/]|[^\W\d]|[./~][\w./+~-]*[\w/]")
_AS_CODE = re.compile(
    r"(?!.*://)(?:"
    r".+::[^:].*"  # path::name, Class::method
    r"|(?:[\w.+~-]+/)*[\w.+~-]+\.\w{1,10}(?::\d+(?:-\d+)?)"  # path.py:12
    r"|(?:[\w.+~-]+/)+[\w+~-][\w.+~-]*\.\w{1,10}"  # directory/path.py
    r"|[^\W\d]\w*(?:\.[^\W\d]\w*)+"  # module.name, path.py
    r"|\w*[^\W_]_\w+|_\w+"  # snake_case
    r"|\w*[a-z0-9][A-Z]\w*"  # camelCase
    r")(?:\(\))?"
)


def interpreted(rest: str) -> Command:
    """Return what the rest of a line asks for; `problem` says what is wrong with it, and then nothing may be run."""
    words = _words(rest)
    first = words[0].text.lower().removesuffix(":") if words and not words[0].quoted else ""
    verb = _VERBS.get(first, Verb.RUN)
    said = _read(words if verb is Verb.RUN else words[1:])
    target, text = _parted(said, named=verb is Verb.RUN)
    problem = next(iter([*said.problems, *_faults(said, target, text)]), None)
    return Command(verb, target, tuple(dict.fromkeys(said.hardware)), said.budget, said.strategy, text, problem)


def seconds(budget: str) -> float | None:
    """Return the seconds of "90", "90s", "10m" or "1h30m"; None where it is no duration above zero."""
    found = _DURATION.fullmatch(budget.strip().lower().replace(" ", ""))
    if found is None:
        return None
    total = sum(float(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True))
    return total or None


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    raw: str
    quoted: bool = False


@dataclass(slots=True)
class _Said:
    """The words of a line, sorted into what they belong to; `early` counts those before the first option."""

    plain: list[_Word] = field(default_factory=list)
    early: int | None = None
    hardware: list[str] = field(default_factory=list)
    budget: str | None = None
    strategy: str | None = None
    problems: list[str] = field(default_factory=list)


def _words(rest: str) -> list[_Word]:
    return [
        _Word(found["inside"], found[0], quoted=True) if found["inside"] else _Word(found[0], found[0])
        for found in _WORD.finditer(rest)
    ]


def _read(words: list[_Word]) -> _Said:
    said, left = _Said(), iter(words)
    for word in left:
        name, equals, value = word.text.partition("=")
        if word.quoted or not re.match(r"--|[\u2013\u2014]\w", word.text):
            said.plain.append(word)
        elif word.text == "--":
            said.plain += left
        elif name in _OPTIONS:
            said.early = len(said.plain) if said.early is None else said.early
            _take(said, name, _Word(value, value) if equals else next(left, None), left)
        else:
            # In the middle of a sentence it is a word like any other: "... without --fast-math".
            if len(said.plain) <= 1:
                said.problems.append(f"there is no option {name[:40]}")
            said.plain.append(word)
    return said


def _take(said: _Said, name: str, value: _Word | None, left: Iterator[_Word]) -> None:
    if value is None or not value.text or (value.text.startswith("--") and not value.quoted):
        said.problems.append(f"{name} needs a value")
        if value is not None and value.text:
            said.plain.append(value)
        return
    if name == "--hardware":
        said.hardware += [part for part in value.text.split(",") if part]
        while value is not None and value.raw.endswith(","):
            value = next(left, None)
            said.hardware += [part for part in value.text.split(",") if part] if value else []
        return
    kept = "budget" if name == "--budget" else "strategy"
    if getattr(said, kept) is not None:
        said.problems.append(f"{name} is given twice")
    setattr(said, kept, value.text)


def _parted(said: _Said, *, named: bool) -> tuple[str | None, str | None]:
    """Return the target and the text; after a verb only what is written as code can be a target."""
    words = said.plain
    first = words[0] if words else None
    if first is None:
        return None, None
    alone = len(words) == 1 or said.early == 1
    # What is longer is matched against nothing: it costs time that grows with its square, and is refused anyway.
    is_target = len(first.text) > _LONGEST_TARGET or bool(
        (first.quoted and first.raw[0] == "`")
        or _AS_CODE.fullmatch(first.text)
        or (named and alone and (first.quoted or _ALONE.fullmatch(first.text)))
    )
    rest = words[1:] if is_target else words
    return (first.text if is_target else None), " ".join(word.raw for word in rest) or None


def _faults(said: _Said, target: str | None, text: str | None) -> Iterator[str]:
    if said.budget is not None and seconds(said.budget) is None:
        yield f"--budget {said.budget[:40]} is not a duration such as 90s, 10m or 1h"
    for name in said.hardware:
        if HARDWARE.fullmatch(name) is None:
            yield f"--hardware {name[:40]} is not a name of hardware"
    if target is not None and (len(target) > _LONGEST_TARGET or not target.isprintable()):
        yield "the target is too long or holds characters that cannot be seen"
    if text is not None and len(text) > _LONGEST_TEXT:
        yield f"the text is longer than {_LONGEST_TEXT} characters"
