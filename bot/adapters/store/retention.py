"""Forgets what is older than wanted: runs with all that belongs to them, the bot's own figures, deliveries.

Lessons, patterns, suggestions, the ledger and the audit stay: they are small, and they are what the memory is for.
"""

import re
from dataclasses import dataclass

import sqlalchemy as sa

from bot.adapters.store.columns import Moment, instant
from bot.adapters.store.database import Database
from bot.adapters.store.tables import DELIVERIES, METRICS, RUNS


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows went; `partitions` names those of PostgreSQL that went as a whole."""

    runs: int
    metrics: int
    deliveries: int
    partitions: tuple[str, ...] = ()


def forget(database: Database, runs_before: str, metrics_before: str) -> Forgotten:
    """Delete runs that began before one time, and figures and deliveries from before another."""
    with database.writing() as connection:
        partitions = _drop_partitions(connection, metrics_before)
        runs = sa.delete(RUNS).where(RUNS.c.started_at < sa.literal(runs_before, Moment))
        metrics = sa.delete(METRICS).where(METRICS.c.at < sa.literal(metrics_before, Moment))
        deliveries = sa.delete(DELIVERIES).where(DELIVERIES.c.at < sa.literal(metrics_before, Moment))
        return Forgotten(
            connection.execute(runs).rowcount,
            connection.execute(metrics).rowcount,
            connection.execute(deliveries).rowcount,
            partitions,
        )


def _drop_partitions(connection: sa.Connection, before: str) -> tuple[str, ...]:
    """Drop the months that end before a time."""
    if connection.dialect.name != "postgresql":
        return ()
    edge = instant(before)
    children = sa.text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'metrics'::regclass")
    dropped = []
    for name in connection.execute(children).scalars():
        found = re.fullmatch(r"metrics_y(\d{4})m(\d{2})", name)
        if found and (int(found[1]), int(found[2])) < (edge.year, edge.month):
            connection.exec_driver_sql(f"DROP TABLE {name}")
            dropped.append(name)
    return tuple(sorted(dropped))
