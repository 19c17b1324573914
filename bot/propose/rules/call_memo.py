"""Pure helpers that a loop asks the same thing twice: their answers are kept, for one call or with a label for all."""

from collections.abc import Iterator

import libcst as cst

from bot.domain.job import ADDS_A_CACHE
from bot.propose.rules import kinds
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.places import outermost, prepare
from bot.propose.rules.purity import Purity, plain_parameters, returns_mutable
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Loop, Role, Scope
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, code, expression, fresh, statements, swap


class CallMemo:
    """`helper(x)` in a loop: a dict beside the loop keeps what was answered before."""

    name = "call-memo"
    precondition = (
        "The helper is an evidently pure, undecorated function of the same module that does more than one expression "
        "and returns nothing evidently mutable; its arguments are read without effects, and do not count up through "
        "all loops around the call. That they repeat and are hashable is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each helper and loop."""
        scope = Scope(source.function)
        purity = Purity(source.module)
        for call in (node for node in scope.nodes() if isinstance(node, cst.Call)):
            if not isinstance(call.func, cst.Name) or scope.binds(call.func.value):
                continue
            helper = purity.function(call.func.value)
            if helper is None or helper is source.function or not _worth(helper) or not _readable(scope, call):
                continue
            place = outermost(scope, call, lambda _: True)
            before = scope.statement(place) if place is not None else None
            if place is None or _never_repeats(scope, call, place):
                continue
            if before is not None and purity.named(call.func.value) and not _inside_memo(scope, call):
                yield _memo(source, call, before)


def _memo(source: Source, call: cst.Call, before: cst.BaseStatement) -> Rewrite:
    known = fresh(source.module, f"known_{code(call.func).lstrip('_')}")
    written = [code(arg.value) for arg in call.args]
    key = written[0] if len(written) == 1 else f"({', '.join(written)})"
    answer = expression(f"({known}[{key}] if {key} in {known} else {known}.setdefault({key}, {code(call)}))")
    return Rewrite(
        prepare(source.module, before, statements(source.module, f"{known} = {{}}"), {call: answer}),
        f"The loop calls `{code(call.func)}` with arguments that repeat; its answers are kept until the loop is done.",
    )


def _worth(helper: cst.FunctionDef) -> bool:
    """Say whether a helper loops or calls, so that a dict look-up may be cheaper than it."""
    nodes = list(Scope(helper).nodes(helper.body))
    return not returns_mutable(helper) and any(isinstance(node, Loop) for node in nodes)


def _readable(scope: Scope, call: cst.Call) -> bool:
    return bool(call.args) and all(
        arg.star == "" and arg.keyword is None and plain(arg.value) and not kinds.unhashable(scope, arg.value)
        for arg in call.args
    )


def _never_repeats(scope: Scope, call: cst.Call, place: cst.CSTNode) -> bool:
    """Say whether every loop up to `place` hands the call another of its positions, keys or distinct values."""
    given = {arg.value.value for arg in call.args if isinstance(arg.value, cst.Name)}
    heads = [head for loop in scope.loops(call) if scope.inside(loop, place) for head in _heads(loop)]
    return bool(heads) and all(_distinct(head) in given for head in heads)


def _heads(loop: Loop) -> Iterator[cst.For | cst.CompFor | None]:
    """Yield the `for ... in ...` of a loop; None for a loop without one."""
    if isinstance(loop, cst.For | cst.While):
        yield loop if isinstance(loop, cst.For) else None
        return
    head: cst.CompFor | None = loop.for_in
    while head is not None:
        yield head
        head = head.inner_for_in


def _distinct(head: cst.For | cst.CompFor | None) -> str:
    """Return the variable of a head that never has the same value twice; "" where there is none."""
    match head:
        case cst.For(target=target, iter=items) | cst.CompFor(target=target, iter=items):
            pass
        case _:
            return ""
    match items, target:
        case cst.Call(func=cst.Name(value="range" | "set" | "frozenset")), cst.Name(value=own):
            return own
        case cst.Call(func=cst.Name(value="sorted"), args=[cst.Arg(value=cst.Call(func=cst.Name(value="set")))]), (
            cst.Name(value=own)
        ):
            return own
        case (
            cst.Call(func=cst.Name(value="enumerate") | cst.Attribute(attr=cst.Name(value="items"))),
            cst.Tuple(elements=[cst.Element(value=cst.Name(value=own)), _]),
        ):
            return own
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="keys")), args=[]), cst.Name(value=own):
            return own
    return ""


def _inside_memo(scope: Scope, call: cst.Call) -> bool:
    """Say whether the call already stands in `known.setdefault(key, helper(key))`."""
    arg = scope.parent(call)
    outer = scope.parent(arg) if isinstance(arg, cst.Arg) else None
    return (
        isinstance(outer, cst.Call) and isinstance(outer.func, cst.Attribute) and outer.func.attr.value == "setdefault"
    )


def _hashable(scope: Scope, name: str) -> bool:
    """Say whether a parameter is annotated as hashable, or at least not used as lists and dicts are."""
    found = kinds.of_name(scope, name)
    if found is not None:
        return found in {"str", "int", "float", "tuple", "bytes"}
    return not any(
        isinstance(scope.parent(use.node), cst.Subscript | cst.For | cst.CompFor | cst.ComparisonTarget)
        or (isinstance(scope.parent(use.node), cst.Arg) and use.role is Role.READ)
        for use in scope.uses(name)
        if not scope.is_target(use.node) and not _orders(scope, use.node)
    )


def _orders(scope: Scope, node: cst.Name) -> bool:
    """Say whether a value is compared by size or counted up to, as numbers are."""
    above = scope.parent(node)
    if isinstance(above, cst.ComparisonTarget):
        return not isinstance(above.operator, cst.In | cst.NotIn)
    call = scope.parent(above) if isinstance(above, cst.Arg) else None
    return isinstance(call, cst.Call) and code(call.func) in {"range", "abs", "int", "float", "str", "repr", "round"}


class CrossCallCache:
    """`functools.lru_cache` on a pure function of hashable arguments, always with the label that says so."""

    name = "cross-call-cache"
    precondition = (
        "The function stands at the top level, is evidently pure and undecorated, and returns nothing evidently "
        "mutable; its parameters are annotated as hashable or not used as containers are. "
        "That they are hashable, that 1, 1.0 and True do not meet, and that the memory is worth it, is "
        "left to the judge and the reviewer: the change is labelled."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield the function with a bounded cache, if it qualifies."""
        function = source.function
        top = any(one is function for one in source.module.body)
        names = plain_parameters(function)
        if not top or not names or returns_mutable(function) or function.decorators:
            return
        scope = Scope(function)
        if not all(_hashable(scope, name) for name in names):
            return
        made = reach(source, "functools", "lru_cache")
        if made is None or not Purity(source.module).named(function.name.value):
            return
        decorator = cst.Decorator(expression(f"{made[0]}(maxsize=4096)"))
        changes: dict[cst.CSTNode, Change] = {function: function.with_changes(decorators=[decorator])}
        yield Rewrite(
            with_import(swap(source.module, changes), "functools", made[1]),
            f"`{function.name.value}` is pure: results of earlier calls are kept in a bounded cache.",
            frozenset({ADDS_A_CACHE}),
        )
