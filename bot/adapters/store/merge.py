"""How a row comes into a table: once where rows never change, the later version where they do.

The order in which rows arrive makes no difference, so that stores can be merged in any order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.adapters.store.columns import instant
from bot.adapters.store.tables import LESSONS, RUNS, SHARED

Row = dict[str, Any]
_AT_ONCE = 1000
_LATEST = frozenset(table.name for table in (RUNS, *SHARED) if table is not LESSONS)
_STRENGTH = {"proposed": 0, "active": 1, "retired": 2}


def merge(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Bring `rows` into `table`; equal rows again change nothing."""
    if table is LESSONS:
        merge_lessons(connection, rows)
        return
    keys = [column.name for column in table.primary_key]
    statement = insert_latest(connection, table) if table.name in _LATEST else insert_once(connection, table)
    # In the order of their names: two writers of the same rows then wait for each other and never both.
    ordered = sorted(rows, key=lambda row: [str(row[key]) for key in keys])
    for start in range(0, len(ordered), _AT_ONCE):
        connection.execute(statement, ordered[start : start + _AT_ONCE])


def merge_lessons(connection: sa.Connection, rows: Iterable[Row]) -> None:
    """Add lessons; evidence of a known one is united, and what was decided last stands."""
    fresh = insert_once(connection, LESSONS)
    for row in sorted(rows, key=lambda row: (row["project"], row["id"])):
        if connection.execute(fresh, row).rowcount == 1:
            continue
        mine = (LESSONS.c.project == row["project"]) & (LESSONS.c.id == row["id"])
        known = dict(connection.execute(sa.select(LESSONS).where(mine).with_for_update()).mappings().one())
        both = united(known, row)
        if both != known:
            connection.execute(sa.update(LESSONS).where(mine).values(both))


def united(one: Mapping[str, Any], other: Mapping[str, Any]) -> Row:
    """Return two versions of a lesson as one, whichever comes first.

    A decision of a person stands against everything that was learned, the later one against the earlier; without any,
    an active lesson is stronger than a proposed one.
    """
    first, second = sorted((one, other), key=lambda row: (instant(row["learned_at"]), row["place"], str(row)))
    decided = max(first, second, key=_weight)
    return {
        **first,
        "evidence": list(dict.fromkeys((*first["evidence"], *second["evidence"]))),
        "subjects": list(dict.fromkeys((*first["subjects"], *second["subjects"]))),
        "state": decided["state"],
        "decided_by": decided["decided_by"],
        "decided_at": decided["decided_at"],
        "updated_at": max(first["updated_at"], second["updated_at"], key=instant),
    }


def _weight(row: Mapping[str, Any]) -> tuple[bool, str, int]:
    at = row["decided_at"]
    return (at is not None, "" if at is None else instant(at).isoformat(), _STRENGTH[row["state"]])


def insert_once(connection: sa.Connection, table: sa.Table) -> Any:
    """Return the statement that adds a row unless its name is taken; its `rowcount` says which of the two it was."""
    statement = _insert(connection, table)
    keys = [one.name for one in table.primary_key]
    return statement.on_conflict_do_nothing(index_elements=keys).execution_options(preserve_rowcount=True)


def insert_latest(connection: sa.Connection, table: sa.Table) -> Any:
    """Return the statement that adds a row, or takes the place of a version that is not later."""
    statement = _insert(connection, table)
    keys = [one.name for one in table.primary_key]
    # A run stays with its project, whoever else uses its name.
    kept = {*keys, "project"}
    others = {one.name: statement.excluded[one.name] for one in table.c if one.name not in kept}
    later = statement.excluded.updated_at >= table.c.updated_at
    return statement.on_conflict_do_update(index_elements=keys, set_=others, where=later)


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else postgresql_insert(table)
