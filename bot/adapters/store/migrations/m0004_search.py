"""Questions made quick: what JSON columns contain, times by the hour, and the two views of a dashboard."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GIN = (("evaluations", "evidence"), ("lessons", "subjects"), ("patterns", "data"))

# The hour is that of UTC: only so is it the same for every reader, and can stand in an index.
_POSTGRESQL_HOUR = "date_trunc('hour', at AT TIME ZONE 'UTC')"
_POSTGRESQL_SUMMARY = f"""
CREATE VIEW performance_summary AS
SELECT component, operation, {_POSTGRESQL_HOUR} AS hour,
       count(*) AS operation_count,
       avg(duration_ms) AS avg_duration_ms,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_duration_ms,
       avg(memory_mb) AS avg_memory_mb,
       avg(cpu_percent) AS avg_cpu_percent,
       avg(CASE WHEN success THEN 1.0 ELSE 0.0 END) AS success_rate
FROM metrics WHERE duration_ms IS NOT NULL
GROUP BY component, operation, {_POSTGRESQL_HOUR}
"""  # noqa: S608 - made of constants

# SQLite has no percentiles: the two values around the place sought count by how near they are to it.
_SQLITE_HOUR = "substr(at, 1, 13) || ':00:00'"
_SQLITE_SUMMARY = f"""
CREATE VIEW performance_summary AS
WITH placed AS (
    SELECT component, operation, {_SQLITE_HOUR} AS hour, duration_ms, memory_mb, cpu_percent, success,
           row_number() OVER (PARTITION BY component, operation, {_SQLITE_HOUR} ORDER BY duration_ms) - 1 AS place,
           0.95 * (count(*) OVER (PARTITION BY component, operation, {_SQLITE_HOUR}) - 1) AS sought
    FROM metrics WHERE duration_ms IS NOT NULL
)
SELECT component, operation, hour,
       count(*) AS operation_count,
       avg(duration_ms) AS avg_duration_ms,
       sum(duration_ms * max(0.0, 1.0 - abs(place - sought))) AS p95_duration_ms,
       avg(memory_mb) AS avg_memory_mb,
       avg(cpu_percent) AS avg_cpu_percent,
       avg(CASE WHEN success THEN 1.0 ELSE 0.0 END) AS success_rate
FROM placed GROUP BY component, operation, hour
"""  # noqa: S608 - made of constants

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
        op.execute(f"CREATE INDEX ix_metrics_hour ON metrics (({_POSTGRESQL_HOUR}), component, operation)")
        op.execute(_POSTGRESQL_SUMMARY)
    else:
        op.execute(f"CREATE INDEX ix_metrics_hour ON metrics ({_SQLITE_HOUR}, component, operation)")
        op.execute(_SQLITE_SUMMARY)
    op.execute(_OPPORTUNITIES)


def downgrade() -> None:
    """Remove them; no row is touched."""
    op.execute("DROP VIEW top_optimization_opportunities")
    op.execute("DROP VIEW performance_summary")
    op.drop_index("ix_metrics_hour", table_name="metrics")
    if op.get_context().dialect.name == "postgresql":
        for table, column in _GIN:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
