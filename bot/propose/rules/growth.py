"""Lists that a loop leaves alone or only appends to, so that something beside them can grow with them."""

from collections.abc import Container

import libcst as cst

from bot.propose.rules.scope import Scope, Use
from bot.propose.rules.surgery import code

GROWING = frozenset({"append", "extend"})
_PLAIN = cst.Name | cst.Attribute | cst.Subscript | cst.SimpleString | cst.Integer


def grows_only(scope: Scope, name: str, loop: cst.CSTNode, methods: Container[str] = GROWING) -> bool:
    """Say whether a loop only reads a list, or appends to one that nobody else holds, in lines of their own."""
    if not scope.only_read(name, loop, methods) or scope.declared(name) or scope.captured(name):
        return False
    additions = [use for use in scope.uses(name, loop) if use.method in GROWING]
    if any(grown(scope, use) is None for use in additions):
        return False
    return scope.private(name, loop) or not (additions or scope.pauses(loop))


def grown(scope: Scope, use: Use) -> tuple[cst.SimpleStatementLine, str] | None:
    """Return the statement `items.append(x)` around a use and the source of x, which is cheap to read twice."""
    if use.method not in GROWING:
        return None
    line = scope.statement(use.node)
    match line:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(args=[cst.Arg(value=added, star="")]))]):
            plain = isinstance(added, _PLAIN) or (
                isinstance(added, cst.Tuple) and all(isinstance(one.value, _PLAIN) for one in added.elements)
            )
            return (line, code(added)) if plain and scope.inside(use.node, line) else None
    return None
