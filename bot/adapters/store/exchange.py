"""A store as lines of JSON: what `hotlap db export` writes, `import` reads, and the state branch holds.

The first line says what this is; each other line is one row of one table. Importing is merging: it may be repeated, and
the order of several imports makes no difference.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.adapters.store import tables
from bot.adapters.store.columns import Moment, instant
from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, merge
from bot.adapters.store.metrics import add_up, keep
from bot.domain.errors import Refused, StoreError

FORMAT = 1
_AT_ONCE = 1000
_TABLES = {table.name: table for table in tables.EXPORTED}


@dataclass(frozen=True, slots=True)
class Part:
    """What of a store is written: some runs, and what came or changed in the other tables since a time.

    Feedback has the time at which GitLab saw it, so that what was harvested is named by `feedback` as well. Where a
    `project` is named, rows of other projects in the same store are left out, and figures where there can be others.
    """

    runs: tuple[str, ...] = ()
    since: str | None = None
    feedback: tuple[str, ...] = ()
    project: str | None = None


class Damaged(Refused):
    """Lines that are not an export of this program, or of a later version; nothing of them was kept."""


def lines(database: Database, part: Part | None = None) -> Iterator[str]:
    """Yield the lines of an export, of one state of the store."""
    yield json.dumps({"hotlap": "store", "format": FORMAT}) + "\n"
    with database.reading() as connection:
        for table in tables.EXPORTED:
            condition = sa.true() if part is None else _chosen(table, part)
            if part is not None and part.project is not None and table is tables.METRICS and _many(connection):
                continue
            keys = [column.asc() for column in table.primary_key]
            query = sa.select(table).where(condition).order_by(*keys).execution_options(yield_per=_AT_ONCE)
            for row in connection.execute(query).mappings():
                yield json.dumps({"table": table.name, "row": dict(row)}, ensure_ascii=False, sort_keys=True) + "\n"


def load(database: Database, source: Iterable[str]) -> int:
    """Merge the lines of an export and return how many rows they had; Damaged where any line is wrong."""
    try:
        with database.writing() as connection:
            return load_into(connection, source)
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError):
            raise Damaged("rows belong to others that are neither in this export nor in the store") from None
        raise


def load_into(connection: sa.Connection, source: Iterable[str], project: str | None = None) -> int:
    """Merge the lines of an export in a transaction that is open already.

    With `project` Damaged as well where a row is of another one: several may share a store, and who can write down what
    one of them remembers decides nothing for the others.
    """
    given = iter(source)
    _checked_head(next(given, ""))
    numbered = enumerate(given, 2)
    count, hours, runs = 0, set[str](), set[str]()
    while some := list(islice(numbered, _AT_ONCE)):
        found: dict[str, list[Row]] = {}
        for number, line in some:
            table, row = _checked(line, number)
            if project is not None and not _owned(table, row, project, runs):
                raise Damaged(f"line {number} is a row of another project than {project}")
            if table is tables.METRICS and project is not None and _many(connection):
                continue
            found.setdefault(table.name, []).append(row)
            count += 1
        for table in tables.EXPORTED:
            rows = found.get(table.name, [])
            if table is tables.METRICS:
                hours |= keep(connection, rows)
            else:
                merge(connection, table, rows)
    if project is not None and _strangers(connection, runs, project):
        raise Damaged(f"a run has the name of one of another project than {project}")
    add_up(connection, hours)
    return count


def _many(connection: sa.Connection) -> bool:
    """Say whether several projects may share the store: a figure does not say of which it is."""
    return connection.dialect.name != "sqlite"


def _owned(table: sa.Table, row: Row, project: str, runs: set[str]) -> bool:
    """Say whether a row is of the project, by its own word or by that of its run, which stands before it in `runs`."""
    if table is tables.RUNS:
        runs.add(row["id"])
    if "project" in table.c:
        return bool(row["project"] == project)
    return "run_id" not in table.c or row["run_id"] in runs


def _strangers(connection: sa.Connection, runs: set[str], project: str) -> bool:
    """Say whether some of `runs` were in the store before, as those of another project; they keep their project."""
    mine = tables.RUNS.c.id.in_(sorted(runs)) & (tables.RUNS.c.project != project)
    return connection.execute(sa.select(sa.exists().where(mine))).scalar_one()


def _chosen(table: sa.Table, part: Part) -> sa.ColumnElement[bool]:
    if "run_id" in table.c:
        return table.c.run_id.in_(part.runs)
    mine = table.c.project == part.project if part.project is not None and "project" in table.c else sa.true()
    if table is tables.RUNS:
        return mine & table.c.id.in_(part.runs)
    if part.since is None:
        return sa.false()
    changed = table.c.updated_at if "updated_at" in table.c else table.c.at
    new = changed >= sa.literal(part.since, Moment)
    return mine & (new | table.c.id.in_(part.feedback) if table is tables.FEEDBACK else new)


def _checked_head(line: str) -> None:
    try:
        head = json.loads(line)
        form = head["format"] if head["hotlap"] == "store" else None
    except (ValueError, KeyError, TypeError):
        form = None
    if form is None:
        raise Damaged("line 1 is not the head of an export of hotlap")
    if form != FORMAT:
        raise Damaged(f"this is an export of format {form}; this version of hotlap reads format {FORMAT}")


def _checked(line: str, number: int) -> tuple[sa.Table, Row]:
    try:
        found = json.loads(line)
        table, row = _TABLES[found["table"]], found["row"]
        if set(row) != set(table.c.keys()):
            raise Damaged(f"line {number}: columns of {table.name} are {sorted(row)}, not those that are known")
        for column in table.c:
            _check(column, row[column.name])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"line {number} is not a row of the store ({type(error).__name__})") from None
    return table, row


def _check(column: sa.Column[Any], value: Any) -> None:
    """Raise ValueError where a value does not fit a column: SQLite would take it as it is."""
    if value is None:
        if not column.nullable:
            raise ValueError(column.name)
        return
    if isinstance(column.type, Moment):
        instant(value)
        return
    kinds: dict[type, type | tuple[type, ...]] = {sa.Text: str, sa.Boolean: bool, sa.Float: (int, float)}
    kinds |= {sa.Integer: int, sa.BigInteger: int}
    wanted = kinds.get(type(column.type))
    if wanted is None:
        return
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(column.name)
