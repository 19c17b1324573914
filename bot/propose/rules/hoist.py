"""Takes out of a loop what is the same in every turn: attribute look-ups, bound methods and pure calls."""

import re
from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import assigned, private_local
from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import code, expression, fresh, squeeze, statements, swap
from bot.propose.rules.survey import children, parents, survey, walk
from bot.propose.rules.vocabulary import READING_METHODS, SCALAR_CALLS, SCALAR_METHODS

Loop = cst.For | cst.While
_GUARDS = (cst.Try, cst.TryStar, cst.ExceptHandler, cst.Match, cst.Lambda, cst.Assert)
_LOOKS = (
    cst.Comparison, cst.ComparisonTarget, cst.BinaryOperation, cst.FormattedStringExpression, cst.If, cst.IfExp,
)  # fmt: skip
_READERS = frozenset({"len", "sum", "set", "sorted", "tuple", "str", "dict"})
_CALM = frozenset({"len", "isinstance", "type", "id", "bool", "str", "repr"})


def name_for(node: cst.BaseExpression, module: cst.Module, taken: tuple[str, ...] = ()) -> str:
    """Return a fresh name that is read off an expression: `math.sqrt(x)` gives `math_sqrt_x`."""
    words = [word for word in re.findall(r"[A-Za-z_]\w*", code(node)) if word != "self"]
    return fresh(module, "_".join(word.strip("_") or "x" for word in words[:3]).lower() or "value", taken)


