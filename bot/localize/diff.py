"""From a merge request's diff to the functions of its head that it changes in more than comments and layout."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.code import File, FunctionId, Snapshot, Target
from bot.domain.errors import Refused
from bot.localize import tokens
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.languages import PYTHON, language
from bot.localize.meaning import Meaning, changed, meaning
from bot.localize.spans import split

if TYPE_CHECKING:
    from unidiff.patch import Hunk

MANY = 5
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """The changed functions as targets, those with most loops first, and what was left out, in sentences."""

    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hunk:
    """What stands before and after at one place, context included; `start` counts head's lines from 0."""

    start: int
    before: tuple[bytes, ...]
    after: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """One changed file: its path in both trees ("" where it is new), the changed lines of each, and the hunks."""

    old: str
    new: str
    removed: tuple[int, ...]
    added: tuple[int, ...]
    hunks: tuple[_Hunk, ...]
    binary: bool = False

    def before(self, after: bytes) -> bytes:
        """Return the base's bytes of a file from those of head; Refused where the diff is not one to this head."""
        lines = split(after)
        for hunk in reversed(self.hunks):
            there = lines[hunk.start : hunk.start + len(hunk.after)]
            if [one.rstrip(b"\r\n") for one in there] != [one.rstrip(b"\r\n") for one in hunk.after]:
                sentence = f"the diff does not fit {self.new} near line {hunk.start + 1}"
                raise Refused(sentence)
            lines[hunk.start : hunk.start + len(hunk.after)] = hunk.before
        return b"".join(lines)


class _Side:
    """One file in one tree: its functions, each under a key that a rename of the file does not change."""

    def __init__(self, index: Index, path: str) -> None:
        self._index, self._path = index, path
        present = path in index.tree.files and index.tree.files[path].link is None
        self.means = _meaning(path, index.tree.data(path)) if present else Meaning()
        self.present = present
        self._keys: dict[FunctionId, Key] = {}
        self.functions: dict[Key, FunctionId] = {}
        self.code: dict[Key, str] = {}
        seen: Counter[str] = Counter()
        functions = index.functions(path)
        # Code that is too deep to be spelled out is compared by its bytes.
        codes = self.means.code or tuple(one.body_hash for one in functions)
        for function, code in zip(functions, codes, strict=True):
            key = function.qualname, seen[function.qualname]
            seen[function.qualname] += 1
            self._keys[function], self.functions[key], self.code[key] = key, function, code

    def at(self, line: int) -> Key | None:
        """Return the key of the function around a line: its qualified name, and which one of that name it is."""
        found = self._index.at(self._path, line)
        return None if found is None else self._keys[found]


class DiffReader:
    """Finds the functions of a tree, `head`, that a diff to it changes; the base is read back from the diff."""

    def __init__(self, head: Index, exclusions: Exclusions) -> None:
        self._head = head
        self._exclusions = exclusions

    def touched(self, diff: str) -> Touched:
        """Return the functions of head that a unified diff changes; Refused where it cannot be read or does not fit."""
        found: dict[FunctionId, str] = {}
        notes: list[str] = []
        for file in _files(diff):
            reason = self._exclusions.reason(file.new)
            problem = self._head.file(file.new).problem
            if file.binary:
                notes.append(f"{file.new} was left out: it is binary")
            elif reason is not None:
                notes.append(f"{file.new} was left out: {reason}")
            elif problem is not None:
                notes.append(problem)
            elif file.new not in self._head.paths():
                notes.append(f"{file.new} was left out: it is no regular file of this tree")
            else:
                notes += self._read(file, found)
        targets = [Target(function, why=why) for function, why in found.items()]
        return Touched(tuple(sorted(targets, key=self._order)), tuple(notes))

    def _read(self, file: _File, found: dict[FunctionId, str]) -> list[str]:
        """Add the functions of one file to `found`; return what a reader must know."""
        after = self._head.tree.data(file.new)
        base = Snapshot("", {file.old: File(file.before(after))} if file.old else {})
        old, new = _Side(Index(base), file.old), _Side(self._head, file.new)
        before = len(found)
        for key in self._changed(file, old, new):
            found.setdefault(new.functions[key], "changed in the diff")
        statements = changed(old.means, new.means) if old.present else ()
        names = frozenset(name for _, bound in statements for name in bound)
        users = 0
        for function, used in zip(new.functions.values(), new.means.uses, strict=False):
            if used & names:
                users += 1
                found.setdefault(function, f"uses {_listed(used & names)}, changed in the diff")
        if statements and not users:
            return [f"{file.new} changes outside of functions, in nothing that one of its functions uses"]
        if len(found) == before and not statements:
            return [f"{file.new} changes in comments, layout, docstrings or removed functions only"]
        return []

    def _changed(self, file: _File, old: _Side, new: _Side) -> Iterator[Key]:
        """Yield the innermost functions around changed lines whose code differs from base's of the same name."""
        added = [key for line in file.added if (key := new.at(line))]
        removed = [key for line in file.removed if (key := old.at(line))]
        for key in dict.fromkeys([*added, *(_survivor(key, new) for key in removed)]):
            if key is not None and old.code.get(key) != new.code[key]:
                yield key

    def _order(self, target: Target) -> tuple[int, str, int]:
        definition = self._head.definition(target.function)
        loops = 0 if definition is None else definition.loops
        return -loops, target.function.path, target.function.span.start


def added_lines(diff: str) -> Mapping[str, frozenset[int]]:
    """Return which lines of the head a unified diff adds or changes, by path; Refused where it cannot be read."""
    return {file.new: frozenset(file.added) for file in _files(diff)}


def _meaning(path: str, data: bytes) -> Meaning:
    return meaning(data) if language(path) == PYTHON else tokens.meaning(path, data)


def _survivor(key: Key, new: _Side) -> Key | None:
    """Return the key itself, or that of the nearest enclosing function that head still has."""
    name, number = key
    while (name, number) not in new.functions:
        name, _, _ = name.rpartition(".")
        number = 0
        if not name:
            return None
    return name, number


def _files(diff: str) -> Iterator[_File]:
    """Yield the files that a unified diff changes and that head still has."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        patches = PatchSet(diff)
    except UnidiffParseError as error:
        sentence = f"the diff could not be read: {error}"
        raise Refused(sentence) from error
    for patch in patches:
        if patch.is_removed_file:
            continue
        lines = [line for hunk in patch for line in hunk]
        yield _File(
            "" if patch.is_added_file else _path(patch.source_file),
            _path(patch.target_file),
            tuple(line.source_line_no for line in lines if line.is_removed and line.source_line_no),
            tuple(line.target_line_no for line in lines if line.is_added and line.target_line_no),
            tuple(_hunk(hunk) for hunk in patch),
            patch.is_binary_file,
        )


def _hunk(hunk: "Hunk") -> _Hunk:
    before = tuple(_bytes(line.value) for line in hunk if line.is_removed or line.is_context)
    after = tuple(_bytes(line.value) for line in hunk if line.is_added or line.is_context)
    # A hunk without lines in head stands behind the line that it names.
    return _Hunk(hunk.target_start - (1 if after else 0), before, after)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _path(text: str) -> str:
    """Return a diff header's path without Git's prefix and quotes."""
    if text.startswith('"') and text.endswith('"'):
        text = (
            text[1:-1]
            .encode("latin-1", "replace")
            .decode("unicode_escape")
            .encode("latin-1")
            .decode("utf-8", "replace")
        )
    return text.partition("/")[2] if text.startswith(("a/", "b/")) else text


def _listed(names: frozenset[str]) -> str:
    shown = sorted(names)[:MANY]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
