"""In nested loops, what depends on the inner item alone is computed once an item instead of once a pair."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import private_local
from bot.propose.rules.effects import Effects
from bot.propose.rules.hoist import calm, consumed, name_for, shareable
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import code, expression, fresh, squeeze, statements, swap
from bot.propose.rules.survey import children, loops, parents, survey, walk

_ONE_SHOT = frozenset({"iter", "map", "filter", "zip", "reversed", "enumerate", "open"})


@dataclass(frozen=True, slots=True)
class Nest:
    """An outer loop, the inner loop in it, and how the inner one's items can be listed before the outer loop.

    `every` lists all inner items; `again` walks them in an inner loop with `{table}` for the list, or is None
    where the items are 0, 1, 2 ... and the list is indexed by them.
    """

    outer: cst.For
    inner: cst.For
    every: str
    again: str | None


class PerItem:
    """Pure calls on the inner item of nested loops move into a list that is made before the outer loop."""

    name = "compute-once-per-item"
    precondition = (
        "The call has no effect, reads of the loops' names only the inner one's, and nothing in the outer loop "
        "changes what it reads; the inner iterable is the same in each turn of the outer loop, or a slice or range "
        "of it. Items that the loops never reach are computed too: a call that raises for them is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each pair of loops."""
        effects = Effects(source)
        above = parents(source.function)
        for outer in loops(source.function):
            for inner in walk(outer.body, into_scopes=False):
                if isinstance(inner, cst.For) and inner.asynchronous is None:
                    nest = _nest(outer, inner, effects, source.function)
                    groups = self._groups(source, effects, nest, above) if nest is not None else {}
                    if nest is not None and groups:
                        yield self._rewrite(source, nest, groups)

    def _groups(
        self, source: Source, effects: Effects, nest: Nest, above: dict[cst.CSTNode, cst.CSTNode]
    ) -> dict[str, list[cst.BaseExpression]]:
        groups: dict[str, list[cst.BaseExpression]] = {}
        pending: list[cst.CSTNode] = [nest.inner.body]
        while pending:
            node = pending.pop(0)
            if isinstance(node, cst.Call) and self._listed(source, effects, nest, node, above):
                groups.setdefault(squeeze(code(node)), []).append(node)
            elif not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
                pending = [*children(node), *pending]
        return groups

    def _listed(
        self,
        source: Source,
        effects: Effects,
        nest: Nest,
        node: cst.Call,
        above: dict[cst.CSTNode, cst.CSTNode],
    ) -> bool:
        own = survey(nest.inner.target).names
        reads = effects.reads(node)
        if not reads & own or reads & (survey(nest.outer).stores - own) or not self._pays(node, effects):
            return False
        safe = shareable(node, effects) or consumed(node, above, source.function)
        return safe and not _changes(effects, nest, node, own)

    def _pays(self, node: cst.Call, effects: Effects) -> bool:
        cheap = isinstance(node.func, cst.Name) and effects.is_builtin(
            node.func.value, {"abs", "int", "float", "ord", "chr", "range", "bool", "enumerate", "zip", "reversed"}
        )
        return effects.pure(node) and not calm(node, effects) and not cheap

    def _rewrite(self, source: Source, nest: Nest, groups: dict[str, list[cst.BaseExpression]]) -> Rewrite:
        module = source.module
        names: list[str] = []
        for nodes in groups.values():
            names.append(name_for(nodes[0], module, tuple(names)))
        if nest.again is None:
            lines, changes = _indexed(nest, groups, names)
        else:
            table = fresh(module, f"{name_for(nest.inner.iter, module)}_table", tuple(names))
            lines, changes = _tabled(nest, groups, names, table)
        new = [*statements(module, "\n".join(lines)), swap(nest.outer, changes)]
        shown = ", ".join(f"`{text}`" for text in list(groups)[:2])
        why = f"{shown} depends on the inner item only and was computed for every pair; now it is once an item."
        return Rewrite(swap(module, {nest.outer: new}), why)


Made = tuple[list[str], dict[cst.CSTNode, cst.CSTNode]]


