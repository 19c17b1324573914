"""Puts two decorators around one function while its file is imported, so that its calls can be seen.

The file on disk stays as it is, and line numbers do too. A function inside of another one cannot be called again
from outside: its outermost enclosing function is taken in its place.
"""

from __future__ import annotations

import ast
import importlib.machinery
import os
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Place(NamedTuple):
    """Where the woven function stands: dotted name, which accessor of a property it is, how many share its name."""

    qualname: str
    accessor: str
    ordinal: int


class Wanted(NamedTuple):
    """The function to weave: dotted name, and its first line or (where `line` is None) its place among its twins."""

    qualname: str
    line: Optional[int] = None
    ordinal: int = 0


def install(path: str, wanted: "Wanted", inner: str, outer: str, owner: str = "") -> None:
    """Weave one function of the file `path` whenever that file is imported from now on.

    `inner` and `outer` are expressions that give the innermost and outermost decorator, `owner` the outermost one of
    the class around the function ("" for none).
    """
    target = os.path.realpath(path)
    loader = importlib.machinery.SourceFileLoader
    plain = loader.get_code

    def get_code(self: Any, fullname: str) -> Any:
        file = self.get_filename(fullname)
        if os.path.realpath(file) != target:
            return plain(self, fullname)
        tree = woven(self.get_data(file), file, wanted, inner, outer, owner)
        return compile(tree, file, "exec", dont_inherit=True)

    loader.get_code = get_code  # type: ignore[method-assign]


def woven(source: bytes, file: str, wanted: "Wanted", inner: str, outer: str, owner: str = "") -> ast.Module:
    """Return the tree of `source` with the decorators in it; LookupError where the function is not there."""
    tree = ast.parse(source, file)
    chain = _find(tree, wanted)
    node = _outermost(tree, chain)[0]
    first = _first_line(node)
    around = chain[: chain.index(node)][-1:]
    if owner and around:
        around[0].decorator_list.insert(0, _expression(owner, _first_line(around[0])))
    node.decorator_list.insert(0, _expression(outer, first))
    node.decorator_list.append(_expression(inner, node.lineno))
    return tree


def locate(source: bytes, wanted: "Wanted") -> Place:
    """Return the place that `woven` would weave."""
    tree = ast.parse(source)
    return _outermost(tree, _find(tree, wanted))[1]


def _find(tree: ast.Module, wanted: "Wanted") -> List[Any]:
    """Return the definitions from the outermost to the wanted one."""
    twins = [
        chain
        for chain in _definitions(tree, [])
        if isinstance(chain[-1], FUNCTIONS) and ".".join(one.name for one in chain) == wanted.qualname
    ]
    if wanted.line is None:
        twins = twins[wanted.ordinal :]
    else:
        twins = [chain for chain in twins if wanted.line in (_first_line(chain[-1]), chain[-1].lineno)]
    if not twins:
        raise LookupError(f"{wanted.qualname} is not defined where it is looked for")
    return twins[0]


def _first_line(node: Any) -> int:
    return min([one.lineno for one in node.decorator_list] + [node.lineno])  # type: ignore[no-any-return]


def _definitions(node: ast.AST, above: List[Any]) -> Iterator[List[Any]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
            yield [*above, child]
            yield from _definitions(child, [*above, child])
        else:
            yield from _definitions(child, above)


def _outermost(tree: ast.Module, chain: List[Any]) -> Tuple[Any, Place]:
    depth = next(index for index, node in enumerate(chain) if isinstance(node, FUNCTIONS))
    node = chain[depth]
    qualname = ".".join(one.name for one in chain[: depth + 1])
    twins = [
        found[-1]
        for found in _definitions(tree, [])
        if isinstance(found[-1], FUNCTIONS) and ".".join(one.name for one in found) == qualname
    ]
    return node, Place(qualname, _accessor(node), [one is node for one in twins].index(True))


def _accessor(node: Any) -> str:
    for one in node.decorator_list:
        if isinstance(one, ast.Attribute) and one.attr in ("setter", "deleter"):
            return "fset" if one.attr == "setter" else "fdel"
    return "fget"


def _expression(text: str, line: int) -> ast.expr:
    made = ast.parse(text, mode="eval").body
    for node in ast.walk(made):
        if isinstance(node, ast.expr):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0
    return made
