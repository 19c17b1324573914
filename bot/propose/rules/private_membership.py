"""`x in self._items` on a private, growing list: a set catches up with the list before it answers."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.membership import comparison_with
from bot.propose.rules.mirror import Mirror, catching_up
from bot.propose.rules.private import private_list
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope, scope_of
from bot.propose.rules.surgery import code, expression, fresh

_GROWS = frozenset({"append", "extend"})


class PrivateMembership:
    """A membership test of a list in `self._items`, which also keeps the order of what was added."""

    name = "private-membership"
    precondition = (
        "The list is only bound to new lists, appended to and read, all in methods of its own class and file. For a "
        "public list (no underscore, or a field of a dataclass) the rest of the tree, tests aside, neither assigns it "
        "nor hands it on nor calls a method that changes it in other ways than append and extend; users of the "
        "package who do are left to reviewers: the change is labelled. The set is made and extended by the test "
        "itself, so that copies and unpickled objects have none that is stale. That values are hashable is left to "
        "the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each membership test."""
        scope = Scope(source.function)
        whole = scope_of(source.module)
        for node in scope.nodes():
            left = comparison_with(scope, node) if isinstance(node, cst.Attribute) else None
            before = scope.statement(node)
            if left is None or before is None or not isinstance(node, cst.Attribute) or kinds.unhashable(scope, left):
                continue
            known = private_list(source, whole, node.attr.value)
            grows = known is not None and not {method for _, method in known.changes} - _GROWS
            if known is None or not grows or _changes_in(scope, before, known.name):
                continue
            items = code(node)
            index = f"{items.rsplit('.', 1)[0]}.{fresh(source.module, f'{known.stem}_set')}"
            mirror = Mirror(items, f"{index} = set()", f"{index}.update({{new}})")
            yield Rewrite(
                catching_up(source, known, mirror, before, {node: expression(index)}),
                f"Each test went through `{items}`; a set that takes in what was appended answers in constant time.",
                known.labels,
            )


def _changes_in(scope: Scope, statement: cst.BaseStatement, name: str) -> bool:
    """Say whether the list may grow between the top of a statement and a test that runs again: in a loop."""
    repeats = any(isinstance(node, cst.For | cst.While) for node in scope.nodes(statement))
    return repeats and any(
        isinstance(node, cst.Attribute) and node.attr.value == name and isinstance(scope.parent(node), cst.Attribute)
        for node in scope.nodes(statement)
    )
