"""pandas builds a Series or a tuple for each row; columns walked side by side give the same values without them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import private_local
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, atom, code, expression, fresh, statements, swap
from bot.propose.rules.survey import leaks, loops, parents, root_name, survey
from bot.propose.rules.vocabulary import CHANGING_METHODS

_TAGS = frozenset({"count", "index", "Index", "_asdict", "_fields", "_replace"})


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads a cell of the row: the node and the column's name as a literal."""

    node: cst.BaseExpression
    column: str


def cells(region: cst.CSTNode, row: str) -> list[Read] | None:
    """Return the reads `row["column"]` in a region; None where the row is used in any other way."""
    above = parents(region)
    found: list[Read] = []
    for load in survey(region).loads:
        if load.value != row:
            continue
        up = above.get(load)
        key = _literal(up) if isinstance(up, cst.Subscript) and up.value is load else None
        if not isinstance(up, cst.Subscript) or key is None or isinstance(above.get(up), cst.AssignTarget | cst.Del):
            return None
        found.append(Read(up, key))
    return found


def attributes(region: cst.CSTNode, row: str) -> list[Read] | None:
    """Return the reads `row.column` in a region; None where the row is used in any other way."""
    above = parents(region)
    found: list[Read] = []
    for load in survey(region).loads:
        if load.value != row:
            continue
        up = above.get(load)
        if not isinstance(up, cst.Attribute) or (up.attr.value in _TAGS and up.attr.value != "Index"):
            return None
        if up.attr.value.startswith("_"):
            return None
        found.append(Read(up, up.attr.value if up.attr.value == "Index" else f'"{up.attr.value}"'))
    return found


def _literal(node: cst.Subscript) -> str | None:
    index = node.slice[0].slice if len(node.slice) == 1 else None
    value = index.value if isinstance(index, cst.Index) else None
    return value.value if isinstance(value, cst.SimpleString) else None


def column_names(module: cst.Module, row: str, reads: Sequence[Read]) -> dict[str, str]:
    """Return a fresh local name for each column that is read."""
    names: dict[str, str] = {}
    for read in reads:
        stem = re.sub(r"\W+", "_", read.column.strip("\"'")).strip("_").lower() or "cell"
        if read.column not in names:
            names[read.column] = fresh(module, f"{row}_{stem}", tuple(names.values()))
    return names


class FrameRows:
    """`for index, row in df.iterrows()` and `itertuples()` walk the columns that the body reads."""

    name = "walk-columns"
    precondition = (
        "The row is read by literal column names only, and the frame is a name or attribute that the loop does not "
        "set or change. Values and their types are those of `iterrows`: cells of `df.to_numpy()`. Columns must be "
        "unique."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each loop over rows."""
        for loop in loops(source.function):
            call = loop.iter
            if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
                continue
            frame = call.func.value
            if not isinstance(frame, cst.Name | cst.Attribute) or touched(loop, frame):
                continue
            made = None
            if call.func.attr.value == "iterrows" and not call.args:
                made = _rows(source, loop, frame)
            elif call.func.attr.value == "itertuples":
                made = _tuples(source, loop, call, frame)
            if made is not None:
                why = "Rows were objects of their own; the columns that are read are now walked side by side."
                yield Rewrite(swap(source.module, {loop: made}), why)


def touched(loop: cst.For, frame: cst.BaseExpression) -> bool:
    """Say whether the body of a loop sets or changes a frame."""
    root = root_name(frame)
    seen = survey(loop.body)
    if root is None or root in seen.stores or any(root_name(one) == root for one in seen.set_items):
        return True
    changed = {root_name(c.func) for c in seen.calls if code(c.func).rsplit(".", 1)[-1] in CHANGING_METHODS | {"drop"}}
    return root in changed or (isinstance(frame, cst.Attribute) and frame.attr.value in seen.set_attributes)


def _row_is_local(source: Source, loop: cst.For, row: str) -> bool:
    alone = private_local(source.function, row) and not leaks(source.function, loop)
    return alone and survey(loop).bound[row] == 1


def _rows(source: Source, loop: cst.For, frame: cst.BaseExpression) -> Change | None:
    target = loop.target
    if not isinstance(target, cst.Tuple) or len(target.elements) != 2:
        return None
    label, row = (one.value for one in target.elements)
    if not isinstance(row, cst.Name) or not isinstance(label, cst.Name) or not _row_is_local(source, loop, row.value):
        return None
    reads = cells(loop.body, row.value)
    if not reads:
        return None
    names = column_names(source.module, row.value, reads)
    values = fresh(source.module, f"{row.value}_values", tuple(names.values()))
    place = fresh(source.module, f"{row.value}_column", tuple(names.values()))
    columns = ", ".join(f"{values}[:, {place}({column})]" for column in names)
    head = f"{values} = {atom(frame)}.to_numpy()\n{place} = {atom(frame)}.columns.get_loc"
    over = f"zip({atom(frame)}.index, {columns})"
    return _loop(source, loop, reads, names, head, f"{label.value}, {', '.join(names.values())}", over)


def _tuples(source: Source, loop: cst.For, call: cst.Call, frame: cst.BaseExpression) -> Change | None:
    plain = all(arg.keyword and arg.keyword.value == "index" for arg in call.args)
    row = loop.target
    if not plain or not isinstance(row, cst.Name) or not _row_is_local(source, loop, row.value):
        return None
    reads = attributes(loop.body, row.value)
    if not reads or (call.args and any(read.column == "Index" for read in reads)):
        return None
    names = column_names(source.module, row.value, reads)
    columns = [f"{atom(frame)}.index" if name == "Index" else f"{atom(frame)}[{name}]" for name in names]
    target = ", ".join(names.values()) + ("," if len(names) == 1 else "")
    return _loop(source, loop, reads, names, "", target, f"zip({', '.join(columns)})")


def _loop(
    source: Source,
    loop: cst.For,
    reads: Sequence[Read],
    names: dict[str, str],
    head: str,
    target: str,
    over: str,
) -> Change:
    header = cst.ensure_type(statements(source.module, f"for {target} in {over}:\n\tpass")[0], cst.For)
    body = swap(loop.body, {read.node: expression(names[read.column]) for read in reads})
    new = loop.with_changes(target=header.target, iter=header.iter, body=body)
    return [*(statements(source.module, head) if head else []), new]
