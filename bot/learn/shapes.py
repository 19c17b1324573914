"""The shape of an edit: what its syntax trees lose and gain once names, numbers and texts are taken out."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.domain.code import FileChange

_DEEPEST = 4
_MOST = 12
_KEPT = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def shape(changes: Sequence[FileChange]) -> str:
    """Return the canonical shape of a change of Python files, "" where nothing of it parses or nothing differs.

    One line for each statement that is gone ("-") or new ("+"), sorted. Two edits have one shape when they replace the
    same constructs by the same constructs, whatever the variables are called.
    """
    gone, new = Counter[str](), Counter[str]()
    for change in changes:
        if change.path.endswith(".py"):
            before, after = _statements(change.before), _statements(change.after)
            gone += before - after
            new += after - before
    lines = [f"- {text}" for text in sorted(gone.elements())] + [f"+ {text}" for text in sorted(new.elements())]
    return "\n".join(lines[:_MOST])


def _statements(data: bytes | None) -> Counter[str]:
    try:
        tree = ast.parse(data or b"")
    except (SyntaxError, ValueError, RecursionError):
        return Counter()
    return Counter(_skeleton(node, {}, 0) for node in ast.walk(tree) if isinstance(node, ast.stmt) and _tells(node))


def _tells(node: ast.stmt) -> bool:
    # A definition holds every change of its body: its statements tell more precisely what it was.
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass)


def _skeleton(node: ast.AST, names: dict[str, str], depth: int) -> str:
    """Return a node with its children; names are numbered in the order in which the statement mentions them."""
    own = _own(node, names)
    if depth >= _DEEPEST:
        return own
    children = [_skeleton(child, names, depth + 1) for child in _children(node)]
    return f"{own}({', '.join(children)})" if children else own


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what belongs to the node itself: the body of a loop is statements of its own."""
    for field, value in ast.iter_fields(node):
        if field in {"body", "orelse", "finalbody", "handlers", "ctx"} and isinstance(node, ast.stmt):
            continue
        values = value if isinstance(value, list) else [value]
        yield from (one for one in values if isinstance(one, ast.AST) and not isinstance(one, ast.expr_context))


def _own(node: ast.AST, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return node.id if node.id in _KEPT else names.setdefault(node.id, f"v{len(names)}")
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    if isinstance(node, ast.Import | ast.ImportFrom):
        return f"import {', '.join(sorted(alias.name for alias in node.names))}"
    return type(node).__name__
