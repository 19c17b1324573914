"""`sum(xs[:i])`, `max(xs[: i + 1])` and `x in xs[:i]` at every i: one pass from the left gives all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.counting import least_place, runs_over
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.places import outermost_steady, prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope, Use
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import code, expression, fresh, statements


@dataclass(frozen=True, slots=True)
class _Prefix:
    """`name[:i]` or `name[:i + 1]` and what is asked of it: sum, max, min or in."""

    name: str
    place: str
    extra: int
    question: str
    node: cst.BaseExpression
    wanted: cst.BaseExpression | None = None


class Prefixes:
    """Slices from the start of an unchanged sequence that are only summed, compared or searched."""

    name = "prefix-table"
    precondition = (
        "The sequence is not changed in the loop and i counts its places, so that no slice is cut short; sums start "
        "at the first element and keep their order, so that floats round as before (up to Python 3.11, where sum() "
        "adds plainly); max and min are never asked of an empty slice. Hashable values are left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each question."""
        scope = Scope(source.function)
        for name in sorted(scope.names(source.function)):
            for use in scope.uses(name):
                found = _read(scope, use)
                if found is None:
                    continue
                place = outermost_steady(scope, found.node, use.node)
                before = scope.statement(place) if place is not None else None
                if before is not None:
                    yield from _rewrite(source, found, before)


def _read(scope: Scope, use: Use) -> _Prefix | None:
    part = scope.parent(use.node)
    match part:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, step=None, upper=upper))]) if (
            part.value is use.node and upper is not None
        ):
            place, extra = _end(upper)
        case _:
            return None
    least = least_place(scope, use.node, place, use.node.value) if place else None
    if least is None:
        return None
    above = scope.parent(part)
    if isinstance(above, cst.ComparisonTarget):
        return _searched(scope, use, above, place, extra)
    call = scope.parent(above) if isinstance(above, cst.Arg) and not above.star else None
    if not isinstance(call, cst.Call) or len(call.args) != 1:
        return None
    question = code(call.func)
    if question not in {"sum", "max", "min"} or scope.binds(question) or (question != "sum" and least + extra < 1):
        return None
    return _Prefix(use.node.value, place, extra, question, call)


def _end(upper: cst.BaseExpression) -> tuple[str, int]:
    """Read `i` as (i, 0) and `i + 1` as (i, 1)."""
    match upper:
        case cst.Name(value=name):
            return name, 0
        case (
            cst.BinaryOperation(left=cst.Name(value=name), operator=cst.Add(), right=cst.Integer(value="1"))
            | cst.BinaryOperation(left=cst.Integer(value="1"), operator=cst.Add(), right=cst.Name(value=name))
        ):
            return name, 1
    return "", 0


def _searched(scope: Scope, use: Use, target: cst.ComparisonTarget, place: str, extra: int) -> _Prefix | None:
    comparison = scope.parent(target)
    if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
        return None
    if not isinstance(target.operator, cst.In | cst.NotIn) or not plain(comparison.left):
        return None
    left, name = comparison.left, use.node.value
    own = isinstance(left, cst.Name) and runs_over(scope, comparison, left.value, name)
    if kinds.unhashable(scope, left) or not (own or kinds.of_name(scope, name) in {"list", "tuple", "sequence"}):
        return None
    question = "in" if isinstance(target.operator, cst.In) else "not in"
    return _Prefix(use.node.value, place, extra, question, comparison, comparison.left)


def _rewrite(source: Source, found: _Prefix, before: cst.BaseStatement) -> Iterator[Rewrite]:
    index = f"{found.place} + 1" if found.extra else found.place
    if found.wanted is not None:
        yield _first_positions(source, found, before, index)
        return
    made = reach(source, "itertools", "accumulate")
    if made is None:
        return
    table = fresh(source.module, f"{found.name}_{found.question}s")
    if found.question == "sum":
        line, answer = f"{table} = list({made[0]}({found.name}, initial=0))", f"{table}[{index}]"
    else:
        last = found.place if found.extra else f"{found.place} - 1"
        line, answer = f"{table} = list({made[0]}({found.name}, {found.question}))", f"{table}[{last}]"
    module = prepare(source.module, before, statements(source.module, line), {found.node: expression(answer)})
    yield Rewrite(
        with_import(module, "itertools", made[1]),
        f"`{found.question}` went over the start of `{found.name}` again at every step; one pass keeps all results.",
    )


def _first_positions(source: Source, found: _Prefix, before: cst.BaseStatement, index: str) -> Rewrite:
    places = fresh(source.module, f"{found.name}_position")
    value, place = fresh(source.module, "value"), fresh(source.module, "position")
    line = f"{places} = {{{value}: {place} for {place}, {value} in reversed(list(enumerate({found.name})))}}"
    sign = "<" if found.question == "in" else ">="
    wanted = code(found.wanted) if found.wanted is not None else ""
    answer = expression(f"({places}.get({wanted}, len({found.name})) {sign} {index})")
    return Rewrite(
        prepare(source.module, before, statements(source.module, line), {found.node: answer}),
        f"Each test searched a copy of the start of `{found.name}`; a dict of first positions answers it.",
    )
