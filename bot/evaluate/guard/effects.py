"""What a function does for others beside its answer: messages, warnings, exceptions, locks that it holds.

Replay compares them where a call makes them happen; this finds those that no replayed call reaches, and locks, whose
absence shows only when threads meet.
"""

import ast
from collections import Counter
from collections.abc import Iterator

_SPEAKERS = {"log", "logger", "logging", "_log", "_logger", "warnings", "LOG", "LOGGER"}
_WORDS = {
    "acquire",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "critical",
    "warn",
    "emit",
    "send",
    "notify",
    "publish",
}


def lost(before: bytes | None, after: bytes) -> list[str]:
    """Return phrases for messages, `raise` statements and held locks that `before` has and `after` has not."""
    old = Counter(_effects(before or b""))
    new = Counter(_effects(after))
    return sorted((old - new).keys())


def _effects(data: bytes) -> Iterator[str]:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield f"raise {_raised(node.exc)}"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _speaks(node.value.func):
            yield f"{ast.unparse(node.value.func)}({_literal(node.value)})"
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield from _held(node)


def _held(node: ast.With | ast.AsyncWith) -> Iterator[str]:
    """Name what is entered without being made: a lock, a transaction, a section that others share."""
    entered = [item.context_expr for item in node.items]
    yield from (f"with {ast.unparse(one)}" for one in entered if isinstance(one, ast.Name | ast.Attribute))


def _speaks(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "print"
    if not isinstance(function, ast.Attribute):
        return False
    return function.attr in _WORDS or _root(function.value) in _SPEAKERS


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _raised(node: ast.expr) -> str:
    """Name the exception with the literal parts of its message: variables may be renamed, words may not."""
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return f"{name}({_literal(node)})"


def _literal(node: ast.AST) -> str:
    found = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return " ".join(repr(text) for text in found)[:80]
