"""Months of PostgreSQL's table of figures: a partition is made when its first figure comes, and goes as a whole."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from bot.adapters.store.columns import instant

_LOCK = 0x686F746C6170  # "hotlap": the name of the lock under which partitions are made


def make(connection: sa.Connection, times: Iterable[str]) -> None:
    """Make the partitions that hold `times`; nothing to do in SQLite."""
    if connection.dialect.name != "postgresql":
        return
    months = {instant(at).date().replace(day=1) for at in times}
    wanted = {f"metrics_y{month:%Y}m{month:%m}": month for month in months}
    known = sa.text("SELECT relname FROM pg_class WHERE relname = ANY(:names)")
    missing = wanted.keys() - set(connection.execute(known, {"names": list(wanted)}).scalars())
    if not missing:
        return
    # Two writers of a new month's first figures: one makes the table while the other waits.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    for name in sorted(missing):
        first = wanted[name]
        after = (first + dt.timedelta(days=32)).replace(day=1)
        # Names and bounds are made of numbers only.
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF metrics "
            f"FOR VALUES FROM ('{first:%Y-%m-%d} 00:00:00+00') TO ('{after:%Y-%m-%d} 00:00:00+00')"
        )


def drop(connection: sa.Connection, before: str) -> tuple[str, ...]:
    """Drop the months that end before a time, and return their names."""
    if connection.dialect.name != "postgresql":
        return ()
    edge = instant(before)
    children = sa.text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'metrics'::regclass")
    names: list[Any] = [
        name for name in connection.execute(children).scalars() if _month(name) < (edge.year, edge.month)
    ]
    for name in names:
        connection.exec_driver_sql(f"DROP TABLE {name}")
    return tuple(sorted(names))


def _month(name: str) -> tuple[int, int]:
    """Return year and month of a partition of ours; for any other table a month that never comes."""
    found = re.fullmatch(r"metrics_y(\d{4})m(\d{2})", name)
    return (int(found[1]), int(found[2])) if found else (9999, 99)
