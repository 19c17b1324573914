"""Command lines in shell scripts, Makefiles and justfiles, as far as they can be read without running them."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ASSIGNMENT = re.compile(rf"^\s*(?:export\s+)?({_NAME})\s*(?::=|\?=|=)\s*(\S.*)$")
_OWN_DIRECTORY = re.compile(r'\$\(\s*dirname\s+(?:--\s+)?"?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?"?\s*\)|\$\{0%/\*\}')
_DEFAULTED = re.compile(rf"\$\{{({_NAME}):?-([^}}]*)\}}")
_VARIABLE = re.compile(rf"\$\{{({_NAME})\}}|\$\(({_NAME})\)|\{{\{{\s*({_NAME})\s*\}}\}}|\$({_NAME})\b")
_UNKNOWN = re.compile(rf"\$\({_NAME}\)|\{{\{{.*?\}}\}}")
_OPERATORS = frozenset("();<>|&")


@dataclass(frozen=True, slots=True)
class Line:
    """One simple command: its words, and the directory in which it is run, relative to the tree ("" is the root)."""

    words: tuple[str, ...]
    directory: str


@dataclass(slots=True)
class _Reader:
    path: str
    recipe: bool
    variables: dict[str, str] = field(default_factory=dict)
    directory: str = ""


def lines(path: str, source: bytes) -> Iterator[Line]:
    """Yield the simple commands of a file in their order.

    Variables that are assigned a plain value in the file are filled in, and `cd` is followed. A line of a recipe
    that uses another variable, or cannot be split, is left out.
    """
    recipe = not path.endswith((".sh", ".bash"))
    reader = _Reader(path, recipe)
    for line in source.decode("utf-8", "replace").replace("\\\n", " ").splitlines():
        assigned = _ASSIGNMENT.match(line)
        if assigned is not None and not line.startswith("\t") and _assign(reader, assigned[1], assigned[2]):
            continue
        if recipe:
            reader.directory = posixpath.dirname(path)
        yield from _commands(reader, line)


def _assign(reader: _Reader, name: str, value: str) -> bool:
    """Note a variable; returns False where more than an assignment stands there."""
    filled = _filled(reader, value)
    words = _split(filled)
    if len(words) != 1 and not reader.recipe:
        return False
    plain = words[0] if len(words) == 1 else filled
    if "$" not in plain and "`" not in plain:
        reader.variables[name] = plain
    return True


def _commands(reader: _Reader, line: str) -> Iterator[Line]:
    text = line.strip().lstrip("@-") if reader.recipe else line.strip()
    filled = _filled(reader, text)
    if reader.recipe and _UNKNOWN.search(filled):
        return
    words: list[str] = []
    skip = False
    for word in (*_split(filled.replace("$$", "$") if reader.recipe else filled), ";"):
        if skip or not _OPERATORS.issuperset(word):
            words += () if skip else (word,)
            skip = False
        elif set(word) & set("<>"):
            skip = True  # what follows names a file, and a digit before it a stream
            words = words[:-1] if words[-1:] in (["0"], ["1"], ["2"]) else words
        else:
            yield from _command(reader, words)
            words = []


def _command(reader: _Reader, words: list[str]) -> Iterator[Line]:
    while words and re.match(rf"{_NAME}=", words[0]):
        if len(words) == 1:
            _assign(reader, *words[0].split("=", 1))
        words = words[1:]
    if words[:1] == ["cd"] and len(words) == 2:
        place = posixpath.normpath(posixpath.join(reader.directory, words[1]))
        reader.directory = "" if place == "." else place
    elif words and not reader.directory.startswith(("..", "/")):
        yield Line(tuple(words), reader.directory)


def _filled(reader: _Reader, text: str) -> str:
    known: Mapping[str, str] = reader.variables
    text = _OWN_DIRECTORY.sub(posixpath.dirname(reader.path) or ".", text)
    text = _DEFAULTED.sub(lambda found: known.get(found[1], found[2]), text)
    return _VARIABLE.sub(lambda found: known.get(next(filter(None, found.groups())), found[0]), text)


def _split(text: str) -> list[str]:
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    try:
        return list(words)
    except ValueError:
        return []
