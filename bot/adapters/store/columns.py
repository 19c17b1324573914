"""Column types that mean the same in SQLite and PostgreSQL, so that rows travel between the two as plain JSON."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


class Moment(sa.types.TypeDecorator[str]):
    """A time as ISO 8601 text in UTC on the outside; a `timestamptz` in PostgreSQL, text without a zone in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Return the time in UTC, without its zone where the dialect has none; ValueError where it is no time."""
        if value is None:
            return None
        return instant(value).replace(tzinfo=None) if dialect.name == "sqlite" else instant(value)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Return ISO 8601 in UTC."""
        if value is None:
            return None
        return (value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)).isoformat()


def instant(text: str) -> dt.datetime:
    """Return an aware time in UTC from ISO 8601, where a time without a zone is in UTC; ValueError for other text."""
    found = dt.datetime.fromisoformat(text)
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)


def json_column(name: str, **more: Any) -> sa.Column[Any]:
    """Return a column of JSON: `jsonb` in PostgreSQL, text in SQLite."""
    return sa.Column(name, sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"), **more)


def gin(table: sa.Table, column: str) -> sa.Index:
    """Add an index for questions about what a JSON column contains; PostgreSQL only."""
    index = sa.Index(f"ix_{table.name}_{column}", table.c[column], postgresql_using="gin")
    return index.ddl_if(dialect="postgresql")
