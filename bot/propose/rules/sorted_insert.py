"""Sorting a whole list after every append: the list is sorted already, so the one value is inserted in its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.private import private_list
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Role, Scope, scope_of
from bot.propose.rules.surgery import Change, block, code, line, small, swap

_KEEPS_ORDER = frozenset({"pop", "remove", "clear", "index", "count", "copy"})


@dataclass(frozen=True, slots=True)
class _Pair:
    """`items.append(x)` and `items.sort(key=...)` in neighbouring lines; `key` is as written, or ""."""

    items: cst.BaseExpression
    added: cst.BaseExpression
    key: str
    append: cst.BaseStatement
    sort: cst.BaseStatement


class SortedInsert:
    """`items.append(x); items.sort()` becomes `bisect.insort(items, x)`, for locals and private attributes."""

    name = "sorted-insert"
    precondition = (
        "The list starts empty or sorted by the same key and is only changed by such pairs and by removals, in the "
        "function or, for a private attribute, in the whole class and file; equal values keep their order. `reverse` "
        "is refused. That the key is a function of the value alone is left to the judge, as is Python 3.10 for a key."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each list; all its pairs in the function change together."""
        scope = Scope(source.function)
        pairs = list(_pairs(scope))
        for name in dict.fromkeys(code(pair.items) for pair in pairs):
            mine = [pair for pair in pairs if code(pair.items) == name]
            made = reach(source, "bisect", "insort")
            if made is None or len({pair.key for pair in mine}) != 1 or not _sorted_throughout(source, scope, mine):
                continue
            changes: dict[cst.CSTNode, Change] = {}
            for pair in mine:
                key = f", key={pair.key}" if pair.key else ""
                call = f"{made[0]}({name}, {code(pair.added)}{key})"
                changes[pair.append] = _with_comments(line(source.module, call, pair.append), pair.sort)
                changes[pair.sort] = []
            yield Rewrite(
                with_import(swap(source.module, changes), "bisect", made[1]),
                f"`{name}` was sorted anew after every append; bisect finds the place of the one new value.",
            )


def _pairs(scope: Scope) -> Iterator[_Pair]:
    for node in scope.nodes():
        body = block(node) if isinstance(node, cst.IndentedBlock) else ()
        for first, second in pairwise(body):
            items, added = _appended(first)
            sorted_items, key = _sorted(second)
            if (
                items is not None
                and sorted_items is not None
                and added is not None
                and code(items) == code(sorted_items)
            ):
                yield _Pair(items, added, key, first, second)


def _with_comments(new: cst.BaseStatement, gone: cst.BaseStatement) -> cst.BaseStatement:
    """Return a line that also carries the comments of one that is gone."""
    if not isinstance(new, cst.SimpleStatementLine) or not isinstance(gone, cst.SimpleStatementLine):
        return new
    above = [one for one in gone.leading_lines if one.comment is not None]
    if gone.trailing_whitespace.comment is not None:
        above.append(cst.EmptyLine(comment=gone.trailing_whitespace.comment))
    return new.with_changes(leading_lines=[*new.leading_lines, *above])


def _appended(statement: cst.BaseStatement) -> tuple[cst.BaseExpression | None, cst.BaseExpression | None]:
    match small(statement):
        case cst.Expr(
            value=cst.Call(
                func=cst.Attribute(value=items, attr=cst.Name(value="append")),
                args=[cst.Arg(value=added, star="", keyword=None)],
            )
        ):
            return items, added
    return None, None


def _sorted(statement: cst.BaseStatement) -> tuple[cst.BaseExpression | None, str]:
    """Return the list and the key of `items.sort(...)` without `reverse`; None for anything else."""
    match small(statement):
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=items, attr=cst.Name(value="sort")), args=args)):
            key = _key(args)
            return (None, "") if key is None else (items, key)
    return None, ""


def _key(args: Sequence[cst.Arg]) -> str | None:
    """Return the source of the key, "" where there is none, and None where there is more than a key."""
    if not args:
        return ""
    if len(args) == 1 and args[0].keyword is not None and args[0].keyword.value == "key":
        return code(args[0].value)
    return None


def _sorted_throughout(source: Source, scope: Scope, pairs: list[_Pair]) -> bool:
    """Say whether the list is sorted by the pairs' key wherever one of them starts."""
    items = pairs[0].items
    if isinstance(items, cst.Name):
        return _local(scope, items.value, pairs)
    me = items.value if isinstance(items, cst.Attribute) else None
    return isinstance(items, cst.Attribute) and isinstance(me, cst.Name) and _private(source, items.attr.value, pairs)


def _local(scope: Scope, name: str, pairs: list[_Pair]) -> bool:
    if not any(scope.loops(pair.append) for pair in pairs) or scope.declared(name) or scope.captured(name):
        return False
    for use in scope.uses(name):
        if any(scope.inside(use.node, one) for pair in pairs for one in (pair.append, pair.sort)):
            continue
        if use.role is Role.ESCAPE and any(_reaches(scope, use.node, pair.append) for pair in pairs):
            return False
        if use.role is Role.CHANGE and use.method not in _KEEPS_ORDER and not _deleted(scope, use.node):
            return False
    return all(_starts_sorted(value, pairs[0].key) for value in kinds.values(scope, name))


def _reaches(scope: Scope, node: cst.CSTNode, later: cst.CSTNode) -> bool:
    """Say whether `later` may run after `node`."""
    return scope.before(node, later) or any(scope.inside(node, loop) for loop in scope.loops(later))


def _deleted(scope: Scope, node: cst.CSTNode) -> bool:
    return isinstance(scope.parent(scope.parent(node) or node), cst.Del)


def _starts_sorted(value: kinds.Bound | None, key: str) -> bool:
    match value:
        case cst.List(elements=elements):
            return len(elements) <= 1 and not any(isinstance(one, cst.StarredElement) for one in elements)
        case cst.Call(func=cst.Name(value="list"), args=[]):
            return True
        case cst.Call(func=cst.Name(value="sorted"), args=[_, *rest]):
            return _key(rest) == key
    return False


def _private(source: Source, name: str, pairs: list[_Pair]) -> bool:
    """Say whether every change of a private attribute in its class keeps it sorted by the pairs' key."""
    whole = scope_of(source.module)
    known = private_list(source, whole, name)
    if known is None:
        return False
    values = [_value(one) for one in known.bindings]
    if not all(_starts_sorted(value, pairs[0].key) for value in values):
        return False
    everywhere = [pair for pair in _pairs(whole) if code(pair.items).endswith(f".{name}") and pair.key == pairs[0].key]
    lines = [one for pair in everywhere for one in (pair.append, pair.sort)]
    return all(
        method in _KEEPS_ORDER or _deleted(whole, node) or any(whole.inside(node, one) for one in lines)
        for node, method in known.changes
    )


def _value(statement: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    first = statement.body[0]
    return first.value if isinstance(first, cst.Assign | cst.AnnAssign) else None