class Hoist:
    """Loop-invariant pure calls are evaluated once, before the loop."""

    name = "hoist-invariants"
    kind: type[cst.Call | cst.Attribute] = cst.Call
    precondition = (
        "Nothing in the loop rebinds a name or sets an attribute or item that the expression reads, and no unknown "
        "call could; the expression has no effect. What may raise is moved only where each turn evaluates it, so "
        "that only a loop without turns can differ. An expression that makes a new object is moved only where "
        "nobody can change or keep the object."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each loop with something to move, outer loops first."""
        effects = Effects(source)
        above = parents(source.function)
        for loop in walk(source.function.body, into_scopes=False):
            if isinstance(loop, Loop) and isinstance(loop.body, cst.IndentedBlock) and not is_async(loop):
                groups = self._groups(source, effects, loop, above)
                if groups:
                    yield self._rewrite(source.module, loop, groups)

    def _rewrite(self, module: cst.Module, loop: Loop, groups: dict[str, list[cst.BaseExpression]]) -> Rewrite:
        taken: list[str] = []
        lines: list[str] = []
        changes: dict[cst.CSTNode, cst.CSTNode] = {}
        for text, nodes in groups.items():
            name = name_for(nodes[0], module, tuple(taken))
            taken.append(name)
            lines.append(f"{name} = {text}{guard(nodes[0], loop)}")
            changes |= {node: expression(name) for node in nodes}
        new = [*statements(module, "\n".join(lines)), swap(loop, changes)]
        shown = ", ".join(f"`{text}`" for text in list(groups)[:3])
        return Rewrite(swap(module, {loop: new}), f"{shown} cannot change in the loop and is evaluated once before it.")

    def _groups(
        self, source: Source, effects: Effects, loop: Loop, above: dict[cst.CSTNode, cst.CSTNode]
    ) -> dict[str, list[cst.BaseExpression]]:
        groups: dict[str, list[cst.BaseExpression]] = {}
        pending: list[cst.CSTNode] = [loop.body, *([loop.test] if isinstance(loop, cst.While) else [])]
        while pending:
            node = pending.pop(0)
            if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda | cst.Annotation | cst.Del):
                continue
            if isinstance(node, cst.BaseExpression) and self._movable(source, effects, loop, node, above):
                groups.setdefault(squeeze(code(node)), []).append(node)
                continue
            pending = [*children(node), *pending]
        return groups

    def _movable(
        self,
        source: Source,
        effects: Effects,
        loop: Loop,
        node: cst.BaseExpression,
        above: dict[cst.CSTNode, cst.CSTNode],
    ) -> bool:
        if not isinstance(node, cst.Call | cst.Attribute) or not isinstance(node, self.kind) or _stored(node, above):
            return False
        if not self._local_names(source.function, node, effects) or not effects.pure(node):
            return False
        if isinstance(node, cst.Attribute):
            return self._movable_look_up(effects, [loop], node, above)
        if effects.changes([loop], node) or survey(loop).suspends:
            return False
        return (calm(node, effects) or guaranteed(node, loop, above)) and (
            shareable(node, effects) or consumed(node, above, source.function)
        )

    def _movable_look_up(
        self,
        effects: Effects,
        region: list[cst.CSTNode],
        node: cst.Attribute,
        above: dict[cst.CSTNode, cst.CSTNode],
    ) -> bool:
        call = above[node]
        if not isinstance(call, cst.Call) or call.func is not node:
            return isinstance(node.value, cst.Attribute) and not effects.changes(region, node)
        if isinstance(node.value, cst.Name) and not effects.is_import(node.value.value):
            return node.attr.value in {"append", "add", "extend"} and not effects.changes(region, node.value)
        return isinstance(node.value, cst.Name | cst.Attribute) and not effects.changes(region, node, called=True)

    def _local_names(self, function: cst.FunctionDef, node: cst.CSTNode, effects: Effects) -> bool:
        """Say whether all names are this function's own, imports, functions or built-in: no call can rebind them."""
        own = survey(function).stores
        names = effects.reads(node)
        return all(effects.settled(name) if name not in own else private_local(function, name) for name in names)


class HoistLookUps(Hoist):
    """Attribute chains, members of modules and bound methods are looked up once, before the loop."""

    name = "hoist-look-ups"
    kind = cst.Attribute


def guard(node: cst.BaseExpression, loop: Loop) -> str:
    """Return the condition under which a `for` loop over the expression's own input has turns, or nothing."""
    if not isinstance(loop, cst.For) or not isinstance(node, cst.Call) or code(node.func) in _CALM:
        return ""
    over: cst.BaseExpression = loop.iter
    if isinstance(over, cst.Call) and len(over.args) == 1 and code(over.func) in {"enumerate", "range"}:
        if code(over.func) == "range":
            return f" if {code(over.args[0].value)} > 0 else None"
        over = over.args[0].value
    if isinstance(over, cst.Name) and survey(node).reads(over.value):
        return f" if len({over.value}) else None"
    return ""


def is_async(loop: Loop) -> bool:
    """Say whether a loop is an `async for`."""
    return isinstance(loop, cst.For) and loop.asynchronous is not None


def _stored(node: cst.CSTNode, above: dict[cst.CSTNode, cst.CSTNode]) -> bool:
    """Say whether an expression stands where something is assigned."""
    up = above.get(node)
    while isinstance(up, cst.Element | cst.Tuple | cst.List | cst.StarredElement):
        node, up = up, above.get(up)
    if isinstance(up, cst.AssignTarget | cst.Del):
        return True
    return isinstance(up, cst.AugAssign | cst.AnnAssign | cst.For | cst.CompFor) and up.target is node


def calm(node: cst.Call, effects: Effects) -> bool:
    """Say whether a call hardly ever raises."""
    return isinstance(node.func, cst.Name) and effects.is_builtin(node.func.value, _CALM)


def guaranteed(node: cst.CSTNode, loop: Loop, above: dict[cst.CSTNode, cst.CSTNode]) -> bool:
    """Say whether every turn of the loop evaluates `node`, if inner loops have turns."""
    while node is not loop:
        up = above[node]
        if up is not loop and _may_skip(up, node):
            return False
        node = up
    return True


def _may_skip(up: cst.CSTNode, node: cst.CSTNode) -> bool:
    if isinstance(up, cst.If | cst.IfExp | cst.While):
        return node is not up.test
    if isinstance(up, cst.BooleanOperation):
        return node is up.right
    if isinstance(up, cst.IndentedBlock):
        return _leaves_before(up, node)
    return isinstance(up, _GUARDS)


def _leaves_before(body: cst.IndentedBlock, node: cst.CSTNode) -> bool:
    before = []
    for one in body.body:
        if one is node:
            break
        before.append(one)
    return survey(*before).exits


def shareable(node: cst.Call, effects: Effects) -> bool:
    """Say whether a call's result cannot be changed, so that all turns may use the same one."""
    if isinstance(node.func, cst.Name):
        if effects.is_builtin(node.func.value, SCALAR_CALLS):
            return True
        return effects.returns_scalar(node.func.value)
    if not isinstance(node.func, cst.Attribute):
        return False
    return node.func.attr.value in SCALAR_METHODS or code(node.func.value) == "math"


def consumed(node: cst.CSTNode, above: dict[cst.CSTNode, cst.CSTNode], function: cst.FunctionDef) -> bool:
    """Say whether the object under an expression is only looked at; a name that it is given to is followed."""
    up = above[node]
    if isinstance(up, cst.Assign):
        return _name_consumed(above[up], above, function)
    if isinstance(up, cst.Arg):
        call = above[up]
        return isinstance(call, cst.Call) and code(call.func) in _READERS
    if isinstance(up, cst.For | cst.CompFor):
        return up.iter is node
    if isinstance(up, cst.Subscript | cst.Attribute):
        return _looked_into(up, node, above)
    return isinstance(up, _LOOKS) or (isinstance(up, cst.AugAssign) and up.value is node)


def _name_consumed(statement: cst.CSTNode, above: dict[cst.CSTNode, cst.CSTNode], function: cst.FunctionDef) -> bool:
    pair = assigned(statement)
    if pair is None or survey(function).bound[pair[0]] != 1 or not private_local(function, pair[0]):
        return False
    loads = [load for load in survey(function.body).loads if load.value == pair[0]]
    return all(not isinstance(above[load], cst.Assign) and consumed(load, above, function) for load in loads)


def _looked_into(up: cst.Subscript | cst.Attribute, node: cst.CSTNode, above: dict[cst.CSTNode, cst.CSTNode]) -> bool:
    if isinstance(up, cst.Attribute):
        return up.attr.value in READING_METHODS and isinstance(above[up], cst.Call)
    return up.value is node and not _stored(up, above)
