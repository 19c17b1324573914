"""What a dashboard asks of a million figures: how long each question takes in PostgreSQL, and by which plan.

A server of its own is started, filled with figures of thirty days, and asked by the product's own statements.
Exit code 1 means that a question took longer than it may.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.adapters.store import partitions
from bot.adapters.store.database import Database, connect
from bot.adapters.store.history import SqlHistory, runs_query
from bot.adapters.store.metrics import SqlMetrics, add_up, hours_query, totals_query
from bot.adapters.store.migrate import upgrade
from bot.domain.job import TriggerKind
from bot.domain.record import Point, Run, RunEnd
from tests.fakes.postgres_server import server
from tests.fakes.tried import attempt

DAYS = 30
MOST_MS = 100.0
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
FILL = """
INSERT INTO metrics (id, at, component, operation, duration_ms, value, memory_mb, cpu_percent, success, context)
SELECT 'p' || n, timestamptz '{now}' - n * interval '{step} seconds',
       (ARRAY['run', 'target', 'search', 'cache'])[1 + mod(n, 4)],
       (ARRAY['profile', 'tests', 'propose', 'replay', 'bench'])[1 + mod(n / 4, 5)],
       CASE WHEN mod(n, 4) < 2 THEN exp(random() * 8) END, CASE WHEN mod(n, 4) >= 2 THEN random() * 1000 END,
       100 + random() * 50, random() * 100, random() > 0.03, '{{"strategy": "rule:one"}}'
FROM generate_series(1, {rows}) AS n
"""


@dataclass(frozen=True)
class Question:
    """One thing that a dashboard shows: its statement, and the call of the port that asks it."""

    name: str
    statement: sa.Select[Any]
    ask: Callable[[], object]


def questions(database: Database) -> Iterator[Question]:
    metrics, history = SqlMetrics(database), SqlHistory(database)
    day, week, month = ((NOW - dt.timedelta(days=days)).isoformat() for days in (1, 7, DAYS))
    yield Question("the last day by the hour", hours_query(day, 1000), lambda: metrics.hours(day))
    yield Question("the last week by the hour", hours_query(week, 10_000), lambda: metrics.hours(week, 10_000))
    yield Question("sums of the last day", totals_query(day), lambda: metrics.totals(day))
    yield Question("sums of the last week", totals_query(week), lambda: metrics.totals(week))
    yield Question("sums of thirty days", totals_query(month), lambda: metrics.totals(month))
    yield Question("the latest runs", runs_query("group/name", 50), lambda: history.runs("group/name"))
    top = sa.select(sa.text("*")).select_from(sa.table("top_optimization_opportunities"))
    yield Question("top opportunities", top, lambda: _rows(database, top))


def fill(database: Database, rows: int) -> None:
    """Write figures of thirty days, a thousand suggestions and five hundred runs."""
    step = DAYS * 86400 / rows
    with database.writing() as connection:
        hours = [(NOW - dt.timedelta(hours=hour)).isoformat() for hour in range(DAYS * 24 + 1)]
        partitions.make(connection, hours)
        connection.exec_driver_sql(FILL.format(now=NOW.isoformat(), step=step, rows=rows))
        add_up(connection, hours)
        connection.exec_driver_sql(
            "INSERT INTO suggestions SELECT 'group/name', 's' || n, 'a::b' || n, '', 'hot', 1 + random(), random(), "
            "random(), (ARRAY['open', 'taken'])[1 + mod(n, 2)], now(), now() FROM generate_series(1, 1000) AS n"
        )
    history = SqlHistory(database)
    for number in range(500):
        started = (NOW - dt.timedelta(hours=number)).isoformat()
        run = Run(uuid.uuid4().hex, "group/name", TriggerKind.SWEEP, "bot", "f" * 40, started, "0.1.0")
        history.begin(run)
        history.tried(run.id, [attempt(number)])
        history.end(run.id, RunEnd(started, None, 60.0))
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def written_per_second(database: Database, count: int = 20_000) -> float:
    """Return how many figures go in each second, in batches as the bot sends them."""
    points = [
        Point(uuid.uuid4().hex, NOW.isoformat(), "writer", "tick", 1.0, context={"n": number})
        for number in range(count)
    ]
    metrics, began = SqlMetrics(database), time.perf_counter()
    for start in range(0, count, 512):
        metrics.write(points[start : start + 512])
    return count / (time.perf_counter() - began)


def timed(question: Question, repeats: int) -> list[float]:
    """Return milliseconds of each repetition, from the call to the last value."""
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        question.ask()
        found.append(1000 * (time.perf_counter() - began))
    return found


def plan(database: Database, statement: sa.Select[Any]) -> str:
    """Return what PostgreSQL says of how it answers."""
    with database.reading() as connection:
        text = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {text}").scalars())


def _rows(database: Database, statement: sa.Select[Any]) -> object:
    with database.reading() as connection:
        return connection.execute(statement).all()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=50)
    asked = parser.parse_args()
    with server("shared_buffers=256MB", "fsync=on", "full_page_writes=on") as running:
        database = connect(running.create("bench"), NOW.isoformat, str)
        upgrade(database)
        fill(database, asked.rows)
        print(f"{asked.rows:,} figures of {DAYS} days; writing goes at {written_per_second(database):,.0f} a second\n")
        slow = []
        plans = []
        print("| question | median | 95% | most |\n|---|---|---|---|")
        for question in questions(database):
            times = timed(question, asked.repeats)
            high = statistics.quantiles(times, n=20)[-1]
            print(f"| {question.name} | {statistics.median(times):.1f} ms | {high:.1f} ms | {max(times):.1f} ms |")
            plans.append(f"### {question.name}\n\n```\n{plan(database, question.statement)}\n```\n")
            if high > MOST_MS:
                slow.append(question.name)
        print("\n" + "\n".join(plans))
        database.close()
    print(f"over {MOST_MS:.0f} ms: {', '.join(slow)}" if slow else f"all under {MOST_MS:.0f} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
