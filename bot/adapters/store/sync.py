"""Memory without a server: the state branch is merged when a job starts, and gets its runs at the end.

What waits to be pushed lies in a directory, the outbox, from before the first try until the branch has it: a job
that is killed or has no right to push loses nothing, and whoever gets the directory can push it. Beside it stands since
when nothing was kept: what a run has learned that ended early goes with the record of the next one.
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

from bot.adapters.store.columns import instant
from bot.adapters.store.database import Database
from bot.adapters.store.exchange import Damaged, load_into
from bot.adapters.store.merge import insert_once
from bot.adapters.store.note import Note, left
from bot.adapters.store.records import Record, is_record, packed, unpacked
from bot.adapters.store.state_branch import StateBranch
from bot.adapters.store.tables import MERGED

_AT_ONCE = 50
_BEGUN = "begun"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records of the branch came into the store, and the names of those that were not records."""

    records: int
    damaged: tuple[str, ...] = ()


class StateSync:
    """Keeps one store and the state branch of one project together; rows of other projects neither come nor go."""

    def __init__(self, database: Database, branch: StateBranch, outbox: Path, project: str) -> None:
        self._database = database
        self._branch = branch
        self._outbox = outbox
        self._project = project
        self._since = ""
        self._heard: list[str] = []
        self._begun: list[Note] = []

    def begin(self) -> None:
        """Note that a run begins here: what is learned from now on belongs into its record.

        So does what an earlier run here has learned that ended without keeping it.
        """
        place = self._outbox / _BEGUN
        self._since, self._begun = self._database.now(), left(place)
        for one in self._begun:
            since, heard = one.read()
            self._since = min(self._since, since or self._since, key=instant)
            self._heard += heard
        self._begun.append(Note.new(place, self._since, self._heard))

    def heard(self, feedback: str) -> None:
        """Note the key of feedback that is new: its time is GitLab's, and does not say when it came into the store."""
        self._heard.append(feedback)
        self._begun[-1].add(feedback)

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

    def keep(self, run: str) -> Path:
        """Put a run, and what has come into the shared tables since it began, into the outbox."""
        record = packed(self._database, run, self._since, tuple(self._heard), self._project)
        place = self._outbox / record.name
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(record.data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
        for one in self._begun:
            one.remove()
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
                load_into(connection, unpacked(record), self._project)
                row = {"name": record.name, "at": self._database.now()}
                connection.execute(insert_once(connection, MERGED), row)
        except (Damaged, IntegrityError) as error:
            why = str(error) if isinstance(error, Damaged) else type(error).__name__
            _log.warning("the record %s of the state branch was skipped: %s", record.name, why)
            return False
        return True
