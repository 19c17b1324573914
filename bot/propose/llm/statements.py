"""Compares two versions of a Python file as syntax trees: all but one function is as it was, and what is new is named.

Lines do not tell: one that stands before an unindented line can belong to the class above or to a string.
"""

import ast
import symtable
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.code import FunctionId
from bot.propose.edits.text import NotText, decode
from bot.propose.llm.additions import imported, names_of, quiet

_Step = tuple[str, int]
_Import = ast.Import | ast.ImportFrom
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):  # noqa: N818 - an observation about a file
    """One of the versions cannot be parsed, or does not hold the function."""


@dataclass(frozen=True, slots=True)
class _Old:
    """What the old version fixes: statements but imports, the place of the function, and names with a meaning.

    `kept` are dumps, the function's own statement without it; `where` is the index of that one in `kept` and `path`
    leads from it to the function. `places` holds each import with the number of statements before it, `rebound` the
    names that more than one import or statement binds.
    """

    kept: tuple[str, ...]
    where: int
    path: tuple[_Step, ...]
    node: _Function
    names: frozenset[str]
    rebound: frozenset[str]
    places: frozenset[tuple[str, int]]


def beyond(before: bytes, after: bytes, function: FunctionId) -> str | None:
    """Return a sentence on the first thing that differs and is not `function`, an import or new; None where none does.

    Unreadable where the old version cannot be read, or the new one is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            old = _old(before, function)
        except (SyntaxError, ValueError, RecursionError, MemoryError, NotText) as error:
            raise Unreadable(str(error)) from error
        try:
            return _compared(old, ast.parse(after).body)
        except (SyntaxError, ValueError) as error:
            raise Unreadable(str(error)) from error
        except (RecursionError, MemoryError):
            return "the new code is nested too deeply to be compared with the old"


def _old(data: bytes, function: FunctionId) -> _Old:
    body = ast.parse(data).body
    top, *path = _found(body, function)
    rest = [node for node in body if not isinstance(node, _Import)]
    node = _at(body[top[1]], path)
    if not isinstance(node, _Function):
        raise Unreadable(function.qualname)
    where = rest.index(body[top[1]])
    kept = tuple(_without(one, path) if at == where else ast.dump(one) for at, one in enumerate(rest))
    parts = {part for one in body if isinstance(one, _Import) for part in imported(one)}
    names = [name for _, name in parts] + [name for one in rest for name in names_of(one)]
    rebound = frozenset(name for name, times in Counter(names).items() if times > 1)
    return _Old(kept, where, tuple(path), node, _meant(data), rebound, frozenset(_places(body)))


def _places(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    count = 0
    for node in body:
        if isinstance(node, _Import):
            yield from ((alias, count) for alias, _ in imported(node))
        else:
            count += 1


def _found(body: Sequence[ast.stmt], function: FunctionId) -> tuple[_Step, ...]:
    """Return the steps to the function that begins in the line of its span; Unreadable where there is none."""
    name = function.qualname.rpartition(".")[2]
    rest: list[tuple[ast.AST, tuple[_Step, ...]]] = [(one, (("body", at),)) for at, one in enumerate(body)]
    while rest:
        node, path = rest.pop()
        if isinstance(node, _Function) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first == function.span.start:
                return path
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                rest += [(one, (*path, (field, at))) for at, one in enumerate(value) if isinstance(one, ast.AST)]
    raise Unreadable(function.qualname)


def _compared(old: _Old, body: Sequence[ast.stmt]) -> str | None:
    """Walk through the new statements: each is the next old one, or new and allowed to be."""
    count, fresh = 0, set[str]()
    for node in body:
        if isinstance(node, _Import):
            problem = _imports(node, old, count, fresh)
        elif count < len(old.kept) and _same(node, old, count):
            count, problem = count + 1, None
        else:
            problem = _new(node, old, fresh)
        if problem:
            return problem
    return None if count == len(old.kept) else "a statement outside of the function is changed, moved or gone"


def _same(node: ast.stmt, old: _Old, count: int) -> bool:
    if count != old.where:
        return ast.dump(node) == old.kept[count]
    found = _at(node, old.path)
    if type(found) is not type(old.node) or getattr(found, "name", None) != old.node.name:
        return False
    return _without(node, old.path) == old.kept[count]


def _imports(node: _Import, old: _Old, count: int, fresh: set[str]) -> str | None:
    known = {alias for alias, _ in old.places}
    for alias, name in imported(node):
        stays = (alias, count) in old.places or (alias in known and name not in old.rebound)
        if not stays and (name in old.names or not _plain(name)):
            return f"line {node.lineno}: an import must not give {name!r} another meaning"
        fresh |= set() if stays else {name}
    return None


def _new(node: ast.stmt, old: _Old, fresh: set[str]) -> str | None:
    names = names_of(node)
    if not names or not quiet(node):
        return (
            f"line {node.lineno}: a statement outside of the function is changed or new, "
            "and is no import, plain definition or constant"
        )
    for name in names:
        if name in old.names or name in fresh or not _plain(name):
            return f"line {node.lineno}: {name!r} is changed outside of the function, or its name is taken"
    fresh |= names
    return None


def _plain(name: str) -> bool:
    return name != "*" and not (name.startswith("__") and name.endswith("__"))


def _at(node: ast.AST, path: Sequence[_Step]) -> ast.AST | None:
    """Return the node at the end of the steps; None where the tree has no such place."""
    found: ast.AST | None = node
    for field, at in path:
        inner = getattr(found, field, None)
        found = inner[at] if isinstance(inner, list) and at < len(inner) else None
    return found


def _without(node: ast.stmt, path: Sequence[_Step]) -> str:
    """Return the dump of a statement in which the node at the end of `path` is left blank."""
    if not path:
        return ""
    above = _at(node, path[:-1])
    field, at = path[-1]
    inner = getattr(above, field)
    left = inner[at]
    inner[at] = ast.Pass()
    try:
        return ast.dump(node)
    finally:
        inner[at] = left


def _meant(data: bytes) -> frozenset[str]:
    """Return the names at the module's level, and those that a function or class looks up there or in builtins."""
    text = "\n".join(decode(data).lines) + "\n"
    return frozenset(_looked_up(symtable.symtable(text, "old", "exec")))


def _looked_up(module: symtable.SymbolTable) -> Iterator[str]:
    yield from module.get_identifiers()
    rest = list(module.get_children())
    while rest:
        scope = rest.pop()
        yield from (one.get_name() for one in scope.get_symbols() if one.is_global())
        rest += scope.get_children()
