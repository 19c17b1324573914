"""An index beside a private, growing list that catches up with it before it answers, and so is never stale.

Copies and unpickled objects start without one; objects that share a list may share an index, because taking an
element in twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.private import PrivateList
from bot.propose.rules.rule import Source
from bot.propose.rules.surgery import Change, code, fresh, small, statements, swap


@dataclass(frozen=True, slots=True)
class Mirror:
    """`items` is the list as written, `empty` the statement that makes the index, `take` the one that fills it.

    `take` holds `{new}` where the elements stand that are not in the index yet; it must be idempotent.
    """

    items: str
    empty: str
    take: str


def catching_up(
    source: Source, known: PrivateList, mirror: Mirror, before: cst.BaseStatement, inside: Mapping[cst.CSTNode, Change]
) -> cst.Module:
    """Return the module in which the index is up to date in front of a statement, changed as `inside` says."""
    count = fresh(source.module, f"{known.stem}_indexed")
    me, items = mirror.items.rsplit(".", 1)[0], mirror.items
    take = mirror.take.replace("{new}", f"{items}[{me}.{count} :]")
    shrunk = f"not 0 <= {me}.{count} <= len({items})"  # a public list may be, whatever was found in this tree
    stale = shrunk if known.labels else f"{me}.{count} < 0"
    lines = statements(
        source.module,
        f"if {me}.{count} != len({items}):\n"
        f"\tif {stale}:\n"
        f"\t\t{mirror.empty}\n"
        f"\t\t{me}.{count} = 0\n"
        f"\t{take}\n"
        f"\t{me}.{count} = len({items})",
    )
    changes: dict[cst.CSTNode, Change] = {
        line: [line, *statements(source.module, f"{_me(line)}.{count} = -1")] for line in known.bindings
    }
    changes[before] = [*lines, swap(before, inside)]
    body = swap(known.owner.body, changes)
    if isinstance(body, cst.IndentedBlock):
        place = 1 if _is_docstring(body.body[0]) else 0
        new = statements(source.module, f"{count} = -1")
        body = body.with_changes(body=[*body.body[:place], *new, *body.body[place:]])
    return swap(source.module, {known.owner.body: body})


def _me(line: cst.SimpleStatementLine) -> str:
    match line.body[0]:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute(value=me))]):
            return code(me)
        case cst.AnnAssign(target=cst.Attribute(value=me)):
            return code(me)
    raise AssertionError(line)


def _is_docstring(statement: cst.CSTNode) -> bool:
    first = small(statement)
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)
