"""Nested loops over equal keys become a join: the inner sequence is grouped by its key once."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.places import outermost, prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scan import Scan, grouping, scans
from bot.propose.rules.scope import Loop, Scope, variables
from bot.propose.rules.steady import steady
from bot.propose.rules.surgery import Change, code, expression, fresh, statements


class HashJoin:
    """`for a in xs: for b in ys: if a.k == b.k` and the searches of that shape, in loops and comprehensions."""

    name = "hash-join"
    precondition = (
        "The inner sequence and the attributes in its key are not assigned or changed in the outer loop, and nothing "
        "happens to elements without an equal key; the comparison itself stays, so that odd equalities keep their "
        "meaning. That keys are hashable, the sequence can be read twice, and calls change nothing, is the judge's."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each inner scan."""
        scope = Scope(source.function)
        for scan in scans(scope):
            place = self._place(scope, scan)
            before = scope.statement(place) if place is not None else None
            if place is not None and before is not None and own_names(scope, scan):
                yield self._rewrite(source, scope, scan, before)

    @staticmethod
    def _place(scope: Scope, scan: Scan) -> cst.CSTNode | None:
        """Return the outermost loop around the scan over which its sequence and keys stay the same."""
        if isinstance(scan.items, cst.Name) and kinds.of_name(scope, scan.items.value) == "iterator":
            return None
        return joinable(scope, scan, scan.items)

    def _rewrite(self, source: Source, scope: Scope, scan: Scan, before: cst.BaseStatement) -> Rewrite:
        stem = scan.items.value if isinstance(scan.items, cst.Name) else scan.targets[-1]
        last = scan.keys[0].attr.value if isinstance(scan.keys[0], cst.Attribute) else "key"
        index = fresh(source.module, f"{stem}_by_{last}")
        names = {one: free_name(source, scope, scan, one) for one in scan.targets}
        text, probe = grouping(scan, index, names)
        lines = statements(source.module, text)
        changes: dict[cst.CSTNode, Change] = {scan.items: expression(f"{index}.get({probe}, ())")}
        return Rewrite(
            prepare(source.module, before, lines, changes),
            f"Every turn of the outer loop scanned `{code(scan.items)}` for an equal key; grouped once by the key, it "
            "is looked up.",
        )


def joinable(scope: Scope, scan: Scan, items: cst.BaseExpression) -> cst.CSTNode | None:
    """Return the outermost loop around the scan over which `items` and the keys of its elements stay the same."""
    if any(kinds.unhashable(scope, one) for one in (*scan.keys, *scan.probes)):
        return None
    targets = frozenset(scan.targets)

    def stays(loop: cst.CSTNode) -> bool:
        return all(steady(scope, one, loop, targets) for one in (items, *scan.keys)) and not any(
            _item_changes(scope, name, loop) for name in targets
        )

    return outermost(scope, scan.items, stays)


def free_name(source: Source, scope: Scope, scan: Scan, name: str) -> str:
    """Return the target's own name where it is used for nothing else in the function, and a new one otherwise."""
    alone = len(scope.uses(name)) == len(scope.uses(name, _owner(scope, scan)))
    return name if alone else fresh(source.module, f"each_{name}")


def own_names(scope: Scope, scan: Scan) -> bool:
    """Say whether no code outside of the scan sees what it binds: other uses of the names have loops of their own."""
    if isinstance(scan.loop, cst.CompFor):
        return True
    return all(
        scope.inside(use.node, scan.loop) or _bound_by_loop(scope, use.node, scan.loop)
        for name in scan.targets
        for use in scope.uses(name)
    )


def _bound_by_loop(scope: Scope, node: cst.Name, scan: cst.CSTNode) -> bool:
    """Say whether a loop or comprehension that does not hold the scan binds this use of a name."""
    for outer in scope.around(node):
        if scope.inside(scan, outer):
            return False
        if isinstance(outer, cst.For):
            targets = [] if outer.orelse is not None and scope.inside(node, outer.orelse) else [outer.target]
        else:
            targets = [one.target for one in scope.nodes(outer) if isinstance(one, cst.CompFor)]
        if isinstance(outer, Loop) and any(one.value == node.value for each in targets for one in variables(each)):
            return True
    return False


def _owner(scope: Scope, scan: Scan) -> cst.CSTNode:
    """Return the loop statement or the whole comprehension to which a scan belongs."""
    node: cst.CSTNode | None = scan.loop
    while node is not None and not isinstance(node, Loop):
        node = scope.parent(node)
    return node or scope.root


def _item_changes(scope: Scope, name: str, region: cst.CSTNode) -> bool:
    """Say whether an item or attribute of the named object is assigned, or the name rebound, beyond its own loop."""
    return any(
        scope.is_target(node)
        and isinstance(node, cst.Subscript)
        and code(node.value).split(".")[0].split("[")[0] == name
        for node in scope.nodes(region)
    )
