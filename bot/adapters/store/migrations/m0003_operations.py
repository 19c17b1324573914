"""The bot at work: its own figures by the month, deliveries, the audit, records of the state branch."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_TABLES = ("merged", "audit", "deliveries", "metric_hours", "metrics")


def upgrade() -> None:
    """Add the tables."""
    _metrics()
    _metric_hours()
    _deliveries()
    _audit()
    _merged()


def downgrade() -> None:
    """Remove them, what refers to others first."""
    for name in _TABLES:
        op.drop_table(name)


def _metrics() -> None:
    op.create_table(
        "metrics",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("duration_ms", sa.Float),
        sa.Column("value", sa.Float),
        sa.Column("memory_mb", sa.Float),
        sa.Column("cpu_percent", sa.Float),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("context", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name="pk_metrics"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_metrics_at_success", "metrics", ["at", "success"])
    op.create_index("ix_metrics_component_operation", "metrics", ["component", "operation"])
    op.create_index("ix_metrics_duration_cpu", "metrics", ["duration_ms", "cpu_percent"])


def _metric_hours() -> None:
    op.create_table(
        "metric_hours",
        sa.Column("hour", _TIME, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("successes", sa.Integer, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("sum_ms", sa.Float),
        sa.Column("p95_ms", sa.Float),
        sa.Column("memory_mb", sa.Float),
        sa.Column("cpu_percent", sa.Float),
        sa.Column("value", sa.Float),
        sa.PrimaryKeyConstraint("hour", "component", "operation", name="pk_metric_hours"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_project_at", "audit", ["project", sa.literal_column("at DESC")])


def _merged() -> None:
    op.create_table(
        "merged",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_merged"),
    )
