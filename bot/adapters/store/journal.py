"""Deliveries and the audit, in a database."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa

from bot.adapters.store.database import Database
from bot.adapters.store.merge import insert_once
from bot.adapters.store.tables import AUDIT, DELIVERIES
from bot.domain.record import Delivery, Entry


class SqlJournal:
    """Implements `ports.store.Journal`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, delivery: Delivery) -> bool:
        """Remember a delivery; the primary key decides which of several callers was first."""
        row = {"id": delivery.key, "event": delivery.event, "project": delivery.project, "at": delivery.at}
        with self._database.writing() as connection:
            return connection.execute(insert_once(connection, DELIVERIES), self._database.clean(row)).rowcount == 1

    def note(self, entry: Entry) -> None:
        """Add a line to the audit."""
        row = {
            "id": secrets.token_hex(12),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "project": entry.project,
            "details": dict(entry.details),
            "at": entry.at,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(AUDIT), self._database.clean(row))

    def entries(self, project: str, most: int = 100) -> tuple[Entry, ...]:
        """Return the latest lines of the audit, newest first."""
        query = sa.select(AUDIT).where(AUDIT.c.project == project).order_by(AUDIT.c.at.desc(), AUDIT.c.id).limit(most)
        with self._database.reading() as connection:
            found: Sequence[sa.RowMapping] = connection.execute(query).mappings().all()
        return tuple(
            Entry(row["at"], row["actor"], row["action"], row["subject"], row["project"], row["details"])
            for row in found
        )
