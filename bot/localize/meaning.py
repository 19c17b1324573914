"""What a Python file means apart from comments, layout and docstrings: so that a diff that changes none is dropped."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.localize.spans import parse, walk

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
Statement = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One file: each function's code and the names in it, in the order of the span index; and the code around them.

    `around` holds each statement outside of functions with the names that it binds.
    """

    code: tuple[str, ...] = ()
    uses: tuple[frozenset[str], ...] = ()
    around: tuple[Statement, ...] = ()


def meaning(data: bytes) -> Meaning:
    """Return what a file means; nothing for a file that cannot be parsed."""
    try:
        module = parse(data)
        _drop_docstrings(module)
        nodes = [node for node, _ in walk(module)]
        return Meaning(
            tuple(ast.dump(node) for node in nodes),
            tuple(frozenset(_used(node)) for node in nodes),
            tuple((ast.dump(one), frozenset(_bound(one))) for one in _around(module)),
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Meaning()


def changed(before: Meaning, after: Meaning) -> tuple[Statement, ...]:
    """Return the statements outside of functions that only one of two files has."""
    old, new = Counter(before.around), Counter(after.around)
    return tuple((old - new) + (new - old))


def _drop_docstrings(module: ast.Module) -> None:
    for node in ast.walk(module):
        if (
            isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Module))
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]


def _used(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the names and attributes in a function's own code, that of inner functions left out."""
    rest = list(ast.iter_child_nodes(function))
    while rest:
        node = rest.pop()
        if isinstance(node, FUNCTIONS):
            continue
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        rest.extend(ast.iter_child_nodes(node))


def _around(module: ast.Module) -> Iterator[ast.AST]:
    """Yield what stands outside of functions: whole statements, and the headers of those that hold definitions."""
    rest: list[ast.AST] = [module]
    while rest:
        for node in ast.iter_child_nodes(rest.pop()):
            if isinstance(node, FUNCTIONS):
                continue
            if isinstance(node, BLOCKS) and any(isinstance(one, (*FUNCTIONS, ast.ClassDef)) for one in ast.walk(node)):
                rest.append(node)
            else:
                yield node


def _bound(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds, attributes and imports included."""
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr
