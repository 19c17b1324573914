"""Whether an expression gives the same value at every turn of a loop, as far as the function's own text tells."""

import libcst as cst

from bot.propose.rules.scope import Role, Scope, Use

_PURE_CALLS = frozenset(
    {"len", "abs", "int", "str", "float", "min", "max", "tuple", "ord", "round", "range", "enumerate"}
)
_PURE_METHODS = frozenset({
    "lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title", "items", "keys", "values", "get", "split",
    "replace", "isoformat", "date",
})  # fmt: skip
_PLAIN = (
    cst.Name, cst.Attribute, cst.Subscript, cst.SubscriptElement, cst.Index, cst.Slice, cst.Integer, cst.Float,
    cst.SimpleString, cst.Tuple, cst.Element, cst.BinaryOperation, cst.UnaryOperation, cst.Arg, cst.Comparison,
    cst.ComparisonTarget,
)  # fmt: skip


def plain(node: cst.CSTNode) -> bool:
    """Say whether an expression only reads: names, attributes, items, arithmetic, and calls known to be pure."""
    if isinstance(node, cst.Call):
        func = node.func
        known = (isinstance(func, cst.Name) and func.value in _PURE_CALLS) or (
            isinstance(func, cst.Attribute) and func.attr.value in _PURE_METHODS and plain(func.value)
        )
        return known and all(arg.star == "" and plain(arg.value) for arg in node.args)
    if isinstance(node, cst.BaseExpression | cst.SubscriptElement | cst.Index | cst.Slice | cst.Element | cst.Arg):
        if not isinstance(node, _PLAIN):
            return False
        return all(plain(child) for child in node.children if _matters(child))
    return not _matters(node) or isinstance(node, cst.ComparisonTarget)


def _matters(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.BaseExpression | cst.BaseSlice | cst.SubscriptElement | cst.BaseElement | cst.Arg)


def steady(scope: Scope, value: cst.BaseExpression, region: cst.CSTNode, but: frozenset[str] = frozenset()) -> bool:
    """Say whether a plain expression stays the same in a region; the names in `but` are not looked at."""
    if not plain(value):
        return False
    for node in scope.nodes(value):
        if isinstance(node, cst.Attribute) and not _attribute_stays(scope, node.attr.value, region):
            return False
    return all(_name_stays(scope, name, region) for name in scope.names(value) - but)


def _name_stays(scope: Scope, name: str, region: cst.CSTNode) -> bool:
    if scope.binds(name, region) or scope.declared(name) or not _captures_read(scope, name):
        return False
    if not scope.binds(name):
        return True  # a global or builtin: what calls do to it is left to the judge
    if scope.pauses(region) and not scope.private(name, region):
        return False
    rooted = [use for use in scope.uses(name, region) if not isinstance(scope.parent(use.node), cst.Attribute)]
    called = any(use.method and _role(scope, use) is not Role.READ for use in scope.uses(name, region))
    return not called and all(_role(scope, use) is Role.READ for use in rooted)


def _captures_read(scope: Scope, name: str) -> bool:
    """Say whether nested functions and lambdas do nothing to the name but read it."""
    return all(_role(scope, use) is Role.READ for use in scope.uses(name) if scope.nested(use.node))


def _role(scope: Scope, use: Use) -> Role:
    """Return what is done with the name here, also inside of a nested function."""
    return scope.role(use.node)[0] if use.role is Role.ESCAPE and scope.nested(use.node) else use.role


def _attribute_stays(scope: Scope, attribute: str, region: cst.CSTNode) -> bool:
    """Say whether no attribute of that name is assigned or changed in a region, on whatever object."""
    for node in scope.nodes(region):
        if not (isinstance(node, cst.Attribute) and node.attr.value == attribute):
            continue
        if scope.is_target(node):
            return False
        above = scope.parent(node)
        if not isinstance(above, cst.Call) and scope.role(node)[0] is Role.CHANGE:
            return False
    return True
