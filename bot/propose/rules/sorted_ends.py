"""Sorting everything to take one end: heapq finds it in one pass, with the order of equals kept.

For one value heapq works like min() and max(); for a few it is slower than sorted() on short lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope
from bot.propose.rules.surgery import code, expression, swap

_ITERATES_BACK = frozenset({"list", "tuple", "str", "range", "sequence"})

_MANY = 1000


@dataclass(frozen=True, slots=True)
class _Sort:
    """A call of sorted(): what is sorted, `key=...` as written or "", and whether the order is reversed."""

    items: cst.BaseExpression
    key: str
    reverse: bool


class SortedEnds:
    """`sorted(x)[0]`, `sorted(x)[-1]` and `sorted(x)[:3]`, also through a local name that is used for nothing else."""

    name = "sorted-ends"
    precondition = (
        "Only one end of a sorted() is used, `reverse` is a literal; heapq keeps the order of equals and the "
        "IndexError of an empty input. More than one value only of evidently many: of nested `for`s or of a long "
        "literal range. That the order is total (no NaN) and sorted() is not shadowed is left to the "
        "judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each sorted() of which only one end is used."""
        scope = Scope(source.function)
        for node in scope.nodes():
            sort = _sort(node)
            if sort is None or not isinstance(node, cst.Call):
                continue
            wanted = _wanted(scope, node)
            if wanted is None or not (abs(wanted) == 1 or _long(sort.items)):
                continue
            smallest = (wanted > 0) != sort.reverse
            function = "nsmallest" if smallest else "nlargest"
            found = reach(source, "heapq", function)
            if found is None:
                continue
            items = code(sort.items)
            if wanted < 0:
                items = f"reversed({items if _backwards(scope, sort.items) else f'list({items})'})"
            call = expression(f"{found[0]}({abs(wanted)}, {items}{sort.key})")
            yield Rewrite(
                with_import(swap(source.module, {node: call}), "heapq", found[1]),
                f"Only {abs(wanted)} of the sorted values is used: {function} finds it in one pass without sorting.",
            )


def _sort(node: cst.CSTNode) -> _Sort | None:
    if not (isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "sorted"):
        return None
    if not node.args or node.args[0].keyword is not None or any(arg.star for arg in node.args):
        return None
    key, reverse = "", False
    for arg in node.args[1:]:
        name = arg.keyword.value if arg.keyword is not None else ""
        written = code(arg.value)
        if name == "reverse" and written in {"True", "False"}:
            reverse = written == "True"
        elif name == "key":
            key = f", key={written}"
        else:
            return None
    return _Sort(node.args[0].value, key, reverse)


def _wanted(scope: Scope, call: cst.Call) -> int | None:
    """Return n where the first n (or, negative, the last -n) values are all that is used of a sorted()."""
    above = scope.parent(call)
    if isinstance(above, cst.Subscript):
        return _end(above) if above.value is call else None
    if (
        not isinstance(above, cst.Assign)
        or len(above.targets) != 1
        or not isinstance(above.targets[0].target, cst.Name)
    ):
        return None
    name = above.targets[0].target.value
    ends = {_end(scope.parent(use.node)) for use in scope.uses(name) if not scope.is_target(use.node)}
    alone = len(kinds.values(scope, name)) == 1 and not scope.captured(name) and not scope.declared(name)
    written = any(
        scope.is_target(node) for node in scope.nodes() if isinstance(node, cst.Subscript) and _of(node, name)
    )
    return ends.pop() if len(ends) == 1 and alone and not written else None


def _of(node: cst.Subscript, name: str) -> bool:
    return isinstance(node.value, cst.Name) and node.value.value == name


def _end(node: cst.CSTNode | None) -> int | None:
    """Read `[0]` as 1, `[-1]` as -1 and `[:3]` as 3."""
    if not isinstance(node, cst.Subscript) or len(node.slice) != 1:
        return None
    part = node.slice[0].slice
    if isinstance(part, cst.Index):
        return {"0": 1, "-1": -1}.get(code(part.value))
    upper = part.upper if isinstance(part, cst.Slice) and part.lower is None and part.step is None else None
    return upper.evaluated_value or None if isinstance(upper, cst.Integer) else None


def _long(items: cst.BaseExpression) -> bool:
    """Say whether there are evidently many values to sort, so that heapq pays for a few of them."""
    if isinstance(items, cst.GeneratorExp | cst.ListComp):
        return items.for_in.inner_for_in is not None or (_long(items.for_in.iter) and not items.for_in.ifs)
    match items:
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=cst.Integer() as count)]):
            return count.evaluated_value >= _MANY
    return False


def _backwards(scope: Scope, items: cst.BaseExpression) -> bool:
    """Say whether reversed() works on the value as it is."""
    found = kinds.of_name(scope, items.value) if isinstance(items, cst.Name) else kinds.kind(items)
    return found in _ITERATES_BACK
