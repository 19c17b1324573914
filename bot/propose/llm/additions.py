"""What a new top-level statement of Python binds, and whether executing it can do anything but bind."""

import ast
from collections.abc import Iterator

from bot.propose.context.python import dotted

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_IN_CLASSES = frozenset({"staticmethod", "classmethod", "property"})
_MAKERS = frozenset(
    {
        "dict",
        "frozenset",
        "list",
        "range",
        "set",
        "tuple",
        "operator.attrgetter",
        "operator.itemgetter",
        "re.compile",
        "struct.Struct",
    }
)
"""Calls that only make a value."""


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield what each part of an import refers to, unique in a file, and the name that it binds ("*" for all)."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            origin = f"{'.' * node.level}{node.module or ''}:{alias.name}"
            name = "*" if node.module == "__future__" else alias.asname or alias.name
        else:
            origin = alias.name if alias.asname else alias.name.partition(".")[0]
            name = alias.asname or origin
        yield f"{origin} as {name}", name


def names_of(node: ast.stmt) -> set[str]:
    """Return the names that a statement binds at its own level, those of nested blocks included."""
    found: set[str] = set()
    rest: list[ast.AST] = [node]
    while rest:
        one = rest.pop()
        if isinstance(one, ast.Import | ast.ImportFrom):
            found |= {name for _, name in imported(one)}
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, _Function | ast.ClassDef):
            found.add(one.name)
            continue
        rest += ast.iter_child_nodes(one)
    return found


def quiet(node: ast.stmt) -> bool:
    """Say whether a statement is a definition or the binding of one name to a value, and runs no other code."""
    if isinstance(node, _Function):
        return not node.decorator_list and _signature(node)
    if isinstance(node, ast.ClassDef):
        plain = not node.decorator_list and not node.keywords and all(dotted(one) for one in node.bases)
        return plain and all(_member(one) for one in node.body)
    return _constant(node)


def _member(node: ast.stmt) -> bool:
    if isinstance(node, _Function):
        return _signature(node) and all(dotted(one) in _IN_CLASSES for one in node.decorator_list)
    prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return prose or isinstance(node, ast.Pass) or _constant(node)


def _constant(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and _value(node.value)
    if isinstance(node, ast.AnnAssign):
        value = node.value is None or _value(node.value)
        return isinstance(node.target, ast.Name) and _value(node.annotation) and value
    return False


def _signature(node: _Function) -> bool:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    notes = [one.annotation for one in every if one is not None]
    return all(
        one is None or _value(one) for one in [*notes, node.returns, *arguments.defaults, *arguments.kw_defaults]
    )


def _value(node: ast.expr) -> bool:
    """Say whether an expression calls nothing but makers of values, and binds nothing."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and dotted(one.func) not in _MAKERS:
            return False
        if isinstance(one, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
    return True