def _indexed(nest: Nest, groups: dict[str, list[cst.BaseExpression]], names: list[str]) -> Made:
    target = code(nest.inner.target)
    lines = [f"{name} = [{text} for {target} in {nest.every}]" for name, text in zip(names, groups, strict=True)]
    changes: dict[cst.CSTNode, cst.CSTNode] = {}
    for name, nodes in zip(names, groups.values(), strict=True):
        changes |= {node: expression(f"{name}[{target}]") for node in nodes}
    return lines, changes


def _tabled(nest: Nest, groups: dict[str, list[cst.BaseExpression]], names: list[str], table: str) -> Made:
    target = code(nest.inner.target)
    lines = [f"{table} = [({target}, {', '.join(groups)}) for {target} in {nest.every}]"]
    header = cst.ensure_type(cst.parse_statement(f"for {target}, {', '.join(names)} in x: pass"), cst.For)
    changes: dict[cst.CSTNode, cst.CSTNode] = {
        nest.inner.target: header.target,
        nest.inner.iter: expression((nest.again or "").format(table=table)),
    }
    for name, nodes in zip(names, groups.values(), strict=True):
        changes |= {node: expression(name) for node in nodes}
    return lines, changes


def _changes(effects: Effects, nest: Nest, node: cst.Call, own: set[str]) -> bool:
    """Say whether the loops change the objects under `node`; that they bind the inner item is why it is listed."""
    if own & survey(nest.inner.body).stores:
        return True
    return effects.changes([nest.outer], node, item=own, source=effects.reads(nest.inner.iter))


def _nest(outer: cst.For, inner: cst.For, effects: Effects, function: cst.FunctionDef) -> Nest | None:
    turning = survey(outer).stores
    over = inner.iter
    if isinstance(over, cst.Call):
        ranged = code(over.func) == "range" and effects.is_builtin("range", {"range"}) and 1 <= len(over.args) <= 2
        if not ranged or not isinstance(inner.target, cst.Name):
            return None
        stop = over.args[-1].value
        steady = not _turns(stop, effects, outer, turning) and (len(over.args) == 1 or _counts_up(over, outer))
        return Nest(outer, inner, f"range({code(stop)})", None) if steady else None
    whole: cst.BaseExpression = over
    again = "{table}"
    if isinstance(over, cst.Subscript) and len(over.slice) == 1 and isinstance(over.slice[0].slice, cst.Slice):
        whole = over.value
        again = f"{{table}}[{code(over.slice[0])}]"
    if not isinstance(whole, cst.Name | cst.Attribute) or _turns(whole, effects, outer, turning):
        return None
    return None if _one_shot(whole, function) else Nest(outer, inner, code(whole), again)


def _turns(node: cst.BaseExpression, effects: Effects, outer: cst.For, turning: set[str]) -> bool:
    return bool(effects.reads(node) & turning) or not effects.pure(node) or effects.changes([outer.body], node)


def _counts_up(inner: cst.Call, outer: cst.For) -> bool:
    """Say whether a range starts at a constant, or at the outer loop's counter or above it."""
    start = inner.args[0].value
    while isinstance(start, cst.BinaryOperation) and isinstance(start.operator, cst.Add):
        if not isinstance(start.right, cst.Integer):
            return False
        start = start.left
    if isinstance(start, cst.Integer):
        return True
    over = outer.iter
    if not isinstance(over, cst.Call) or not isinstance(start, cst.Name):
        return False
    if code(over.func) == "enumerate" and len(over.args) == 1 and isinstance(outer.target, cst.Tuple):
        return code(outer.target.elements[0].value) == start.value
    positive = len(over.args) == 1 or (len(over.args) == 2 and isinstance(over.args[0].value, cst.Integer))
    return code(over.func) == "range" and positive and code(outer.target) == start.value


def _one_shot(whole: cst.BaseExpression, function: cst.FunctionDef) -> bool:
    """Say whether an iterable may be used up by the first walk over it."""
    if not isinstance(whole, cst.Name):
        return False
    for target, value in survey(function.body).bindings:
        if code(target) == whole.value and (
            isinstance(value, cst.GeneratorExp) or (isinstance(value, cst.Call) and code(value.func) in _ONE_SHOT)
        ):
            return True
    return not private_local(function, whole.value) and whole.value in survey(function).stores
