"""`items.index(x)` and `items.count(x)` in a loop: a dict of first positions or of counts is made once."""

from collections import defaultdict
from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.counting import runs_over
from bot.propose.rules.growth import grown, grows_only
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.places import outermost, outermost_steady, prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope, Use
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, code, expression, fresh, statements

_SEQUENCES = frozenset({"list", "tuple", "sequence"})


class Positions:
    """Scans of an unchanged list for a value's place or count become look-ups."""

    name = "positions"
    precondition = (
        "The list or tuple is not changed in the loop, or a local list is only appended to; `index` keeps its "
        "ValueError because a value that is not there is still looked for in the list. Other types with these "
        "methods (strings) are refused unless the values come from the sequence itself. That values are hashable is "
        "left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each list, place and method."""
        scope = Scope(source.function)
        sites: dict[tuple[str, str, cst.CSTNode], list[tuple[cst.Call, cst.BaseExpression]]] = defaultdict(list)
        for name in sorted(scope.names(source.function)):
            for use in scope.uses(name):
                asked = _asked(scope, use)
                place = _place(scope, use, asked[0]) if asked is not None else None
                if asked is not None and place is not None:
                    sites[name, use.method, place].append(asked)
        for (name, method, place), asked_here in sites.items():
            before = scope.statement(place)
            if before is not None and method == "index":
                yield _indexed(source, scope, name, (before, place), asked_here)
            elif before is not None:
                yield from _counted(source, name, before, asked_here)


def _asked(scope: Scope, use: Use) -> tuple[cst.Call, cst.BaseExpression] | None:
    """Return the call `name.index(x)` or `name.count(x)` and x, where the name holds a sequence of hashable values."""
    if use.method not in {"index", "count"}:
        return None
    name = use.node.value
    match scope.parent(scope.parent(use.node) or use.node):
        case cst.Call(args=[cst.Arg(value=value, star="", keyword=None)]) as call if plain(value):
            own = isinstance(value, cst.Name) and runs_over(scope, call, value.value, name)
            hashable = not (kinds.unhashable(scope, value) or kinds.unhashable_elements(scope, name))
            spare = isinstance(scope.parent(call), cst.IfExp)  # what a look-up falls back to
            return (
                (call, value) if hashable and not spare and (own or kinds.of_name(scope, name) in _SEQUENCES) else None
            )
    return None


def _place(scope: Scope, use: Use, call: cst.Call) -> cst.CSTNode | None:
    """Return the outermost loop over which the list stays, or, for positions, is only appended to."""
    if use.method == "count":
        return outermost_steady(scope, call, use.node)
    return outermost(scope, call, lambda loop: grows_only(scope, use.node.value, loop, {"append"}))


def _indexed(
    source: Source,
    scope: Scope,
    name: str,
    where: tuple[cst.BaseStatement, cst.CSTNode],
    asked: list[tuple[cst.Call, cst.BaseExpression]],
) -> Rewrite:
    before, place = where
    places = fresh(source.module, f"{name}_position")
    value, number = fresh(source.module, "value"), fresh(source.module, "position")
    changes: dict[cst.CSTNode, Change] = {}
    for call, wanted in asked:
        found = f"{places}[{code(wanted)}]"
        there = isinstance(wanted, cst.Name) and runs_over(scope, call, wanted.value, name)
        changes[call] = expression(found if there else f"({found} if {code(wanted)} in {places} else {code(call)})")
    for use in scope.uses(name, place):
        if (addition := grown(scope, use)) is not None:
            line, added = addition
            changes[line] = [line, *statements(source.module, f"{places}.setdefault({added}, len({name}) - 1)")]
    made = f"{places} = {{{value}: {number} for {number}, {value} in reversed(list(enumerate({name})))}}"
    return Rewrite(
        prepare(source.module, before, statements(source.module, made), changes),
        f"`{name}.index` scanned the list at every turn; a dict of first positions answers in constant time.",
    )


def _counted(
    source: Source, name: str, before: cst.BaseStatement, asked: list[tuple[cst.Call, cst.BaseExpression]]
) -> Iterator[Rewrite]:
    made = reach(source, "collections", "Counter")
    if made is None:
        return
    totals = fresh(source.module, f"{name}_counts")
    changes: dict[cst.CSTNode, Change] = {call: expression(f"{totals}[{code(wanted)}]") for call, wanted in asked}
    lines = statements(source.module, f"{totals} = {made[0]}({name})")
    yield Rewrite(
        with_import(prepare(source.module, before, lines, changes), "collections", made[1]),
        f"`{name}.count` scanned the list at every turn; one pass with Counter counts all values.",
    )
