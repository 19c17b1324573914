"""Asking a dictionary whether it has a key and then for the value hashes the key twice or three times."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import assigned
from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, atom, block, code, fresh, has_comment, small, squeeze, statements, swap
from bot.propose.rules.survey import walk


class DictLookups:
    """`if k in d: ... d[k] ...` becomes one `get`; `k in d.keys()` becomes `k in d`."""

    name = "single-dict-lookup"
    precondition = (
        "Dictionary and key are free of effects. A key whose value is None counts as missing where the rewrite asks "
        "`get(...) is None`, which before would have raised."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for all look-ups of the function."""
        asks = (cst.In, cst.NotIn)
        nodes = walk(source.function.body, into_scopes=False)
        if not any(isinstance(node, cst.ComparisonTarget) and isinstance(node.operator, asks) for node in nodes):
            return
        effects = Effects(source)
        found = fresh(source.module, "found")
        changes: dict[cst.CSTNode, Change] = {}
        for node in walk(source.function.body, into_scopes=False):
            if isinstance(node, cst.IndentedBlock):
                changes |= _in_block(source.module, effects, node, found)
            elif isinstance(node, cst.ComparisonTarget):
                changes |= _keys(node)
        yield from self._made(source, changes)

    def _made(self, source: Source, changes: dict[cst.CSTNode, Change]) -> Iterator[Rewrite]:
        if changes:
            yield Rewrite(swap(source.module, changes), "Each key is hashed once where it was looked up several times.")


def _keys(target: cst.ComparisonTarget) -> dict[cst.CSTNode, Change]:
    call = target.comparator
    if not isinstance(call, cst.Call) or call.args or not isinstance(call.func, cst.Attribute):
        return {}
    asked = isinstance(target.operator, cst.In | cst.NotIn) and call.func.attr.value == "keys"
    return {call: call.func.value} if asked else {}


def _in_block(module: cst.Module, effects: Effects, body: cst.IndentedBlock, found: str) -> dict[cst.CSTNode, Change]:
    changes: dict[cst.CSTNode, Change] = {}
    for index, statement in enumerate(body.body):
        if not isinstance(statement, cst.If) or isinstance(statement.orelse, cst.If) or has_comment(statement.body):
            continue
        asked = _membership(statement.test, effects)
        if asked is None:
            continue
        following = body.body[index + 1] if index + 1 < len(body.body) else None
        text = _either(statement, *asked, effects, found)
        if text is not None:
            changes[statement] = _placed(module, text, statement)
            continue
        text = _default(statement, following, *asked, found)
        if text is not None and following is not None:
            changes[statement] = _placed(module, text, statement)
            changes[following] = ()
    return changes


def _placed(module: cst.Module, text: str, like: cst.If) -> list[cst.BaseStatement]:
    new = statements(module, text)
    first = new[0]
    if isinstance(first, cst.SimpleStatementLine):
        new[0] = first.with_changes(leading_lines=like.leading_lines)
    return new


