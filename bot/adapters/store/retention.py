"""Forgets what is older than wanted: runs with all that belongs to them, the bot's own figures, deliveries.

Lessons, patterns, suggestions, the ledger and the audit stay: they are small, and they are what the memory is for.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from bot.adapters.store import partitions
from bot.adapters.store.columns import Moment, instant
from bot.adapters.store.database import Database
from bot.adapters.store.tables import DELIVERIES, METRIC_HOURS, METRICS, RUNS


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
        dropped = partitions.drop(connection, metrics_before)
        runs = sa.delete(RUNS).where(RUNS.c.started_at < sa.literal(runs_before, Moment))
        metrics = sa.delete(METRICS).where(METRICS.c.at < sa.literal(metrics_before, Moment))
        deliveries = sa.delete(DELIVERIES).where(DELIVERIES.c.at < sa.literal(metrics_before, Moment))
        hour = instant(metrics_before).replace(minute=0, second=0, microsecond=0).isoformat()
        connection.execute(sa.delete(METRIC_HOURS).where(METRIC_HOURS.c.hour < sa.literal(hour, Moment)))
        return Forgotten(
            connection.execute(runs).rowcount,
            connection.execute(metrics).rowcount,
            connection.execute(deliveries).rowcount,
            dropped,
        )
