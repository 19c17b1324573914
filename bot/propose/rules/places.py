"""Where a rewritten expression gets its preparation: the outermost loop over which the facts do not change."""

from collections.abc import Callable, Sequence

import libcst as cst

from bot.propose.rules.scope import Loop, Scope
from bot.propose.rules.steady import steady
from bot.propose.rules.surgery import Change, swap


def outermost(scope: Scope, node: cst.CSTNode, steady: Callable[[cst.CSTNode], bool]) -> cst.CSTNode | None:
    """Return the outermost loop around `node` in which `steady` holds; None where it fails in the innermost."""
    found: Loop | None = None
    for loop in scope.loops(node):
        if not steady(loop):
            break
        found = loop
    return found


def outermost_steady(scope: Scope, node: cst.CSTNode, value: cst.BaseExpression) -> cst.CSTNode | None:
    """Return the outermost loop around `node` over which an expression keeps its value."""
    return outermost(scope, node, lambda loop: steady(scope, value, loop))


def prepare(
    root: cst.Module, before: cst.BaseStatement, lines: Sequence[cst.BaseStatement], changes: dict[cst.CSTNode, Change]
) -> cst.Module:
    """Return the module with `changes` made inside the statement `before`, and `lines` placed in front of it."""
    new = swap(before, changes)
    return swap(root, {before: [*lines, new]})
