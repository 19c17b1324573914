"""Files of a tree as a prompt shows them: lines as the edit engine counts them, and Python's syntax."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.domain.code import Snapshot, Span
from bot.propose.context.denied import denied
from bot.propose.edits.text import NotText, decode

_LARGEST = 1 << 20
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: lines without their ends, and the module where it is Python that can be parsed."""

    path: str
    lines: tuple[str, ...]
    module: ast.Module | None = None

    def text(self, start: int, end: int) -> str:
        """Return the lines from `start` to `end`, 1-based and inclusive."""
        return "\n".join(self.lines[start - 1 : end])

    def span(self, node: ast.stmt | ast.expr) -> Span:
        """Return the lines of a node, decorators included."""
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(one.lineno for one in decorators)])
        return Span(self.path, start, node.end_lineno or node.lineno)


@dataclass(slots=True)
class Sources:
    """The files of one tree, each read once; denied, binary, linked and very large files are not there."""

    tree: Snapshot
    _read: dict[str, Source | None] = field(default_factory=dict)

    def get(self, path: str) -> Source | None:
        """Return one file, or None where it must not or cannot be shown."""
        if path not in self._read:
            self._read[path] = self._load(path)
        return self._read[path]

    def module(self, dotted: str, near: str = "") -> Source | None:
        """Return the file that a module name means, the one whose path shares most with `near` where there are more."""
        stem = dotted.replace(".", "/")
        ends = (f"/{stem}.py", f"/{stem}/__init__.py")
        found = [path for path in self.tree.paths(".py") if f"/{path}".endswith(ends)] if dotted else []
        found.sort(key=lambda path: (-_shared(path, near), len(path), path))
        return self.get(found[0]) if found else None

    def naming(self, name: str, most: int) -> Iterator[Source]:
        """Yield at most `most` Python files in which the word stands, in the order of their paths."""
        given = 0
        for path in self.tree.paths(".py"):
            if given == most:
                return
            if name.encode() in self.tree.data(path) and (source := self.get(path)) is not None:
                given += 1
                yield source

    def _load(self, path: str) -> Source | None:
        file = self.tree.files.get(path)
        if file is None or file.link is not None or denied(path) or len(file.data) > _LARGEST:
            return None
        try:
            lines = decode(file.data).lines
        except NotText:
            return None
        return Source(path, tuple(lines), _parsed(file.data) if path.endswith(".py") else None)


def _parsed(data: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _shared(one: str, other: str) -> int:
    pairs = zip(PurePosixPath(one).parts, PurePosixPath(other).parts, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), 0)


def within(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements of a body and of the conditions in it, definitions not entered."""
    rest = list(reversed(body))
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, DEFINITIONS):
            inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt | ast.ExceptHandler)]
            handlers = [stmt for one in inner if isinstance(one, ast.ExceptHandler) for stmt in one.body]
            rest.extend(reversed([one for one in inner if isinstance(one, ast.stmt)] + handlers))


def named(body: Sequence[ast.stmt], name: str) -> Definition | None:
    """Return the last definition of `name` in a body, as running it would leave it; typing overloads come before."""
    found = [one for one in within(body) if isinstance(one, DEFINITIONS) and one.name == name]
    return found[-1] if found else None
