"""Runs and what was tried in them, in a database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import sqlalchemy as sa

import bot
from bot.adapters.store import tables
from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, insert_once, merge
from bot.adapters.store.rows import Writing, attempted, target_row
from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.domain.evidence import Outcome
from bot.domain.job import TriggerKind
from bot.domain.record import Run, RunEnd, RunState, RunSummary


class SqlHistory:
    """Implements `ports.store.History`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, run: Run) -> None:
        """Write down that a run began; one that is known already stays as it is."""
        row = asdict(run) | {"kind": run.kind.value, "wanted": list(run.wanted)}
        started = row.pop("started")
        row |= {"state": RunState.RUNNING.value, "branch": None, "seconds": None}
        row |= {"started_at": started, "updated_at": started}
        with self._database.writing() as connection:
            connection.execute(insert_once(connection, tables.RUNS), self._database.clean(row))

    def tried(self, run: str, attempts: Sequence[Attempt]) -> None:
        """Write down attempts; those that are known already stay as they are."""
        with self._database.writing() as connection:
            self._merge(connection, attempted(Writing(run, self._database.now(), bot.__version__), attempts))

    def end(self, run: str, end: RunEnd, ranked: Sequence[Target] = ()) -> None:
        """Write down how a run ended, and all functions that it ranked."""
        found = [(tables.TARGETS, target_row(run, one)) for one in ranked]
        values = {"state": RunState.ENDED.value, "branch": end.branch, "seconds": end.seconds, "updated_at": end.at}
        with self._database.writing() as connection:
            connection.execute(sa.update(tables.RUNS).where(tables.RUNS.c.id == run).values(values))
            self._merge(connection, found)

    def runs(self, project: str, most: int = 50) -> tuple[RunSummary, ...]:
        """Return the latest runs of a project, newest first."""
        with self._database.reading() as connection:
            return tuple(_summary(dict(row)) for row in connection.execute(runs_query(project, most)).mappings())

    def _merge(self, connection: sa.Connection, found: Iterable[tuple[sa.Table, Row]]) -> None:
        order = tables.EXPORTED.index
        ordered = sorted(found, key=lambda pair: order(pair[0]))
        for table, pairs in groupby(ordered, key=lambda pair: pair[0]):
            merge(connection, table, [self._database.clean(row) for _, row in pairs])


def runs_query(project: str, most: int) -> sa.Select[Any]:
    """Return the question about the latest runs of a project."""
    runs, evaluations = tables.RUNS, tables.EVALUATIONS
    accepted = evaluations.c.outcome == Outcome.ACCEPTED.value
    # The runs are chosen first, so that only their evaluations are counted.
    latest = (
        sa.select(runs).where(runs.c.project == project).order_by(runs.c.started_at.desc(), runs.c.id).limit(most)
    ).cte("latest")
    counts = (
        sa.select(
            evaluations.c.run_id,
            sa.func.count().label("candidates"),
            sa.func.sum(sa.case((accepted, 1), else_=0)).label("accepted"),
            sa.func.max(sa.case((accepted, evaluations.c.best_ratio), else_=1.0)).label("best_ratio"),
        )
        .where(evaluations.c.run_id.in_(sa.select(latest.c.id)))
        .group_by(evaluations.c.run_id)
        .subquery()
    )
    return (
        sa.select(latest, counts.c.candidates, counts.c.accepted, counts.c.best_ratio)
        .outerjoin(counts, counts.c.run_id == latest.c.id)
        .order_by(latest.c.started_at.desc(), latest.c.id)
    )


def _summary(row: Row) -> RunSummary:
    run = Run(
        id=row["id"],
        project=row["project"],
        kind=TriggerKind(row["kind"]),
        actor=row["actor"],
        head_sha=row["head_sha"],
        started=row["started_at"],
        version=row["version"],
        wanted=tuple(row["wanted"]),
    )
    return RunSummary(
        run=run,
        state=RunState(row["state"]),
        branch=row["branch"],
        seconds=row["seconds"],
        candidates=row["candidates"] or 0,
        accepted=row["accepted"] or 0,
        best_ratio=row["best_ratio"] or 1.0,
    )
