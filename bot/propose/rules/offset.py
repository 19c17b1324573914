"""`rest = rest[k:]` in a loop copies all that is left at every turn: an offset moves along instead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.counting import never_negative
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Role, Scope, Use, variables
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, code, expression, fresh, line, small, statements, swap

_FIXED = frozenset({"str", "bytes", "tuple"})
_OTHERS = frozenset({"dict", "set", "iterator", "view", "int", "float", "deque", "collection"})


@dataclass(frozen=True, slots=True)
class _Loop:
    """The sequence `name`, consumed in `loop` by the re-slices `cuts`; `at` is the name of the offset."""

    name: str
    loop: cst.For | cst.While
    cuts: Mapping[cst.Name, tuple[cst.SimpleStatementLine, cst.BaseExpression]]
    at: str


class Offset:
    """A local sequence that is consumed from its front by slices is read at an offset."""

    name = "offset"
    precondition = (
        "In the loop the sequence is only indexed from its front, sliced, measured, tested for being empty or for its "
        "start, and not changed; after the loop it is cut once. That slices and items of a type other than list, "
        "tuple and str fit together, and that calls in the loop do not change a parameter's list, is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each sequence that a loop consumes."""
        scope = Scope(source.function)
        for name in sorted(scope.names(source.function)):
            found = _consumed(source, scope, name)
            changes = _changes(source, scope, found) if found is not None else None
            if found is not None and changes is not None:
                yield _rewrite(source, scope, found, changes)


def _consumed(source: Source, scope: Scope, name: str) -> _Loop | None:
    """Return how a loop consumes the sequence under a name; None where it is bound or changed in other ways."""
    bindings = [use for use in scope.uses(name) if scope.is_target(use.node)]
    cuts = {use.node: cut for use in bindings if (cut := _cut(scope, use)) is not None and scope.loops(use.node)}
    first = [use for use in bindings if use.node not in cuts]
    if not cuts or len(first) != 1 or scope.declared(name) or scope.captured(name):
        return None
    around = [{*scope.loops(node)} for node in cuts]
    shared = [
        one
        for one in scope.loops(next(iter(cuts)))
        if all(one in others for others in around) and not scope.inside(first[0].node, one)
    ]
    if not shared or not isinstance(shared[-1], cst.For | cst.While):
        return None
    found = _Loop(name, shared[-1], cuts, fresh(source.module, f"{name}_at"))
    tried = any(isinstance(one, cst.Try | cst.TryStar) for one in scope.around(found.loop))
    if tried and any(not scope.inside(use.node, found.loop) for use in scope.uses(name) if use is not first[0]):
        return None
    return found if scope.before(first[0].node, found.loop) and _still(scope, found, first[0]) else None


def _cut(scope: Scope, use: Use) -> tuple[cst.SimpleStatementLine, cst.BaseExpression] | None:
    """Return the statement `name = name[k:]` and k."""
    statement = scope.statement(use.node)
    match statement:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(
                    targets=[cst.AssignTarget(target=target)],
                    value=cst.Subscript(
                        value=cst.Name(value=sliced),
                        slice=[
                            cst.SubscriptElement(
                                slice=cst.Slice(lower=cst.BaseExpression() as start, upper=None, step=None)
                            )
                        ],
                    ),
                )
            ]
        ) if target is use.node and sliced == use.node.value and plain(start):
            return (statement, start) if use.node.value not in scope.names(start) else None
    return None


def _still(scope: Scope, found: _Loop, first: Use) -> bool:
    """Say whether nobody changes the sequence while the loop runs."""
    above = scope.parent(first.node)
    kind, value = None, None
    if isinstance(above, cst.Param):
        kind = "dict" if above.star == "**" else kinds.annotated(above.annotation)[0]
    if isinstance(above, cst.AssignTarget) and isinstance(assign := scope.parent(above), cst.Assign):
        value = assign.value
        kind = kinds.kind(value)
    elif not isinstance(above, cst.Param):
        return False
    if kind in _FIXED:
        return True
    alias = isinstance(value, cst.Name) and any(use.role is Role.CHANGE for use in scope.uses(value.value))
    after = [use for use in scope.uses(found.name) if scope.before(found.loop, use.node)]
    held = any(use.role in {Role.ESCAPE, Role.CHANGE} for use in after)
    return kind not in _OTHERS and not alias and not held and not scope.pauses(found.loop)


