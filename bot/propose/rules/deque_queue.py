"""Lists used as queues shift all their elements at every pop(0); a deque does not."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope, Use
from bot.propose.rules.surgery import Change, code, expression, swap

_SAME = frozenset({"append", "extend", "clear", "remove", "reverse", "count", "index"})
_TAKES_ANY = frozenset({
    "len", "sum", "min", "max", "sorted", "set", "frozenset", "list", "tuple", "any", "all", "enumerate", "zip",
})  # fmt: skip


class DequeQueue:
    """A local list that is popped or filled at its front becomes a `collections.deque`."""

    name = "deque-queue"
    precondition = (
        "Every binding of the local is a new list, and every use is one that a deque answers alike (no slices, no "
        "middle indices, no comparison, no alias); where it is returned it becomes a list again. The text of the "
        "IndexError of an empty queue differs."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each list that works as a queue."""
        scope = Scope(source.function)
        for name in sorted(scope.names(source.function)):
            if kinds.of_name(scope, name) != "list" or _foreign(scope, name):
                continue
            made = reach(source, "collections", "deque")
            changes = _changes(scope, name, made[0]) if made is not None else None
            if made is None or changes is None or not _pops_front_in_loop(scope, name):
                continue
            yield Rewrite(
                with_import(swap(source.module, changes), "collections", made[1]),
                f"`{name}` moved all its elements at every pop or insert at the front; a deque does not.",
            )


def _foreign(scope: Scope, name: str) -> bool:
    parameter = any(isinstance(value, cst.Param) for value in kinds.values(scope, name))
    return parameter or scope.declared(name) or scope.captured(name)


def _pops_front_in_loop(scope: Scope, name: str) -> bool:
    return any(_front(scope, use) is not None and scope.loops(use.node) for use in scope.uses(name))


def _changes(scope: Scope, name: str, made: str) -> dict[cst.CSTNode, Change] | None:
    """Return what becomes of every use; None where one of them would notice the deque."""
    changes: dict[cst.CSTNode, Change] = {}
    for use in scope.uses(name):
        if scope.is_target(use.node):
            change = _binding(scope, use, made)
            if change is None:
                return None
            changes.update(change)
        elif (front := _front(scope, use)) is not None:
            changes.update(front)
        elif _returned(scope, use):
            changes[use.node] = expression(f"list({name})")
        elif not _alike(scope, use):
            return None
    return changes


def _binding(scope: Scope, use: Use, made: str) -> dict[cst.CSTNode, Change] | None:
    """Return the change of `name = [...]` and `name: list[int] = [...]`; `name += ...` stays as it is."""
    above = scope.parent(use.node)
    assign = scope.parent(above) if above is not None else None
    if isinstance(above, cst.AugAssign) and isinstance(above.operator, cst.AddAssign):
        return {}
    if isinstance(above, cst.AnnAssign) and above.value is not None:
        written = above.annotation.annotation
        if isinstance(written, cst.Subscript) and code(written.value) in {"list", "List"}:
            return {above.value: _deque(above.value, made), written.value: expression(made)}
    if isinstance(above, cst.AssignTarget) and isinstance(assign, cst.Assign) and len(assign.targets) == 1:
        return {assign.value: _deque(assign.value, made)}
    return None


def _deque(value: cst.BaseExpression, made: str) -> cst.BaseExpression:
    empty = isinstance(value, cst.List) and not value.elements
    return expression(f"{made}()" if empty else f"{made}({code(value)})")


def _front(scope: Scope, use: Use) -> dict[cst.CSTNode, Change] | None:
    """Return the change of `name.pop(0)` and `name.insert(0, x)`, and none of `del name[0]`."""
    above = scope.parent(use.node)
    call = scope.parent(above) if above is not None else None
    match call:
        case cst.Call(args=[cst.Arg(value=cst.Integer(value="0"))]) if use.method == "pop":
            return {call: expression(f"{use.node.value}.popleft()")}
        case cst.Call(args=[cst.Arg(value=cst.Integer(value="0")), cst.Arg(value=added, star="")]) if (
            use.method == "insert"
        ):
            return {call: expression(f"{use.node.value}.appendleft({code(added)})")}
        case cst.Del() if isinstance(above, cst.Subscript) and code(above.slice[0]) == "0":
            return {}
    return None


def _returned(scope: Scope, use: Use) -> bool:
    above = scope.parent(use.node)
    if isinstance(above, cst.Element) and isinstance(scope.parent(above), cst.Tuple):
        above = scope.parent(scope.parent(above) or above)
    return isinstance(above, cst.Return)


def _alike(scope: Scope, use: Use) -> bool:
    """Say whether a deque answers this use exactly as a list does."""
    above = scope.parent(use.node)
    if use.method:
        call = scope.parent(above) if above is not None else None
        return use.method in _SAME or (use.method == "pop" and isinstance(call, cst.Call) and not call.args)
    if isinstance(above, cst.For):
        return above.iter is use.node and scope.only_read(use.node.value, above.body)
    if isinstance(above, cst.ComparisonTarget):
        return isinstance(above.operator, cst.In | cst.NotIn)
    if isinstance(above, cst.Subscript):
        return above.value is use.node and [code(one.slice) for one in above.slice] in (["0"], ["-1"])
    return _consumed(scope, use.node)


def _consumed(scope: Scope, node: cst.BaseExpression) -> bool:
    """Say whether an expression is only iterated once or tested for being empty."""
    above = scope.parent(node)
    if isinstance(above, cst.Arg):
        call = scope.parent(above)
        return isinstance(call, cst.Call) and (above.star == "*" or code(call.func) in _TAKES_ANY)
    if isinstance(above, cst.BooleanOperation):
        return _consumed(scope, above)
    if isinstance(above, cst.If | cst.While | cst.IfExp | cst.Assert):
        return above.test is node
    if isinstance(above, cst.CompFor):
        return above.iter is node
    return isinstance(above, cst.StarredElement) or (
        isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
    )
