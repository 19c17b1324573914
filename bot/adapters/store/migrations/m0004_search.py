"""Questions made quick: what JSON columns contain, and the two views of a dashboard."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GIN = (("evaluations", "evidence"), ("lessons", "subjects"), ("patterns", "data"))

_SUMMARY = """
CREATE VIEW performance_summary AS
SELECT component, operation, hour,
       times AS operation_count,
       sum_ms / times AS avg_duration_ms,
       p95_ms AS p95_duration_ms,
       memory_mb AS avg_memory_mb,
       cpu_percent AS avg_cpu_percent,
       1.0 * successes / count AS success_rate
FROM metric_hours WHERE times > 0
"""

_OPPORTUNITIES = """
CREATE VIEW top_optimization_opportunities AS
SELECT project, kind, target, description, gain, confidence, priority
FROM suggestions WHERE state = 'open' AND confidence > 0.7
ORDER BY priority DESC, confidence DESC LIMIT 20
"""


def upgrade() -> None:
    """Add the indexes and the views."""
    if op.get_context().dialect.name == "postgresql":
        for table, column in _GIN:
            op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="gin")
    op.execute(_SUMMARY)
    op.execute(_OPPORTUNITIES)


def downgrade() -> None:
    """Remove them; no row is touched."""
    op.execute("DROP VIEW top_optimization_opportunities")
    op.execute("DROP VIEW performance_summary")
    if op.get_context().dialect.name == "postgresql":
        for table, column in _GIN:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
