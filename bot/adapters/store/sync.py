"""Memory without a server: the state branch is merged when a job starts, and gets its runs at the end.

What waits to be pushed lies in a directory, the outbox, from before the first try until the branch has it: a job
that is killed or has no right to push loses nothing, and whoever gets the directory can push it.
"""

import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.adapters.store.database import Database
from bot.adapters.store.exchange import Damaged, load_into
from bot.adapters.store.merge import insert_once
from bot.adapters.store.records import Record, is_record, packed, unpacked
from bot.adapters.store.state_branch import StateBranch
from bot.adapters.store.tables import MERGED

_AT_ONCE = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records of the branch came into the store, and the names of those that were not records."""

    records: int
    damaged: tuple[str, ...] = ()


class StateSync:
    """Keeps one store and the state branch of one repository together."""

    def __init__(self, database: Database, branch: StateBranch, outbox: Path) -> None:
        self._database = database
        self._branch = branch
        self._outbox = outbox

    def merge(self) -> Merged:
        """Bring what is new on the branch into the store; a damaged record is named, skipped, and tried again."""
        count, damaged = 0, []
        new = self._branch.pull(self._known())
        while some := list(islice(new, _AT_ONCE)):
            with self._database.writing() as connection:
                for record in some:
                    if self._merged(connection, record):
                        count += 1
                    else:
                        damaged.append(record.name)
        return Merged(count, tuple(damaged))

    def keep(self, run: str, since: str, feedback: tuple[str, ...] = ()) -> Path:
        """Put a run, what has changed in the shared tables since a time, and feedback by its keys, into the outbox."""
        record = packed(self._database, run, since, feedback)
        place = self._outbox / record.name
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(record.data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
        return place

    def publish(self) -> int:
        """Push what is in the outbox and return how many records that was; ForgeError leaves them there."""
        waiting = self.waiting()
        self._branch.push(waiting)
        if waiting:
            at = self._database.now()
            with self._database.writing() as connection:
                rows = [{"name": record.name, "at": at} for record in waiting]
                connection.execute(insert_once(connection, MERGED), rows)
        for record in waiting:
            (self._outbox / record.name).unlink(missing_ok=True)
        return len(waiting)

    def waiting(self) -> Sequence[Record]:
        """Return the records that are not known to be on the branch."""
        places = sorted(self._outbox.glob("records/*/*.jsonl.zst"))
        named = ((str(place.relative_to(self._outbox)), place) for place in places)
        return [Record(name, place.read_bytes()) for name, place in named if is_record(name)]

    def _known(self) -> frozenset[str]:
        with self._database.reading() as connection:
            return frozenset(connection.execute(sa.select(MERGED.c.name)).scalars())

    def _merged(self, connection: sa.Connection, record: Record) -> bool:
        try:
            with connection.begin_nested():
                load_into(connection, unpacked(record))
                row = {"name": record.name, "at": self._database.now()}
                connection.execute(insert_once(connection, MERGED), row)
        except (Damaged, IntegrityError) as error:
            _log.warning("the record %s of the state branch was skipped: %s", record.name, type(error).__name__)
            return False
        return True
