"""Linear membership tests in a loop become hash look-ups: the most common hidden quadratic."""

from collections import defaultdict
from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.growth import grown, grows_only
from bot.propose.rules.places import outermost, prepare
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Role, Scope, Use
from bot.propose.rules.surgery import Change, fresh, statements

_LINEAR = frozenset({"list", "tuple", "sequence", "collection"})


def tested(scope: Scope, use: Use) -> cst.BaseExpression | None:
    """Return x of `x in items` where `use` is that `items`; None for any other use."""
    return comparison_with(scope, use.node)


def comparison_with(scope: Scope, items: cst.CSTNode) -> cst.BaseExpression | None:
    """Return x of `x in items` or `x not in items`, where the node is that `items`; None anywhere else."""
    target = scope.parent(items)
    if (
        not isinstance(target, cst.ComparisonTarget)
        or target.comparator is not items
        or not isinstance(target.operator, cst.In | cst.NotIn)
    ):
        return None
    comparison = scope.parent(target)
    alone = isinstance(comparison, cst.Comparison) and len(comparison.comparisons) == 1
    return comparison.left if alone and isinstance(comparison, cst.Comparison) else None


class Membership:
    """`x in items` in a loop: a set of the items is built before the loop and grows with them."""

    name = "membership-set"
    precondition = (
        "The list or tuple is a local or parameter that the loop leaves alone or only appends to, and nobody else "
        "holds a local list; that items and tested values are hashable, and that calls in the loop do not change a "
        "parameter's list, is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each list and each place at which its set can be built."""
        scope = Scope(source.function)
        for name in sorted(scope.names(source.function)):
            sites: dict[cst.CSTNode, list[Use]] = defaultdict(list)
            for use in scope.uses(name):
                left = tested(scope, use) if use.role is Role.READ else None
                if left is None or kinds.unhashable(scope, left) or not self._linear(scope, name):
                    continue
                place = outermost(scope, use.node, lambda loop, name=name: grows_only(scope, name, loop))  # type: ignore[misc]
                if place is not None:
                    sites[place].append(use)
            for place, uses in sites.items():
                yield from self._rewrite(source, scope, name, place, uses)

    @staticmethod
    def _linear(scope: Scope, name: str) -> bool:
        """Say whether the name holds a list or tuple, or a parameter of which nothing else is evident."""
        found = kinds.of_name(scope, name)
        bare = found is None and any(isinstance(one, cst.Param) for one in kinds.values(scope, name))
        return (found in _LINEAR or bare) and not kinds.unhashable_elements(scope, name)

    def _rewrite(
        self, source: Source, scope: Scope, name: str, place: cst.CSTNode, uses: list[Use]
    ) -> Iterator[Rewrite]:
        before = scope.statement(place)
        if before is None:
            return
        seen = fresh(source.module, f"{name}_set")
        changes: dict[cst.CSTNode, Change] = {use.node: cst.Name(seen) for use in uses}
        for use in scope.uses(name, place):
            addition = grown(scope, use)
            if addition is not None:
                line, added = addition
                verb = "add" if use.method == "append" else "update"
                changes[line] = [line, *statements(source.module, f"{seen}.{verb}({added})")]
        lines = statements(source.module, f"{seen} = set({name})")
        yield Rewrite(
            prepare(source.module, before, lines, changes),
            f"`in {name}` scanned the sequence once for each turn of the loop; a set answers in constant time.",
        )
