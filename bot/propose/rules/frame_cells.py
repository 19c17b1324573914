"""`df["a"].iloc[i]` and `df.iloc[i]["a"]` go through pandas' indexing for every cell; an array does not."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import private_local
from bot.propose.rules.frame_rows import touched
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, code, expression, fresh, statements, swap
from bot.propose.rules.survey import loops, parents, walk


class FrameCells:
    """Cells that a loop reads by position come from arrays that are taken from the frame once."""

    name = "cells-from-arrays"
    precondition = (
        "The frame is a name that the loop does not set or change, and the cell is read by position: "
        '`df["a"].iloc[i]` or `df.iloc[i]["a"]` with a literal, unique column. Columns of times, and rows in '
        "which pandas makes whole numbers floats, give other types than the column's array: left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each loop."""
        above = parents(source.function)
        for loop in loops(source.function):
            heads: dict[str, str] = {}
            changes: dict[cst.CSTNode, Change] = {}
            for node in walk(loop.body, into_scopes=False):
                if isinstance(node, cst.Subscript) and not isinstance(above[node], cst.AssignTarget | cst.AugAssign):
                    self._cell(source, loop, node, heads, changes)
            if changes:
                lines = [line for name, text in heads.items() for line in statements(source.module, f"{name} = {text}")]
                new = [*lines, swap(loop, changes)]
                why = "Cells were looked up through the frame one by one; they are now read from arrays."
                yield Rewrite(swap(source.module, {loop: new}), why)

    def _cell(
        self,
        source: Source,
        loop: cst.For,
        node: cst.Subscript,
        heads: dict[str, str],
        changes: dict[cst.CSTNode, Change],
    ) -> None:
        found = _by_column(node) or _by_row(node)
        if found is None:
            return
        frame, column, position = found
        if touched(loop, frame) or not private_local(source.function, frame.value):
            return
        stem = "".join(one if one.isalnum() else "_" for one in column.strip("\"'")).lower()
        name = _named(source, heads, f"{frame.value}_{stem}", f"{frame.value}[{column}].to_numpy()")
        changes[node] = expression(f"{name}[{position}]")


def _named(source: Source, heads: dict[str, str], stem: str, text: str) -> str:
    for name, known in heads.items():
        if known == text:
            return name
    name = fresh(source.module, stem, tuple(heads))
    heads[name] = text
    return name


Cell = tuple[cst.Name, str, str]


def _by_column(node: cst.Subscript) -> Cell | None:
    """Read `df["a"].iloc[i]`."""
    if not isinstance(node.value, cst.Attribute) or node.value.attr.value not in {"iloc", "iat"}:
        return None
    column = node.value.value
    if not isinstance(column, cst.Subscript) or not isinstance(column.value, cst.Name):
        return None
    position, key = _position(node), _index(column)
    if position is None or not isinstance(key, cst.SimpleString):
        return None
    return column.value, code(key), position


def _by_row(node: cst.Subscript) -> Cell | None:
    """Read `df.iloc[i]["a"]`."""
    row, key = node.value, _index(node)
    if not isinstance(row, cst.Subscript) or not isinstance(row.value, cst.Attribute):
        return None
    position, frame = _position(row), row.value.value
    if row.value.attr.value != "iloc" or position is None or not isinstance(frame, cst.Name):
        return None
    return (frame, code(key), position) if isinstance(key, cst.SimpleString) else None


def _index(node: cst.Subscript) -> cst.BaseExpression | None:
    index = node.slice[0].slice if len(node.slice) == 1 else None
    return index.value if isinstance(index, cst.Index) else None


def _position(node: cst.Subscript) -> str | None:
    """Return an index that is evidently one number."""
    index = _index(node)
    plain = isinstance(index, cst.Name | cst.Integer)
    offset = isinstance(index, cst.BinaryOperation) and isinstance(index.right, cst.Integer)
    return code(index) if index is not None and (plain or offset) else None
