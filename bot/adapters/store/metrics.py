"""Figures about the bot itself, in a database, and the questions that a dashboard asks of them.

In PostgreSQL each month has a partition, made when its first figure comes. The questions go through the view
`performance_summary` or read a bounded time, so that an index answers them however much is kept.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from bot.adapters.store.columns import Moment, instant
from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, merge
from bot.adapters.store.tables import METRICS
from bot.domain.record import Hour, Point, Total

_PARTITIONS = 0x686F746C6170  # "hotlap": the name of the lock under which partitions are made
_HOURS = "%Y-%m-%d %H:00:00"


class SqlMetrics:
    """Implements `ports.store.Metrics`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, points: Sequence[Point]) -> None:
        """Keep points in one transaction; those whose id is known are not added again."""
        if not points:
            return
        rows = [self._database.clean(_row(one)) for one in points]
        with self._database.writing() as connection:
            make_partitions(connection, rows)
            merge(connection, METRICS, rows)

    def hours(self, since: str, most: int = 1000) -> tuple[Hour, ...]:
        """Return how long each operation took, by the hour, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(hours_query(self._database.dialect, since, most)).mappings().all()
        return tuple(
            Hour(
                component=row["component"],
                operation=row["operation"],
                hour=_hour(row["hour"]),
                count=row["operation_count"],
                mean_ms=row["avg_duration_ms"],
                p95_ms=row["p95_duration_ms"],
                success=float(row["success_rate"]),
            )
            for row in rows
        )

    def totals(self, since: str) -> tuple[Total, ...]:
        """Return counts, success and sums by operation."""
        with self._database.reading() as connection:
            rows = connection.execute(totals_query(since)).mappings().all()
        return tuple(
            Total(
                component=row["component"],
                operation=row["operation"],
                count=row["count"],
                success=float(row["success"]),
                mean_ms=row["mean_ms"],
                value=row["value"],
            )
            for row in rows
        )


def hours_query(dialect: str, since: str, most: int) -> sa.Select[Any]:
    """Return the question about hours; the view's `hour` is a time in UTC without a zone, text in SQLite."""
    first: Any = instant(since).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    kind: Any = sa.DateTime()
    if dialect == "sqlite":
        first, kind = first.strftime(_HOURS), sa.Text()
    summary = sa.table(
        "performance_summary",
        sa.column("component", sa.Text),
        sa.column("operation", sa.Text),
        sa.column("hour", kind),
        sa.column("operation_count", sa.Integer),
        sa.column("avg_duration_ms", sa.Float),
        sa.column("p95_duration_ms", sa.Float),
        sa.column("success_rate", sa.Float),
    )
    return (
        sa.select(summary)
        .where(summary.c.hour >= sa.literal(first, kind))
        .order_by(summary.c.hour.desc(), summary.c.component, summary.c.operation)
        .limit(most)
    )


def totals_query(since: str) -> sa.Select[Any]:
    """Return the question about sums since a time."""
    table = METRICS
    return (
        sa.select(
            table.c.component,
            table.c.operation,
            sa.func.count().label("count"),
            sa.func.avg(sa.case((table.c.success, 1.0), else_=0.0)).label("success"),
            sa.func.avg(table.c.duration_ms).label("mean_ms"),
            sa.func.sum(table.c.value).label("value"),
        )
        .where(table.c.at >= sa.literal(since, Moment))
        .group_by(table.c.component, table.c.operation)
        .order_by(table.c.component, table.c.operation)
    )


def make_partitions(connection: sa.Connection, rows: Iterable[Row]) -> None:
    """Make the partitions that `rows` need; nothing to do in SQLite."""
    if connection.dialect.name != "postgresql":
        return
    wanted = {f"metrics_y{month:%Y}m{month:%m}": month for month in map(_month, rows)}
    known = sa.text("SELECT relname FROM pg_class WHERE relname = ANY(:names)")
    missing = wanted.keys() - set(connection.execute(known, {"names": list(wanted)}).scalars())
    if not missing:
        return
    # Two writers of a new month's first figures: one makes the table while the other waits.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PARTITIONS)))
    for name in sorted(missing):
        first = wanted[name]
        after = (first + dt.timedelta(days=32)).replace(day=1)
        # Names and bounds are made of numbers only.
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF metrics "
            f"FOR VALUES FROM ('{first:%Y-%m-%d} 00:00:00+00') TO ('{after:%Y-%m-%d} 00:00:00+00')"
        )


def _month(row: Row) -> dt.date:
    return instant(row["at"]).date().replace(day=1)


def _hour(found: str | dt.datetime) -> str:
    hour = dt.datetime.strptime(found, _HOURS) if isinstance(found, str) else found  # noqa: DTZ007 - the zone comes next
    return hour.replace(tzinfo=dt.UTC).isoformat()


def _row(point: Point) -> Row:
    return {
        "id": point.id,
        "at": point.at,
        "component": point.component,
        "operation": point.operation,
        "duration_ms": point.milliseconds,
        "value": point.value,
        "memory_mb": point.memory_mb,
        "cpu_percent": point.cpu_percent,
        "success": point.success,
        "error": point.error,
        "context": dict(point.context),
    }
