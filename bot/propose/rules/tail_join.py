"""Pairs with equal keys, each element against those after it: elements are grouped by key with their places."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.counting import never_negative
from bot.propose.rules.hash_join import free_name, joinable, own_names
from bot.propose.rules.places import prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scan import Scan, scans, written
from bot.propose.rules.scope import Scope
from bot.propose.rules.surgery import code, expression, fresh, statements


@dataclass(frozen=True, slots=True)
class _Tail:
    """What is scanned from `start` on: `whole` stays the same; `places` says that the elements are places."""

    start: cst.BaseExpression
    whole: cst.BaseExpression
    places: bool


class TailJoin:
    """`for i ...: for j in range(i + 1, n): if xs[i] == xs[j]` and `for b in xs[i + 1:]: if a.k == b.k`."""

    name = "tail-join"
    precondition = (
        "As for hash-join; the start is a variable that a range() or enumerate() counts up from 0 or more, plus a "
        "literal, and elements come in the order of their places."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each inner scan."""
        scope = Scope(source.function)
        for scan in scans(scope):
            tail = _tail(scope, scan)
            place = joinable(scope, scan, tail.whole) if tail is not None else None
            before = scope.statement(place) if place is not None else None
            if tail is not None and before is not None and len(scan.targets) == 1 and own_names(scope, scan):
                yield _rewrite(source, scope, scan, tail, before)


def _tail(scope: Scope, scan: Scan) -> _Tail | None:
    """Read `range(i + 1, n)` and `xs[i + 1:]`."""
    match scan.items:
        case cst.Call(
            func=cst.Name(value="range"),
            args=[cst.Arg(value=start, star=""), cst.Arg(value=stop, star="")],
        ):
            found = _Tail(start, stop, places=True)
        case cst.Subscript(
            value=cst.Name() as whole,
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=cst.BaseExpression() as start, upper=None, step=None))],
        ):
            found = _Tail(start, whole, places=False)
        case _:
            return None
    return found if _counted(scope, scan.loop, found.start) else None


def _counted(scope: Scope, node: cst.CSTNode, start: cst.BaseExpression) -> bool:
    match start:
        case (
            cst.Name(value=variable)
            | cst.BinaryOperation(left=cst.Name(value=variable), operator=cst.Add(), right=cst.Integer())
        ):
            return never_negative(scope, node, variable)
    return False


def _rewrite(source: Source, scope: Scope, scan: Scan, tail: _Tail, before: cst.BaseStatement) -> Rewrite:
    (target,) = scan.targets
    name = free_name(source, scope, scan, target)
    parts = written(scan, {target: name})
    start, whole = code(tail.start), code(tail.whole)
    index = fresh(source.module, f"{target}_by_key" if tail.places else f"{whole}_by_key")
    if tail.places:
        lines = f"for {name} in range({whole}):\n\t{index}.setdefault({parts.key}, []).append({name})"
        items = f"[{target} for {target} in {index}.get({parts.probe}, ()) if {target} >= {start}]"
    else:
        at = fresh(source.module, "place")
        lines = f"for {at}, {name} in enumerate({whole}):\n\t{index}.setdefault({parts.key}, []).append(({at}, {name}))"
        items = f"[{target} for {at}, {target} in {index}.get({parts.probe}, ()) if {at} >= {start}]"
    made = statements(source.module, f"{index} = {{}}\n{lines}")
    return Rewrite(
        prepare(source.module, before, made, {scan.items: expression(items)}),
        "Every element was compared with all after it; grouped by the key, it meets only those with an equal key.",
    )
