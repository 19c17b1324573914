"""Which loop variables run over the elements of a named sequence, and which count its places."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.scope import Scope
from bot.propose.rules.surgery import code

_KEEPS_ELEMENTS = frozenset({"set", "sorted", "list", "tuple", "frozenset", "reversed", "dict.fromkeys"})
Head = cst.For | cst.CompFor


def runs_over(scope: Scope, node: cst.CSTNode, variable: str, name: str) -> bool:
    """Say whether a loop around `node` makes `variable` an element of `name`, and nothing else assigns it there."""
    return any(_element(head, name) == variable for head in _heads(scope, node, variable))


def least_place(scope: Scope, node: cst.CSTNode, variable: str, name: str) -> int | None:
    """Return the least value of a variable that otherwise counts up to len(name) - 1; None for any other variable."""
    for head in _heads(scope, node, variable):
        start = _start(head, name, variable)
        if start is not None:
            return start
    return None


def never_negative(scope: Scope, node: cst.CSTNode, variable: str) -> bool:
    """Say whether a loop around `node` counts the variable up from 0 or more: range() or enumerate()."""
    for head in _heads(scope, node, variable):
        match head.iter, head.target:
            case cst.Call(func=cst.Name(value="range"), args=[*first, _]), cst.Name(value=counted) if (
                counted == variable and len(first) < 2
            ):
                return _literal(first) is not None
            case (
                cst.Call(func=cst.Name(value="enumerate"), args=[_]),
                cst.Tuple(elements=[cst.Element(value=cst.Name(value=counted)), _]),
            ) if counted == variable:
                return True
    return False


def _heads(scope: Scope, node: cst.CSTNode, variable: str) -> Iterator[Head]:
    """Yield the loop heads around a node that alone bind the variable in their loops."""
    for loop in scope.loops(node):
        if sum(scope.is_target(one.node) for one in scope.uses(variable, loop)) != 1:
            continue
        head = loop if isinstance(loop, cst.For) else getattr(loop, "for_in", None)
        while isinstance(head, cst.For | cst.CompFor):
            yield head
            head = getattr(head, "inner_for_in", None)


def _element(head: Head, name: str) -> str | None:
    """Return the variable that runs over elements: in `for x in name`, `in sorted(set(name))`, `in enumerate(name)`."""
    items = head.iter
    target: cst.BaseExpression = head.target
    if isinstance(items, cst.Call) and isinstance(items.func, cst.Name) and items.func.value == "enumerate":
        pair = target.elements if isinstance(target, cst.Tuple) else ()
        items, target = items.args[0].value, pair[1].value if len(pair) == 2 else target
    while isinstance(items, cst.Call) and code(items.func) in _KEEPS_ELEMENTS and items.args:
        items = items.args[0].value
    found = isinstance(items, cst.Name) and items.value == name and isinstance(target, cst.Name)
    return target.value if found and isinstance(target, cst.Name) else None


def _start(head: Head, name: str, variable: str) -> int | None:
    """Return the first value of i in `for i, x in enumerate(name)` and `for i in range(n, len(name))`."""
    match head.iter, head.target:
        case (
            cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=cst.Name(value=found))]),
            cst.Tuple(elements=[cst.Element(value=cst.Name(value=counted)), _]),
        ) if found == name and counted == variable:
            return 0
        case cst.Call(func=cst.Name(value="range"), args=[*first, cst.Arg(value=length)]), cst.Name(value=counted) if (
            counted == variable and _is_length(length, name)
        ):
            return _literal(first)
    return None


def _literal(first: list[cst.Arg]) -> int | None:
    if not first:
        return 0
    value = first[0].value
    return value.evaluated_value if len(first) == 1 and isinstance(value, cst.Integer) else None


def _is_length(node: cst.BaseExpression, name: str) -> bool:
    match node:
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=cst.Name(value=found))]):
            return found == name
    return False
