"""What `hotlap db` does with a store, put together from the adapters."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.adapters.git import GitCheckout
from bot.adapters.store import exchange, files, migrate
from bot.adapters.store.database import Database
from bot.adapters.store.retention import Forgotten, forget
from bot.domain.ledger import LedgerEntry
from bot.wiring.stores import database_of, remembering, synchronised

if TYPE_CHECKING:
    from bot.adapters.store.sync import StateSync


@dataclass(frozen=True, slots=True)
class Keeping:
    """One store as `hotlap db` handles it."""

    database: Database

    @property
    def place(self) -> str:
        """The address, without a password."""
        return self.database.engine.url.render_as_string(hide_password=True)

    def upgrade(self, to: str) -> tuple[str | None, str | None]:
        """Return the revisions before and after."""
        before = migrate.current(self.database)
        return before, migrate.upgrade(self.database, to)

    def downgrade(self, to: str) -> tuple[str | None, str | None]:
        """Return the revisions before and after."""
        before = migrate.current(self.database)
        return before, migrate.downgrade(self.database, to)

    def export_to(self, file: Path | None, stream: TextIO) -> int:
        """Write all rows to `file`, which appears as a whole or not at all, or to `stream`; return how many."""
        found = _Counted(exchange.lines(migrate.opened(self.database)))
        if file is None:
            stream.writelines(found)
        else:
            with files.appearing(file) as out:
                out.writelines(found)
        return found.count - 1

    def import_from(self, file: Path | None, stream: TextIO) -> int:
        """Merge the rows of `file` or `stream`; return how many there were."""
        database = migrate.opened(self.database)
        if file is None:
            return exchange.load(database, stream)
        with files.reading(file) as lines:
            return exchange.load(database, lines)

    def prune(self, runs: int, metrics: int) -> Forgotten:
        """Forget runs and figures that are older than so many days."""
        now = dt.datetime.now(dt.UTC)
        edges = [(now - dt.timedelta(days=days)).isoformat() for days in (runs, metrics)]
        return forget(migrate.opened(self.database), *edges)


def keeping_at(repo: Path, environ: Mapping[str, str]) -> Keeping:
    """Return the store of the repository at `repo`, or the one that HOTLAP_STORE names, where `repo` need be none."""
    return Keeping(database_of(lambda: GitCheckout(repo).state, environ))


def ledger_at(repo: Path, environ: Mapping[str, str]) -> tuple[LedgerEntry, ...]:
    """Return the ledger of the repository at `repo`."""
    remembered = remembering(GitCheckout(repo), environ)()
    try:
        return remembered.memory.ledger()
    finally:
        remembered.database.close()


@contextlib.contextmanager
def synchronised_at(repo: Path, environ: Mapping[str, str]) -> "Iterator[StateSync]":
    """Open the store of a repository together with the state branch of its `origin`."""
    checkout = GitCheckout(repo)
    remembered = remembering(checkout, environ)()
    yield synchronised(checkout, remembered, environ)
    remembered.database.close()


class _Counted:
    """Lines that count themselves while they are written."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.count += 1
            yield line
