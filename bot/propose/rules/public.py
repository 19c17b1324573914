"""What the rest of the tree does with a public list attribute: more than reading it and appending to it, or not."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.propose.rules.scope import READING_CALLS

RELIES_ON_APPENDS = "relies on a public list being only appended to"
_CHANGES = frozenset({
    "insert", "remove", "pop", "clear", "sort", "reverse", "__setitem__", "__delitem__", "__iadd__", "__imul__",
    "__init__",
})  # fmt: skip
_ROOTS = frozenset({"object", "ABC", "Generic", "Protocol"})
_TEST_DIRECTORIES = frozenset({"test", "tests", "testing", "bench", "benches", "benchmark", "benchmarks"})
_READERS = (
    ast.Compare, ast.UnaryOp, ast.BinOp, ast.If, ast.While, ast.Assert, ast.For, ast.AsyncFor,
    ast.comprehension, ast.Starred, ast.FormattedValue, ast.Expr, ast.Slice,
)  # fmt: skip
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def only_appended_to(tree: Snapshot, path: str, name: str, owner: str) -> bool:
    """Say whether no code but tests changes, replaces or hands on an attribute of that name, appending aside.

    `self.name` in methods of `owner` at `path`, and of classes that evidently inherit from nothing, is not looked at.
    """
    word = re.compile(rf"\b{re.escape(name)}\b")
    for one in tree.paths(".py"):
        text = tree.data(one).decode("utf-8", "replace")
        if word.search(text) and not _is_test(one) and _meddles(text, name, owner if one == path else ""):
            return False
    return True


def _is_test(path: str) -> bool:
    *directories, file = PurePosixPath(path).parts
    named = file == "conftest.py" or re.match(r"(test|bench)_|.*_(test|bench)\.py", file) is not None
    return named or not _TEST_DIRECTORIES.isdisjoint(directories)


def _meddles(text: str, name: str, owner: str) -> bool:
    if re.search(rf"\b\w*(attr|attrgetter)\([^()\n]*[\"'][\w.]*\b{re.escape(name)}[\"']", text):
        return True
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return True
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    return any(
        not _reads(node, parents) and not _own(node, parents, owner)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr == name
    )


def _reads(node: ast.Attribute, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Say whether the list is only read or appended to, and known to nobody else afterwards."""
    above = parents[node]
    while isinstance(above, ast.BoolOp | ast.IfExp):
        above = parents[above]
    match above:
        case _ if not isinstance(node.ctx, ast.Load):
            return False
        case ast.Attribute(attr=attribute):
            return attribute not in _CHANGES
        case ast.Subscript(ctx=context):
            return isinstance(context, ast.Load)
        case ast.Call(func=func):
            return func is node or (isinstance(func, ast.Name) and func.id in READING_CALLS)
    return isinstance(above, _READERS)


def _own(node: ast.Attribute, parents: Mapping[ast.AST, ast.AST], owner: str) -> bool:
    """Say whether this is `self.name` in a method of the owner, or of a class that has nothing to do with it."""
    function = next((one for one in _around(node, parents) if isinstance(one, _FUNCTION | ast.Lambda)), None)
    inside = parents[function] if function is not None else None
    if not isinstance(function, _FUNCTION) or not isinstance(inside, ast.ClassDef) or not function.args.args:
        return False
    unrelated = all(ast.unparse(base).split("[")[0].rsplit(".", 1)[-1] in _ROOTS for base in inside.bases)
    on_self = isinstance(node.value, ast.Name) and node.value.id == function.args.args[0].arg
    return on_self and (inside.name == owner or unrelated)


def _around(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    above = parents.get(node)
    while above is not None:
        yield above
        above = parents.get(above)
