"""The tables of runs: a row is written once, under a name that follows from what it is about."""

import sqlalchemy as sa

from bot.adapters.store.columns import Moment, gin, json_column

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
_OF_A_RUN = "runs.id"


def _of_run() -> sa.Column[str]:
    return sa.Column("run_id", sa.Text, sa.ForeignKey(_OF_A_RUN, ondelete="CASCADE"), nullable=False, index=True)


RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    json_column("wanted", nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("branch", sa.Text),
    sa.Column("seconds", sa.Float),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)
sa.Index("ix_runs_project_started", RUNS.c.project, RUNS.c.started_at.desc())

TARGETS = sa.Table(
    "targets",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _of_run(),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("qualname", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("start_line", sa.Integer, nullable=False),
    sa.Column("end_line", sa.Integer, nullable=False),
    sa.Column("share_self", sa.Float),
    sa.Column("share_total", sa.Float),
    sa.Column("bound", sa.Float),
    sa.Column("calls", sa.BigInteger),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("skip", sa.Text),
    json_column("benchmarks", nullable=False),
)
sa.Index("ix_targets_function", TARGETS.c.path, TARGETS.c.qualname)

CANDIDATES = sa.Table(
    "candidates",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _of_run(),
    sa.Column("target_id", sa.Text, sa.ForeignKey("targets.id", ondelete="CASCADE"), index=True),
    sa.Column("candidate", sa.Text, nullable=False, index=True),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, index=True),
    sa.Column("proposer", sa.Text, nullable=False),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("diff", sa.Text, nullable=False),
    json_column("labels", nullable=False),
    sa.Column("polish", sa.Boolean, nullable=False),
    sa.Column("prompt_tokens", sa.Integer),
    sa.Column("reply_tokens", sa.Integer),
    sa.Column("cost", sa.Float),
    sa.Column("created_at", Moment, nullable=False),
)

EVOLUTION = sa.Table(
    "evolution",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _of_run(),
    sa.Column("child_id", sa.Text, sa.ForeignKey("candidates.id", ondelete="CASCADE"), nullable=False),
    # A parent may stand in a run that is not known here, or no longer.
    sa.Column("parent", sa.Text),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("strategy", sa.Text, nullable=False),
    json_column("improvement", nullable=False),
    sa.Column("validation_status", sa.Text, nullable=False),
    sa.Column("deployment_status", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
sa.Index("ix_evolution_generation", EVOLUTION.c.generation, EVOLUTION.c.at)
sa.Index("ix_evolution_parent_child", EVOLUTION.c.parent, EVOLUTION.c.child_id)
sa.Index("ix_evolution_status", EVOLUTION.c.validation_status, EVOLUTION.c.deployment_status)

EVALUATIONS = sa.Table(
    "evaluations",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _of_run(),
    sa.Column("candidate_id", sa.Text, sa.ForeignKey("candidates.id", ondelete="CASCADE"), nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("gate", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("isolation", sa.Text, nullable=False),
    sa.Column("best_ratio", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    json_column("evidence", nullable=False),
    sa.Column("at", Moment, nullable=False),
)
sa.Index("ix_evaluations_candidate", EVALUATIONS.c.candidate_id, EVALUATIONS.c.at)
sa.Index("ix_evaluations_best_ratio", EVALUATIONS.c.best_ratio.desc())
gin(EVALUATIONS, "evidence")

MEASUREMENTS = sa.Table(
    "measurements",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _of_run(),
    sa.Column(
        "evaluation_id", sa.Text, sa.ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("benchmark", sa.Text, nullable=False),
    sa.Column("hardware", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("ratio", sa.Float),
    sa.Column("ratio_low", sa.Float),
    sa.Column("ratio_high", sa.Float),
    sa.Column("base_seconds", sa.Float),
    sa.Column("candidate_seconds", sa.Float),
    sa.Column("cpu_ratio", sa.Float),
    sa.Column("memory_ratio", sa.Float),
    sa.Column("pairs", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("confirmed", sa.Boolean, nullable=False),
    json_column("detail", nullable=False),
)
sa.Index("ix_measurements_benchmark", MEASUREMENTS.c.benchmark, MEASUREMENTS.c.hardware)