def _membership(test: cst.BaseExpression, effects: Effects) -> tuple[str, str, bool] | None:
    """Return dictionary, key and whether the test asks for presence."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not effects.pure(test):
        return None
    one = test.comparisons[0]
    if not isinstance(one.operator, cst.In | cst.NotIn):
        return None
    holder = one.comparator
    if isinstance(holder, cst.Call) and code(holder.func).endswith(".keys") and isinstance(holder.func, cst.Attribute):
        holder = holder.func.value
    if not isinstance(holder, cst.Name | cst.Attribute):
        return None
    return atom(holder), code(test.left), isinstance(one.operator, cst.In)


def _only(body: cst.BaseSuite) -> cst.SimpleStatementLine | None:
    inside = block(body)
    first = inside[0] if len(inside) == 1 else None
    return first if isinstance(first, cst.SimpleStatementLine) and small(first) is not None else None


def _either(statement: cst.If, holder: str, key: str, present: bool, effects: Effects, found: str) -> str | None:
    """Read `if k in d: <uses d[k]> else: d[k] = start` (or the reverse)."""
    if not isinstance(statement.orelse, cst.Else) or has_comment(statement.orelse):
        return None
    has, misses = _only(statement.body), _only(statement.orelse.body)
    if not present:
        has, misses = misses, has
    if has is None or misses is None:
        return None
    item = f"{holder}[{key}]"
    start = _item_value(misses, item)
    change = small(has)
    if start is not None and effects.pure(start):
        return _counted(change, start, item, holder, key, found) or _called(change, start, item, holder, key, found)
    return _fetched(has, misses, item, effects, holder, key)


def _item_value(statement: cst.CSTNode, item: str) -> cst.BaseExpression | None:
    """Return the value of a statement `d[k] = value`."""
    found = small(statement)
    if isinstance(found, cst.Assign) and len(found.targets) == 1 and squeeze(code(found.targets[0].target)) == item:
        return found.value
    return None


def _counted(
    change: cst.BaseSmallStatement | None, start: cst.BaseExpression, item: str, holder: str, key: str, found: str
) -> str | None:
    if not isinstance(change, cst.AugAssign) or squeeze(code(change.target)) != item:
        return None
    value = change.value
    if isinstance(change.operator, cst.AddAssign) and isinstance(value, cst.Integer) and code(start) == code(value):
        return f"{item} = {holder}.get({key}, 0) + {code(value)}"
    if isinstance(start, cst.List | cst.ListComp | cst.Set) or item in squeeze(code(value)):
        return None
    sign = cst.Module([]).code_for_node(change.operator).strip().removesuffix("=")
    return f"{found} = {holder}.get({key})\n{item} = {code(start)} if {found} is None else {found} {sign} {atom(value)}"


def _called(
    change: cst.BaseSmallStatement | None, start: cst.BaseExpression, item: str, holder: str, key: str, found: str
) -> str | None:
    """Read `d[k].append(x)` against `d[k] = [x]`."""
    call = change.value if isinstance(change, cst.Expr) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    if squeeze(code(call.func.value)) != item or item in squeeze("".join(code(arg) for arg in call.args)):
        return None
    args = ", ".join(code(arg) for arg in call.args)
    get = f"{found} = {holder}.get({key})\nif {found} is None:\n\t{item} = {code(start)}\n"
    return f"{get}else:\n\t{found}.{call.func.attr.value}({args})"


def _fetched(
    has: cst.SimpleStatementLine,
    misses: cst.SimpleStatementLine,
    item: str,
    effects: Effects,
    holder: str,
    key: str,
) -> str | None:
    """Read `x = d[k]` against `x = default`."""
    hit, miss = assigned(has), assigned(misses)
    if hit is None or miss is None or hit[0] != miss[0] or squeeze(code(hit[1])) != item:
        return None
    cheap = isinstance(miss[1], cst.Name | cst.Integer | cst.Float | cst.SimpleString) and effects.pure(miss[1])
    return f"{hit[0]} = {holder}.get({key}, {code(miss[1])})" if cheap else None


def _default(
    statement: cst.If, following: cst.CSTNode | None, holder: str, key: str, present: bool, found: str
) -> str | None:
    """Read `if k not in d: d[k] = []` and the statement `d[k].append(x)` after it."""
    inside = _only(statement.body)
    if present or statement.orelse is not None or inside is None or following is None or has_comment(following):
        return None
    item = f"{holder}[{key}]"
    start = _item_value(inside, item)
    change = small(following)
    call = change.value if isinstance(change, cst.Expr) else None
    if start is None or not isinstance(start, cst.List | cst.Set | cst.Dict | cst.Call):
        return None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    args = ", ".join(code(arg) for arg in call.args)
    if squeeze(code(call.func.value)) != item or holder in squeeze(args):
        return None
    get = f"{found} = {holder}.get({key})\nif {found} is None:\n\t{found} = {item} = {code(start)}\n"
    return f"{get}{found}.{call.func.attr.value}({args})"