def _changes(source: Source, scope: Scope, found: _Loop) -> dict[cst.CSTNode, Change] | None:
    """Return what becomes of every use in the loop; None where one of them needs the rest itself."""
    changes: dict[cst.CSTNode, Change] = {}
    parts = {one.value.value for one in (small(cut) for cut, _ in found.cuts.values()) if isinstance(one, cst.Assign)
             and isinstance(one.value, cst.Subscript)}  # fmt: skip
    for use in scope.uses(found.name, found.loop):
        if use.node in found.cuts:
            statement, start = found.cuts[use.node]
            text = f"{found.at} = {_moved(scope, found, start)}"
            changes[statement] = line(source.module, text, statement)
        elif use.node not in parts:
            change = _read(scope, found, use)
            if change is None:
                return None
            changes.update(change)
    return changes


def _moved(scope: Scope, found: _Loop, start: cst.BaseExpression) -> str:
    if _natural(scope, start):
        return f"min({found.at} + {code(start)}, len({found.name}))"
    return f"range({found.at}, len({found.name}))[{code(start)}:].start"


def _natural(scope: Scope, value: cst.BaseExpression) -> bool:
    """Say whether a value is evidently an int of 0 or more."""
    match value:
        case cst.Integer():
            return True
        case cst.Call(func=cst.Name(value="len")):
            return True
        case cst.Name(value=name):
            return never_negative(scope, value, name)
    return False


def _read(scope: Scope, found: _Loop, use: Use) -> dict[cst.CSTNode, Change] | None:
    name, at, above = found.name, found.at, scope.parent(use.node)
    if isinstance(above, cst.Subscript) and above.value is use.node and not scope.is_target(above):
        inside = _inside(scope, found, above)
        return {above: expression(f"{name}[{inside}]")} if inside is not None else None
    call = scope.parent(above) if isinstance(above, cst.Arg | cst.Attribute) else None
    match call:
        case cst.Call(func=cst.Name(value="len"), args=[_]):
            return {call: expression(f"(len({name}) - {at})")}
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="startswith")), args=[cst.Arg(keyword=None, star="")]) if (
            use.method == "startswith"
        ):
            return {call: call.with_changes(args=[call.args[0], cst.Arg(cst.Name(at))])}
    left = f"{at} < len({name})"
    alone = isinstance(above, cst.If | cst.While) and not use.node.lpar
    return {use.node: expression(left if alone else f"({left})")} if _tested(scope, use.node) else None


def _inside(scope: Scope, found: _Loop, node: cst.Subscript) -> str | None:
    """Return what stands between the brackets when the whole sequence is read at the offset."""
    at = found.at
    if len(node.slice) != 1 or any(one.value == found.name for one in variables(node.slice[0])):
        return None
    match node.slice[0].slice:
        case cst.Index(value=place) if _natural(scope, place):
            return at if code(place) == "0" else f"{at} + {code(place)}"
        case cst.Slice(lower=None, upper=cst.BaseExpression() as stop, step=None) if plain(stop):
            natural = _natural(scope, stop)
            return f"{at} : {at} + {code(stop)}" if natural else f"{at} : {_range(found)}[: {code(stop)}].stop"
        case cst.Slice(lower=cst.BaseExpression() as start, upper=None, step=None) if plain(start):
            return f"{at} + {code(start)} :" if _natural(scope, start) else f"{_range(found)}[{code(start)} :].start :"
        case cst.Slice(lower=cst.BaseExpression() as start, upper=cst.BaseExpression() as stop, step=None) if _natural(
            scope, start
        ) and _natural(scope, stop):
            return f"{at} + {code(start)} : {at} + {code(stop)}"
    return None


def _range(found: _Loop) -> str:
    return f"range({found.at}, len({found.name}))"


def _tested(scope: Scope, node: cst.CSTNode) -> bool:
    """Say whether only the truth of a value matters."""
    above = scope.parent(node)
    if isinstance(above, cst.BooleanOperation) or (
        isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
    ):
        return isinstance(above, cst.UnaryOperation) or _tested(scope, above)
    return isinstance(above, cst.If | cst.While | cst.IfExp | cst.Assert) and above.test is node


def _rewrite(source: Source, scope: Scope, found: _Loop, changes: dict[cst.CSTNode, Change]) -> Rewrite:
    before = statements(source.module, f"{found.at} = 0")
    later = [use for use in scope.uses(found.name) if scope.before(found.loop, use.node)
             and not scope.inside(use.node, found.loop)]  # fmt: skip
    after = statements(source.module, f"if {found.at}:\n\t{found.name} = {found.name}[{found.at} :]") if later else []
    return Rewrite(
        swap(source.module, {found.loop: [*before, swap(found.loop, changes), *after]}),
        f"`{found.name}` copied all that was left at every turn; an offset moves along instead.",
    )
