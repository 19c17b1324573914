"""What is known of a project: lessons, patterns, suggestions, feedback, merged gains."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_TABLES = ("ledger", "feedback", "suggestions", "patterns", "lessons")


def upgrade() -> None:
    """Add the tables."""
    _lessons()
    _patterns()
    _suggestions()
    _feedback()
    _ledger()


def downgrade() -> None:
    """Remove them, what refers to others first."""
    for name in _TABLES:
        op.drop_table(name)


def _lessons() -> None:
    op.create_table(
        "lessons",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("polarity", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("subjects", _JSON, nullable=False),
        sa.Column("learned_at", _TIME, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_lessons"),
    )
    op.create_index("ix_lessons_state", "lessons", ["project", "state", "scope"])


def _patterns() -> None:
    op.create_table(
        "patterns",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("improvement", sa.Float, nullable=False),
        sa.Column("frequency", sa.Integer, nullable=False),
        sa.Column("validations", sa.Integer, nullable=False),
        sa.Column("first_seen", _TIME, nullable=False),
        sa.Column("last_seen", _TIME, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="ck_patterns_confidence"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_patterns"),
    )
    op.create_index("ix_patterns_kind_confidence", "patterns", ["kind", sa.literal_column("confidence DESC")])
    op.create_index("ix_patterns_last_seen", "patterns", [sa.literal_column("last_seen DESC")])


def _suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("gain", sa.Float, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("priority", sa.Float, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("found_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="ck_suggestions_confidence"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_suggestions"),
    )
    op.create_index(
        "ix_suggestions_confidence_priority",
        "suggestions",
        [sa.literal_column("confidence DESC"), sa.literal_column("priority DESC")],
    )
    op.create_index("ix_suggestions_state_found", "suggestions", ["state", sa.literal_column("found_at DESC")])
    op.create_index("ix_suggestions_target_priority", "suggestions", ["target", sa.literal_column("priority DESC")])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("mr", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reception", sa.Text, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_feedback"),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("mr", sa.Integer, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("benchmark", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("merged_at", _TIME, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_ledger"),
    )
