"""Feedback, patterns, suggestions and the ledger of one project, in a database."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, merge
from bot.adapters.store.tables import FEEDBACK, LEDGER, PATTERNS, SUGGESTIONS
from bot.domain.feedback import Feedback
from bot.domain.ledger import LedgerEntry
from bot.domain.pattern import Pattern
from bot.domain.plain import plain
from bot.domain.suggestion import Suggestion

_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)
_NEVER = "1970-01-01T00:00:00+00:00"


class SqlMemory:
    """Implements `ports.Memory` for one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    def feedback(self) -> tuple[Feedback, ...]:
        """Return what people did with the bot's merge requests, by merge request."""
        return self._read(FEEDBACK, Feedback, _whole, FEEDBACK.c.mr, FEEDBACK.c.id)

    def keep_feedback(self, found: Sequence[Feedback]) -> None:
        """Remember feedback; what is kept of the same merge request is replaced unless it was seen later."""
        rows = [
            {
                "id": one.key,
                "mr": one.mr,
                "state": one.state,
                "reception": one.reception.value,
                "data": plain(one),
                "updated_at": one.seen or _NEVER,
            }
            for one in found
        ]
        self._write(FEEDBACK, rows)

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the recurring shapes that are known, the surest first."""
        return self._read(PATTERNS, Pattern, _pattern, PATTERNS.c.confidence.desc(), PATTERNS.c.id)

    def keep_patterns(self, found: Sequence[Pattern]) -> None:
        """Remember patterns, by `id`."""
        at = self._database.now()
        self._write(PATTERNS, [_pattern_row(one) | {"updated_at": at} for one in found])

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return all suggestions, whatever their state, the most urgent first."""
        order = SUGGESTIONS.c.priority.desc(), SUGGESTIONS.c.confidence.desc(), SUGGESTIONS.c.id
        return self._read(SUGGESTIONS, Suggestion, lambda row: row | {"found": row["found_at"]}, *order)

    def keep_suggestions(self, found: Sequence[Suggestion]) -> None:
        """Remember suggestions, by `id`."""
        at = self._database.now()
        rows = []
        for one in found:
            row = plain(one) | {"found_at": one.found, "updated_at": at}
            del row["found"]
            rows.append(row)
        self._write(SUGGESTIONS, rows)

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Return all merged gains, the oldest first."""
        return self._read(LEDGER, LedgerEntry, _whole, LEDGER.c.merged_at, LEDGER.c.id)

    def keep_ledger(self, found: Sequence[LedgerEntry]) -> None:
        """Remember lines of the ledger, by `id`."""
        at = self._database.now()
        rows = [
            {
                "id": one.id,
                "mr": one.mr,
                "target": one.target,
                "benchmark": one.benchmark,
                "standing": one.standing.value,
                "merged_at": one.merged_at,
                "data": plain(one),
                "updated_at": at,
            }
            for one in found
        ]
        self._write(LEDGER, rows)

    def _read(
        self, table: sa.Table, kind: type[_Value], fields: Callable[[Row], Any], *order: Any
    ) -> tuple[_Value, ...]:
        query = sa.select(table).where(table.c.project == self._project).order_by(*order)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(_valid(kind, fields, rows))

    def _write(self, table: sa.Table, rows: Sequence[Row]) -> None:
        if rows:
            mine = [self._database.clean(row | {"project": self._project}) for row in rows]
            with self._database.writing() as connection:
                merge(connection, table, mine)


def _valid(kind: type[_Value], fields: Callable[[Row], Any], rows: Sequence[Mapping[Any, Any]]) -> Iterator[_Value]:
    """Yield the values of rows by the fields that they have today; a row that holds none is named and passed over.

    Rows may have been written by another version, or by whoever can push to the state branch.
    """
    names: Mapping[str, object] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    value = TypeAdapter(kind)
    for row in rows:
        try:
            found = {name: one for name, one in dict(fields(dict(row))).items() if name in names}
            yield value.validate_python(found)
        except (ValidationError, TypeError, ValueError):
            _log.warning("a row that is no %s was passed over", kind.__name__)


def _whole(row: Row) -> Any:
    return row["data"]


def _pattern(row: Row) -> Any:
    return row | row["data"]


def _pattern_row(one: Pattern) -> Row:
    row: Row = plain(one)
    return {name: value for name, value in row.items() if name != "shape"} | {"data": {"shape": one.shape}}
