"""Figures about the bot itself, in a database, and the questions that a dashboard asks of them.

Each hour is added up when figures of it are written, so that a question about weeks reads some thousand rows and not a
million.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from bot.adapters.store import partitions
from bot.adapters.store.columns import Moment, instant
from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, merge
from bot.adapters.store.tables import METRIC_HOURS, METRICS
from bot.domain.record import Hour, Point, Total

_LOCK = 0x686F7572  # "hour": the name of the lock under which hours are added up

# The two times around the place of the percentile count by how near they are to it, in every database alike.
_ADD_UP = """
INSERT INTO metric_hours
    (hour, component, operation, count, successes, times, sum_ms, p95_ms, memory_mb, cpu_percent, value)
SELECT :hour, component, operation, count(*), sum(CASE WHEN success THEN 1 ELSE 0 END), count(duration_ms),
       sum(duration_ms),
       sum(CASE WHEN abs(place - sought) < 1 THEN duration_ms * (1 - abs(place - sought)) END),
       avg(memory_mb), avg(cpu_percent), sum(value)
FROM (
    SELECT component, operation, success, duration_ms, memory_mb, cpu_percent, value,
           row_number() OVER (
               PARTITION BY component, operation ORDER BY CASE WHEN duration_ms IS NULL THEN 1 ELSE 0 END, duration_ms
           ) - 1 AS place,
           0.95 * (count(duration_ms) OVER (PARTITION BY component, operation) - 1) AS sought
    FROM metrics WHERE at >= :hour AND at < :after
) AS placed
GROUP BY component, operation
"""


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
            add_up(connection, keep(connection, rows))

    def hours(self, since: str, most: int = 1000) -> tuple[Hour, ...]:
        """Return how long each operation took, by the hour, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(hours_query(since, most)).mappings().all()
        return tuple(
            Hour(
                component=row["component"],
                operation=row["operation"],
                hour=row["hour"],
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
                success=row["successes"] / row["count"],
                mean_ms=row["sum_ms"] / row["times"] if row["times"] else None,
                value=row["value"],
            )
            for row in rows
        )


def keep(connection: sa.Connection, rows: Sequence[Row]) -> set[str]:
    """Bring rows into the table, and return the hours that have to be added up before the transaction ends."""
    partitions.make(connection, (row["at"] for row in rows))
    merge(connection, METRICS, rows)
    return {_hour(row["at"]) for row in rows}


def add_up(connection: sa.Connection, hours: Iterable[str]) -> None:
    """Write what follows from the figures of some hours in place of what followed before."""
    if connection.dialect.name == "postgresql":
        # Who comes second waits here, and then sees what the first has written.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    statement = sa.text(_ADD_UP).bindparams(sa.bindparam("hour", type_=Moment), sa.bindparam("after", type_=Moment))
    for hour in sorted(hours):
        connection.execute(sa.delete(METRIC_HOURS).where(METRIC_HOURS.c.hour == hour))
        after = (instant(hour) + dt.timedelta(hours=1)).isoformat()
        connection.execute(statement, {"hour": hour, "after": after})


def hours_query(since: str, most: int) -> sa.Select[Any]:
    """Return the question about hours."""
    summary = sa.table(
        "performance_summary",
        sa.column("component", sa.Text),
        sa.column("operation", sa.Text),
        sa.column("hour", Moment),
        sa.column("operation_count", sa.Integer),
        sa.column("avg_duration_ms", sa.Float),
        sa.column("p95_duration_ms", sa.Float),
        sa.column("success_rate", sa.Float),
    )
    return (
        sa.select(summary)
        .where(summary.c.hour >= sa.literal(_hour(since), Moment))
        .order_by(summary.c.hour.desc(), summary.c.component, summary.c.operation)
        .limit(most)
    )


def totals_query(since: str) -> sa.Select[Any]:
    """Return the question about sums since the beginning of an hour."""
    table = METRIC_HOURS
    sums = [sa.func.sum(table.c[name]).label(name) for name in ("count", "successes", "times", "sum_ms", "value")]
    return (
        sa.select(table.c.component, table.c.operation, *sums)
        .where(table.c.hour >= sa.literal(_hour(since), Moment))
        .group_by(table.c.component, table.c.operation)
        .order_by(table.c.component, table.c.operation)
    )


def _hour(at: str) -> str:
    return instant(at).replace(minute=0, second=0, microsecond=0).isoformat()


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
