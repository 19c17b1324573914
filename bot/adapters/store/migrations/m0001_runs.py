"""Runs, the functions that they ranked, candidates with their lineage, verdicts and measurements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_TABLES = ("measurements", "evaluations", "evolution", "candidates", "targets", "runs")


def upgrade() -> None:
    """Add the tables."""
    _runs()
    _targets()
    _candidates()
    _evolution()
    _evaluations()
    _measurements()


def downgrade() -> None:
    """Remove them, what refers to others first."""
    for name in _TABLES:
        op.drop_table(name)


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("wanted", _JSON, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("branch", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_project_started", "runs", ["project", sa.literal_column("started_at DESC")])


def _targets() -> None:
    op.create_table(
        "targets",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
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
        sa.Column("benchmarks", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_targets_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
    )
    op.create_index("ix_targets_function", "targets", ["path", "qualname"])
    op.create_index("ix_targets_run_id", "targets", ["run_id"])


def _candidates() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text),
        sa.Column("candidate", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("rationale", sa.Text, nullable=False),
        sa.Column("diff", sa.Text, nullable=False),
        sa.Column("labels", _JSON, nullable=False),
        sa.Column("polish", sa.Boolean, nullable=False),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("reply_tokens", sa.Integer),
        sa.Column("cost", sa.Float),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_candidates_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_candidates_target_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
    )
    op.create_index("ix_candidates_candidate", "candidates", ["candidate"])
    op.create_index("ix_candidates_digest", "candidates", ["digest"])
    op.create_index("ix_candidates_run_id", "candidates", ["run_id"])
    op.create_index("ix_candidates_target_id", "candidates", ["target_id"])


def _evolution() -> None:
    op.create_table(
        "evolution",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("child_id", sa.Text, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("strategy", sa.Text, nullable=False),
        sa.Column("improvement", _JSON, nullable=False),
        sa.Column("validation_status", sa.Text, nullable=False),
        sa.Column("deployment_status", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["candidates.id"], name="fk_evolution_child_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_evolution_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_evolution"),
    )
    op.create_index("ix_evolution_generation", "evolution", ["generation", "at"])
    op.create_index("ix_evolution_parent_child", "evolution", ["parent", "child_id"])
    op.create_index("ix_evolution_run_id", "evolution", ["run_id"])
    op.create_index("ix_evolution_status", "evolution", ["validation_status", "deployment_status"])


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("candidate_id", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("isolation", sa.Text, nullable=False),
        sa.Column("best_ratio", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidates.id"], name="fk_evaluations_candidate_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_evaluations_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
    )
    op.create_index("ix_evaluations_best_ratio", "evaluations", [sa.literal_column("best_ratio DESC")])
    op.create_index("ix_evaluations_candidate", "evaluations", ["candidate_id", "at"])
    op.create_index("ix_evaluations_run_id", "evaluations", ["run_id"])


def _measurements() -> None:
    op.create_table(
        "measurements",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("evaluation_id", sa.Text, nullable=False),
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
        sa.Column("detail", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_measurements_evaluation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_measurements_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_measurements"),
    )
    op.create_index("ix_measurements_benchmark", "measurements", ["benchmark", "hardware"])
    op.create_index("ix_measurements_evaluation_id", "measurements", ["evaluation_id"])
    op.create_index("ix_measurements_run_id", "measurements", ["run_id"])
