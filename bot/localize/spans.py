"""The functions of one Python file with their spans: read with the standard parser, trees dropped at once."""

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.code import FunctionId, Span

LONE_RETURN = re.compile(rb"\r(?!\n)")
LONGEST_NAME = 1000
"""Characters of a qualified name: names repeat those around them, so that longer ones take memory without end."""
TOO_LONG = f"it has a name that, with those around it, is longer than {LONGEST_NAME:,} characters"
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
LEAVES = (ast.expr_context, ast.operator, ast.Constant, ast.Name)
BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
"""The fields in which statements stand, in source order whatever the statement."""
OVERLOAD = frozenset({"overload", "typing.overload", "typing_extensions.overload", "t.overload"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function with what its syntax says: loops in its own body, and whether it is only a typing overload."""

    function: FunctionId
    loops: int = 0
    overload: bool = False


@dataclass(frozen=True, slots=True)
class FileSpans:
    """The functions of one file in source order; `problem` says why there are none, or is None."""

    definitions: tuple[Definition, ...] = ()
    problem: str | None = None

    @property
    def functions(self) -> tuple[FunctionId, ...]:
        """The functions without what their syntax says."""
        return tuple(one.function for one in self.definitions)

    def at(self, line: int) -> Definition | None:
        """Return the innermost function around a 1-based line; None at module or class level."""
        around = [one for one in self.definitions if one.function.span.start <= line <= one.function.span.end]
        return max(around, key=lambda one: (one.function.span.start, -one.function.span.end), default=None)


def functions(path: str, data: bytes) -> tuple[FunctionId, ...]:
    """Return every function of a Python file, spans including decorators; empty where it cannot be parsed."""
    return read(path, data).functions


def read(path: str, data: bytes) -> FileSpans:
    """Return the functions of a Python file, or the sentence why it has none to offer; never raises for `data`."""
    try:
        nodes = tuple(walk(parse(data)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return FileSpans(problem=f"{path} was not indexed: {reason(error)}")
    lines = split(data)
    return FileSpans(tuple(_definition(path, lines, *found) for found in nodes))


def parse(data: bytes) -> ast.Module:
    """Parse a file by its own encoding declaration; SyntaxError or ValueError with a reason otherwise.

    Carriage returns of their own end a line for Python, but not for Git: such a file has no common line numbers.
    """
    if LONE_RETURN.search(data):
        message = "it has carriage returns without line feeds, so that line numbers are ambiguous"
        raise ValueError(message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def reason(error: BaseException) -> str:
    """Say in half a sentence why parsing failed."""
    if isinstance(error, SyntaxError):
        where = f" in line {error.lineno}" if error.lineno else ""
        return f"{error.msg}{where}"
    if isinstance(error, (RecursionError, MemoryError)):
        return "it is nested too deeply for the parser"
    return str(error)


def split(data: bytes) -> list[bytes]:
    r"""Split into lines at \n (and so at \r\n) only, ends kept: form feeds and Unicode separators end no line."""
    lines = data.split(b"\n")
    ended = [line + b"\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def walk(module: ast.Module) -> Iterator[tuple[Function, str]]:
    """Yield functions with their qualified names in source order, through classes, conditions and functions.

    Without recursion: a long chain of `elif` is as deep a tree as it is long. ValueError where a name is too long.
    """
    rest: list[tuple[ast.AST, str]] = [(module, "")]
    while rest:
        node, scope = rest.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            qualname = f"{scope}{node.name}"
            if len(qualname) > LONGEST_NAME:
                raise ValueError(TOO_LONG)
            if not isinstance(node, ast.ClassDef):
                yield node, qualname
            scope = f"{qualname}."
        inner = [(child, scope) for field in BLOCKS for child in getattr(node, field, ())]
        rest.extend(reversed(inner))


def _definition(path: str, lines: list[bytes], node: Function, qualname: str) -> Definition:
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    end = node.end_lineno or node.lineno
    body = hashlib.sha256(b"".join(lines[start - 1 : end])).hexdigest()
    overload = any(ast.unparse(one) in OVERLOAD for one in node.decorator_list)
    return Definition(FunctionId(qualname, Span(path, start, end), body), _loops(node), overload)


def _loops(node: Function) -> int:
    """Count loops and comprehensions in the body, those of inner functions and classes left out."""
    count, rest = 0, list[ast.AST](node.body)
    while rest:
        one = rest.pop()
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        count += isinstance(one, LOOPS)
        # Most of the time of an index goes by here, and the nodes' own dictionaries are faster than `ast.walk`.
        for value in vars(one).values():
            if isinstance(value, list):
                rest.extend(child for child in value if isinstance(child, ast.AST))
            elif isinstance(value, ast.AST) and not isinstance(value, LEAVES):
                rest.append(value)
    return count
