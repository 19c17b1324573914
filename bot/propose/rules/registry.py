"""Searches of a growing list attribute become look-ups: an index catches up with the list before it answers."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.constants import writes_key
from bot.propose.rules.mirror import Mirror, catching_up
from bot.propose.rules.private import PrivateList, private_list
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scan import Scan, scans, written
from bot.propose.rules.scope import Scope, scope_of
from bot.propose.rules.surgery import block, code, expression, fresh, small

_GROWS = frozenset({"append", "extend"})


class Registry:
    """`for e in self._entries: if e.key == k: return e`: the first match is looked up in a dict."""

    name = "registry-index"
    precondition = (
        "The list is only bound to new lists, appended to and read, all in methods of its own class and file. For a "
        "public list (no underscore, or a field of a dataclass) the rest of the tree, tests aside, neither assigns it "
        "nor hands it on nor calls a method that changes it in other ways than append and extend; users of the "
        "package who do are left to reviewers: the change is labelled. The search stops at the first equal key; keys "
        "are not assigned in the module. The index is made and extended by the search itself, so that copies and "
        "unpickled objects have none that is stale. Entries handed out "
        "whose key is then changed elsewhere, and unhashable keys, are left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each search of a private list."""
        scope = Scope(source.function)
        whole = scope_of(source.module)
        for scan in scans(scope):
            before = scope.statement(scan.loop)
            if not isinstance(scan.items, cst.Attribute) or before is None or not _first_only(scope, scan):
                continue
            own = set().union(*(scope.names(key) for key in scan.keys)) <= set(scan.targets)
            if not own or any(kinds.unhashable(scope, one) for one in scan.probes) or not _local(scope, scan):
                continue
            known = private_list(source, whole, scan.items.attr.value)
            if known is None or {method for _, method in known.changes} - _GROWS or scope.pauses(scan.loop):
                continue
            if not writes_key(source, scan.keys):
                yield _rewrite(source, scan, known, before)


def _rewrite(source: Source, scan: Scan, known: PrivateList, before: cst.BaseStatement) -> Rewrite:
    key = scan.keys[0].attr.value if isinstance(scan.keys[0], cst.Attribute) else "key"
    items = code(scan.items)
    index = f"{items.rsplit('.', 1)[0]}.{fresh(source.module, f'{known.stem}_by_{key}')}"
    parts = written(scan, {one: one for one in scan.targets})
    module = catching_up(
        source,
        known,
        Mirror(
            items,
            f"{index} = {{}}",
            f"for {parts.target} in {{new}}:\n\t\t{index}.setdefault({parts.key}, ({parts.element},))",
        ),
        before,
        {scan.items: expression(f"{index}.get({parts.probe}, ())")},
    )
    return Rewrite(
        module,
        f"Each call searched `{items}` from its start; a dict of the first entry for each key answers, and takes in "
        "what was appended since the last call.",
        known.labels,
    )


def _first_only(scope: Scope, scan: Scan) -> bool:
    """Say whether the scan ends at the first element whose keys are equal, and tests nothing else."""
    loop = scan.loop
    if isinstance(loop, cst.For):
        body = block(loop.body)
        test = body[0] if body else None
        if not isinstance(test, cst.If) or len(body) != 1 or not scan.only:
            return False
        inner = block(test.body)
        last = small(inner[-1]) if inner else None
        return isinstance(last, cst.Return | cst.Break | cst.Raise)
    made = scope.parent(loop)
    arg = scope.parent(made) if made is not None else None
    call = scope.parent(arg) if arg is not None else None
    first = isinstance(call, cst.Call) and code(call.func) in {"next", "any"} and call.args[0] is arg
    return isinstance(made, cst.GeneratorExp) and first and scan.only and loop.inner_for_in is None


def _local(scope: Scope, scan: Scan) -> bool:
    """Say whether the names of the scan are used nowhere else in the method."""
    region: cst.CSTNode | None = scan.loop if isinstance(scan.loop, cst.For) else scope.parent(scan.loop)
    return region is not None and all(len(scope.uses(one)) == len(scope.uses(one, region)) for one in scan.targets)
