"""Which loop variables run over the elements of a named sequence, and which count its places."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.scope import Role, Scope, Use
from bot.propose.rules.surgery import code

_KEEPS_ELEMENTS = frozenset({"set", "sorted", "list", "tuple", "frozenset", "reversed", "dict.fromkeys"})
Head = cst.For | cst.CompFor


def runs_over(scope: Scope, node: cst.CSTNode, variable: str, name: str) -> bool:
    """Say whether a loop around `node` makes `variable` an element of `name`, and nothing else assigns it there."""
    return any(
        _element(head, name) == variable or _derived(scope, head, variable, name)
        for head in _heads(scope, node, variable)
    )


def holds_elements(value: cst.BaseExpression, name: str) -> bool:
    """Say whether this is `name`, `sorted(set(name))` and the like."""
    while isinstance(value, cst.Call) and code(value.func) in _KEEPS_ELEMENTS and value.args:
        value = value.args[0].value
    return code(value) == name


def _derived(scope: Scope, head: Head, variable: str, name: str) -> bool:
    """Say whether the head runs over a local list of nothing but elements of `name`, which the function only reads."""
    target, items = _element_of(head)
    if target != variable or not isinstance(items, cst.Name) or items.value == name or not name.isidentifier():
        return False
    own = items.value
    made = kinds.values(scope, own)
    calm = all(use.role is Role.READ or scope.is_target(use.node) for use in scope.uses(name))
    if not calm or len(kinds.values(scope, name)) != 1 or not made or not scope.private(own, head):
        return False
    if not all(isinstance(one, cst.BaseExpression) and (_empty(one) or holds_elements(one, name)) for one in made):
        return False
    changes = [use for use in scope.uses(own) if use.role is Role.CHANGE]
    return all(use.method in {"append", "add"} and _adds_element(scope, use, name) for use in changes)


def _empty(value: cst.BaseExpression) -> bool:
    return code(value) in {"[]", "list()", "set()"}


def _adds_element(scope: Scope, use: Use, name: str) -> bool:
    match scope.parent(scope.parent(use.node) or use.node):
        case cst.Call(args=[cst.Arg(value=cst.Name(value=added), star="")]) as call:
            return any(_element(head, name) == added for head in _heads(scope, call, added))
    return False


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
    target, items = _element_of(head)
    return target if items is not None and code(items) == name else None


def _element_of(head: Head) -> tuple[str | None, cst.BaseExpression | None]:
    """Return the variable of a head that takes the elements of something, and that."""
    items = head.iter
    target: cst.BaseExpression = head.target
    if isinstance(items, cst.Call) and isinstance(items.func, cst.Name) and items.func.value == "enumerate":
        pair = target.elements if isinstance(target, cst.Tuple) else ()
        items, target = items.args[0].value, pair[1].value if len(pair) == 2 else target
    while isinstance(items, cst.Call) and code(items.func) in _KEEPS_ELEMENTS and items.args:
        items = items.args[0].value
    return (target.value, items) if isinstance(target, cst.Name) else (None, None)


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
