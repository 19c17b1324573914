"""`df.apply(lambda row: ..., axis=1)` makes a Series a row; arithmetic on columns, or a list over them, does not."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.frame_rows import Read, cells, column_names
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, atom, code, expression, small, swap
from bot.propose.rules.survey import survey, walk

_PLAIN = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)
_MOST = (cst.GreaterThan, cst.LessThan, cst.GreaterThanEqual, cst.LessThanEqual, cst.Equal, cst.NotEqual)


def pandas_name(module: cst.Module) -> str | None:
    """Return the name under which the module's first lines import pandas."""
    for statement in module.body:
        found = small(statement)
        if isinstance(found, cst.Import):
            for alias in found.names:
                if code(alias.name) == "pandas":
                    return alias.evaluated_alias or "pandas"
    return None


class FrameApply:
    """Row-wise `apply` with a lambda becomes arithmetic on columns, or a list over the columns that are read."""

    name = "apply-on-columns"
    precondition = (
        "The lambda reads its row by literal column names only. An empty frame, and frames whose columns have "
        "different number types, may give another dtype: left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield arithmetic on columns where the lambda is arithmetic, and a list over the columns always."""
        pandas = pandas_name(source.module)
        for call in walk(source.function.body, into_scopes=False):
            if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
                continue
            function = _row_function(call)
            if function is None or not isinstance(call.func.value, cst.Name | cst.Attribute):
                continue
            row = function.params.params[0].name.value
            reads = cells(function.body, row)
            if not reads or survey(function.body).bound[row]:
                continue
            frame = atom(call.func.value)
            if _arithmetic(function.body, row):
                columns: dict[cst.CSTNode, Change] = {
                    read.node: expression(f"{frame}[{read.column}]") for read in reads
                }
                new = expression(f"({code(swap(function.body, columns))}).rename(None)")
                why = "A function was called for every row; the same arithmetic now runs on whole columns."
                yield Rewrite(swap(source.module, {call: new}), why)
            if pandas is not None:
                made = _listed(source, function, reads, frame, pandas)
                why = "A Series was made for every row; only the columns that are read are walked now."
                yield Rewrite(swap(source.module, {call: made}), why)


def _row_function(call: cst.Call) -> cst.Lambda | None:
    """Return the lambda of `.apply(lambda row: ..., axis=1)`."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "apply" or len(call.args) != 2:
        return None
    first, axis = call.args
    if first.keyword or axis.keyword is None or axis.keyword.value != "axis":
        return None
    if code(axis.value) not in {"1", '"columns"', "'columns'"} or not isinstance(first.value, cst.Lambda):
        return None
    params = first.value.params
    plain = len(params.params) == 1 and not params.kwonly_params and params.params[0].default is None
    return first.value if plain else None


def _arithmetic(node: cst.BaseExpression, row: str) -> bool:
    """Say whether an expression means the same on columns as on cells."""
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.operator, _PLAIN) and _arithmetic(node.left, row) and _arithmetic(node.right, row)
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Minus) and _arithmetic(node.expression, row)
    if isinstance(node, cst.Comparison):
        one = node.comparisons[0]
        sides = _arithmetic(node.left, row) and _arithmetic(one.comparator, row)
        return len(node.comparisons) == 1 and isinstance(one.operator, _MOST) and sides
    if isinstance(node, cst.Subscript):
        return code(node.value) == row
    return isinstance(node, cst.Integer | cst.Float | cst.Name)


def _listed(source: Source, function: cst.Lambda, reads: list[Read], frame: str, pandas: str) -> cst.BaseExpression:
    row = function.params.params[0].name.value
    names = column_names(source.module, row, reads)
    value = code(swap(function.body, {read.node: expression(names[read.column]) for read in reads}))
    target = ", ".join(names.values()) + ("," if len(names) == 1 else "")
    columns = ", ".join(f"{frame}[{column}]" for column in names)
    return expression(f"{pandas}.Series([{value} for {target} in zip({columns})], index={frame}.index)")
