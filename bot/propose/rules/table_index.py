"""Searches of constant tables become look-ups in an index that is built once, when the module is imported."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.constants import table, writes_key
from bot.propose.rules.membership import tested
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scan import Scan, grouping, scans
from bot.propose.rules.scope import Scope, scope_of
from bot.propose.rules.surgery import Change, expression, fresh, statements, swap


class TableIndex:
    """`for e in TABLE: if e.key == k` over a module's constant list, tuple or dict; also `x in TABLE`."""

    name = "table-index"
    precondition = (
        "The table is bound once at the top level to an evident list, tuple or dict, is only read in its module, and "
        "no other file looks as if it changed it; keys of entries are not assigned in the module. The comparison "
        "stays. That searched values are hashable is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each search of a table, then one for each membership test."""
        scope = Scope(source.function)
        for scan in scans(scope):
            name = _searched(scan)
            own = set().union(*(scope.names(key) for key in scan.keys)) <= set(scan.targets)
            if name is None or not own or any(kinds.unhashable(scope, one) for one in scan.probes):
                continue
            line = table(source, scope, name)
            if line is not None and not writes_key(source, scan.keys):
                yield self._indexed(source, scan, name, line)
        yield from self._memberships(source, scope)

    @staticmethod
    def _indexed(source: Source, scan: Scan, name: str, line: cst.SimpleStatementLine) -> Rewrite:
        key = scan.keys[0]
        by = key.attr.value.upper() if isinstance(key, cst.Attribute) else "KEY"
        index = fresh(
            source.module, f"_{name.lstrip('_')}_BY_{by}" if name.isupper() else f"_{name.lstrip('_')}_by_key"
        )
        names = {one: fresh(source.module, f"_{one.lstrip('_')}") for one in scan.targets}
        text, probe = grouping(scan, index, names)
        changes: dict[cst.CSTNode, Change] = {
            line: [line, *statements(source.module, text)],
            scan.items: expression(f"{index}.get({probe}, ())"),
        }
        return Rewrite(
            swap(source.module, changes),
            f"Each call searched `{name}` from its start; an index built at import answers with the matching entries.",
        )

    @staticmethod
    def _memberships(source: Source, scope: Scope) -> Iterator[Rewrite]:
        for name in sorted(scope.names(source.function)):
            sites = [(use, tested(scope, use)) for use in scope.uses(name)]
            found = [use.node for use, left in sites if left is not None and not kinds.unhashable(scope, left)]
            line = table(source, scope, name) if found else None
            whole = scope_of(source.module)
            if (
                line is None
                or kinds.of_name(whole, name) not in {"list", "tuple"}
                or kinds.unhashable_elements(whole, name)
            ):
                continue
            made = fresh(source.module, f"_{name.lstrip('_')}_SET" if name.isupper() else f"_{name.lstrip('_')}_set")
            changes: dict[cst.CSTNode, Change] = {node: cst.Name(made) for node in found}
            changes[line] = [line, *statements(source.module, f"{made} = frozenset({name})")]
            yield Rewrite(
                swap(source.module, changes),
                f"`in {name}` compared entry by entry; a frozenset built at import answers in constant time.",
            )


def _searched(scan: Scan) -> str | None:
    """Return NAME of a scan over `NAME`, `NAME.items()`, `NAME.values()` or `enumerate(NAME)`."""
    items = scan.items
    match items:
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="items" | "values")), args=[]):
            return name
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=cst.Name(value=name))]):
            return name
        case cst.Name(value=name):
            return name
    return None
