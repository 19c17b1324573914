"""The tables as they stand now; `migrations` says how they came to be, and a test compares the two.

A row of a run is written once, under a name that follows from what it is about, so that writing or importing it twice
changes nothing. Rows that change carry `updated_at`: of two versions the later one counts (`merge`).
"""

import sqlalchemy as sa

from bot.adapters.store.columns import Moment, gin, json_column
from bot.adapters.store.run_tables import (
    CANDIDATES,
    EVALUATIONS,
    EVOLUTION,
    MEASUREMENTS,
    METADATA,
    RUNS,
    TARGETS,
)

__all__ = [
    "AUDIT", "CANDIDATES", "DELIVERIES", "EVALUATIONS", "EVOLUTION", "EXPORTED", "FEEDBACK", "LEDGER", "LESSONS",
    "MEASUREMENTS", "MERGED", "METADATA", "METRICS", "METRIC_HOURS", "OF_A_RUN", "PATTERNS", "RUNS", "SHARED",
    "SUGGESTIONS", "TARGETS",
]  # fmt: skip

LESSONS = sa.Table(
    "lessons",
    METADATA,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("polarity", sa.Text, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    json_column("evidence", nullable=False),
    json_column("subjects", nullable=False),
    sa.Column("learned_at", Moment, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", Moment),
    sa.Column("updated_at", Moment, nullable=False),
)
sa.Index("ix_lessons_state", LESSONS.c.project, LESSONS.c.state, LESSONS.c.scope)
gin(LESSONS, "subjects")

PATTERNS = sa.Table(
    "patterns",
    METADATA,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("improvement", sa.Float, nullable=False),
    sa.Column("frequency", sa.Integer, nullable=False),
    sa.Column("validations", sa.Integer, nullable=False),
    sa.Column("first_seen", Moment, nullable=False),
    sa.Column("last_seen", Moment, nullable=False),
    json_column("data", nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
)
sa.Index("ix_patterns_kind_confidence", PATTERNS.c.kind, PATTERNS.c.confidence.desc())
sa.Index("ix_patterns_last_seen", PATTERNS.c.last_seen.desc())
gin(PATTERNS, "data")

SUGGESTIONS = sa.Table(
    "suggestions",
    METADATA,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("gain", sa.Float, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("priority", sa.Float, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("found_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
)
sa.Index("ix_suggestions_target_priority", SUGGESTIONS.c.target, SUGGESTIONS.c.priority.desc())
sa.Index("ix_suggestions_state_found", SUGGESTIONS.c.state, SUGGESTIONS.c.found_at.desc())
sa.Index("ix_suggestions_confidence_priority", SUGGESTIONS.c.confidence.desc(), SUGGESTIONS.c.priority.desc())

FEEDBACK = sa.Table(
    "feedback",
    METADATA,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("mr", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reception", sa.Text, nullable=False),
    json_column("data", nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

LEDGER = sa.Table(
    "ledger",
    METADATA,
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("mr", sa.Integer, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("benchmark", sa.Text, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("merged_at", Moment, nullable=False),
    json_column("data", nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

# PostgreSQL keeps one partition for each month: old figures go by dropping a table.
METRICS = sa.Table(
    "metrics",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("duration_ms", sa.Float),
    sa.Column("value", sa.Float),
    sa.Column("memory_mb", sa.Float),
    sa.Column("cpu_percent", sa.Float),
    sa.Column("success", sa.Boolean, nullable=False),
    sa.Column("error", sa.Text),
    json_column("context", nullable=False),
    postgresql_partition_by="RANGE (at)",
)
sa.Index("ix_metrics_component_operation", METRICS.c.component, METRICS.c.operation)
sa.Index("ix_metrics_at_success", METRICS.c.at, METRICS.c.success)
sa.Index("ix_metrics_duration_cpu", METRICS.c.duration_ms, METRICS.c.cpu_percent)

# What follows from METRICS, by the hour: a dashboard asks for weeks, and must not add up a million figures each time.
METRIC_HOURS = sa.Table(
    "metric_hours",
    METADATA,
    sa.Column("hour", Moment, primary_key=True),
    sa.Column("component", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("successes", sa.Integer, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("sum_ms", sa.Float),
    sa.Column("p95_ms", sa.Float),
    sa.Column("memory_mb", sa.Float),
    sa.Column("cpu_percent", sa.Float),
    sa.Column("value", sa.Float),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    json_column("details", nullable=False),
    sa.Column("at", Moment, nullable=False),
)
sa.Index("ix_audit_project_at", AUDIT.c.project, AUDIT.c.at.desc())

# Which files of the state branch are in this store already: said of this store only, and never exported.
MERGED = sa.Table(
    "merged",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

OF_A_RUN = (TARGETS, CANDIDATES, EVOLUTION, EVALUATIONS, MEASUREMENTS)
"""Rows that go with their run, each table after those that it refers to."""

SHARED = (LESSONS, PATTERNS, SUGGESTIONS, FEEDBACK, LEDGER)
"""Rows of which the latest version counts."""

EXPORTED = (RUNS, *OF_A_RUN, METRICS, *SHARED, DELIVERIES, AUDIT)
"""What leaves a store, each table after those that it refers to."""
