"""`items.index(x)` and `items.count(x)` in a loop: a dict of first positions or of counts is made once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.counting import holds_elements, runs_over
from bot.propose.rules.growth import grown, grows_only
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.key_functions import Ask, key_asks
from bot.propose.rules.places import outermost, outermost_steady, prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope
from bot.propose.rules.steady import plain, steady
from bot.propose.rules.surgery import Change, code, expression, fresh, small, statements

_SEQUENCES = frozenset({"list", "tuple", "sequence"})
_NO_TEXT = frozenset({"int", "float", "tuple"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the dict is made: in front of `before`, for `region`; `items` is the list as written."""

    items: str
    before: cst.BaseStatement
    region: cst.CSTNode


class Positions:
    """Scans of an unchanged list for a value's place or count become look-ups."""

    name = "positions"
    precondition = (
        "The list or tuple is not changed in the loop, or a local list is only appended to; `index` keeps its "
        "ValueError because a value that is not there is still looked for in the list. Other types with these "
        "methods (strings) are refused unless the values come from the sequence itself, or could not be parts of a "
        "string. `key=items.count` and `key=lambda x: items.count(x)` of sorted, min and max are loops, too. That "
        "values are hashable is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each list, place and method."""
        scope = Scope(source.function)
        sites: dict[tuple[str, str, cst.CSTNode], list[Ask]] = defaultdict(list)
        for ask in (*_calls(scope), *key_asks(scope)):
            place = _place(scope, ask) if _sequence(scope, ask) else None
            if place is not None:
                sites[code(ask.items), ask.method, place].append(ask)
        for (items, method, place), asks in sites.items():
            before = scope.statement(place)
            if before is not None and method == "index":
                yield _indexed(source, scope, _Place(items, before, place), asks)
            elif before is not None:
                yield from _counted(source, _Place(items, before, place), asks)


def _calls(scope: Scope) -> Iterator[Ask]:
    """Yield the calls `items.index(x)` and `items.count(x)`; a look-up's own fall-back is none."""
    for node in scope.nodes():
        match node:
            case cst.Call(
                func=cst.Attribute(value=cst.Name() | cst.Attribute() as items, attr=cst.Name(value=method)),
                args=[cst.Arg(value=value, star="", keyword=None)],
            ) if method in {"index", "count"} and not isinstance(scope.parent(node), cst.IfExp):
                yield Ask(node, node, items, method, value)


def _sequence(scope: Scope, ask: Ask) -> bool:
    """Say whether the object asked is a sequence for which a dict of its elements tells the same."""
    if not isinstance(ask.items, cst.Name):
        return plain(ask.items) and ask.value is not None and _own(scope, ask)
    name = ask.items.value
    if kinds.unhashable_elements(scope, name) or (ask.value is not None and kinds.unhashable(scope, ask.value)):
        return False
    if ask.method == "index" and ask.value is not None and not plain(ask.value):
        return False  # it is written twice
    found = kinds.of_name(scope, name)
    no_text = ask.value is not None and kinds.kind(ask.value) in _NO_TEXT
    return found in _SEQUENCES or (ask.method == "count" and found is None and no_text) or _own(scope, ask)


def _own(scope: Scope, ask: Ask) -> bool:
    """Say whether the value asked for is an element of the sequence."""
    items = code(ask.items)
    if ask.over is not None:
        return holds_elements(ask.over, items)
    match ask.value:
        case cst.Name(value=variable):
            return runs_over(scope, ask.call, variable, items)
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index())]):
            return code(value) == items and plain(ask.value)
    return False


def _place(scope: Scope, ask: Ask) -> cst.CSTNode | None:
    """Return the outermost loop over which the list stays, or, for positions, is only appended to."""
    if ask.over is not None:
        line = scope.statement(ask.call)
        whole = outermost_steady(scope, ask.call, ask.items)
        alone = line is not None and small(line) is not None and steady(scope, ask.items, line)
        return whole or (line if alone else None)
    if ask.method == "index" and isinstance(ask.items, cst.Name):
        name = ask.items.value
        return outermost(scope, ask.call, lambda loop: grows_only(scope, name, loop, {"append"}))
    return outermost_steady(scope, ask.call, ask.items)


def _indexed(source: Source, scope: Scope, where: _Place, asks: list[Ask]) -> Rewrite:
    places = fresh(source.module, f"{_stem(where.items)}_position")
    value, number = fresh(source.module, "value"), fresh(source.module, "position")
    changes: dict[cst.CSTNode, Change] = {}
    for ask in asks:
        wanted = code(ask.value) if ask.value is not None else value
        there = (ask.over is not None or isinstance(ask.value, cst.Name)) and _own(scope, ask)
        found = f"{places}[{wanted}]"
        found = found if there else f"({found} if {wanted} in {places} else {where.items}.index({wanted}))"
        changes[ask.node] = expression(found if ask.value is not None else f"lambda {value}: {found}")
    for use in scope.uses(where.items, where.region):
        if (addition := grown(scope, use)) is not None:
            line, added = addition
            changes[line] = [line, *statements(source.module, f"{places}.setdefault({added}, len({where.items}) - 1)")]
    made = f"{places} = {{{value}: {number} for {number}, {value} in reversed(list(enumerate({where.items})))}}"
    return Rewrite(
        prepare(source.module, where.before, statements(source.module, made), changes),
        f"`{where.items}.index` scanned the list at every turn; a dict of first positions answers in constant time.",
    )


def _counted(source: Source, where: _Place, asks: list[Ask]) -> Iterator[Rewrite]:
    made = reach(source, "collections", "Counter")
    if made is None:
        return
    totals = fresh(source.module, f"{_stem(where.items)}_counts")
    changes: dict[cst.CSTNode, Change] = {
        ask.node: expression(f"{totals}[{code(ask.value)}]" if ask.value is not None else f"{totals}.__getitem__")
        for ask in asks
    }
    lines = statements(source.module, f"{totals} = {made[0]}({where.items})")
    yield Rewrite(
        with_import(prepare(source.module, where.before, lines, changes), "collections", made[1]),
        f"`{where.items}.count` scanned the list at every turn; one pass with Counter counts all values.",
    )


def _stem(items: str) -> str:
    return items.rsplit(".", 1)[-1].lstrip("_")
