"""One database behind an address: how it is opened, and transactions whose failures are sentences.

SQLite is used in WAL mode: readers never wait, writers stand in line, and a commit is on the disk when it returns.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, StatementError

from bot.domain.errors import ConfigError, Refused, StoreError

WAIT_SECONDS = 60.0
_READS = "hotlap_reads"
_PREFIXES = ("postgresql+psycopg", "postgresql", "postgres")

_log = logging.getLogger(__name__)


class Database:
    """A place for rows; `now` gives the time of writing, `redact` takes secrets out of every text that is written."""

    def __init__(self, engine: sa.Engine, now: Callable[[], str], redact: Callable[[str], str]) -> None:
        self.engine = engine
        self.now = now
        self._redact = redact

    @property
    def dialect(self) -> str:
        """Either "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that is kept as a whole or not at all; StoreError where it cannot be."""
        with _said(self.engine), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one state of the store; StoreError where it cannot be read."""
        with _said(self.engine), self.engine.connect().execution_options(**{_READS: True}) as connection:
            yield connection

    def clean(self, row: Any) -> Any:
        """Return a row, or what stands in it, without secrets and without what a database cannot hold as text."""
        if isinstance(row, str):
            # PostgreSQL has no NUL in text, and neither has surrogates.
            return self._redact(row.replace("\0", "\\0")).encode("utf-8", "backslashreplace").decode()
        if isinstance(row, dict):
            return {key: self.clean(value) for key, value in row.items()}
        return [self.clean(value) for value in row] if isinstance(row, list | tuple) else row

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def connect(address: str, now: Callable[[], str], redact: Callable[[str], str]) -> Database:
    """Return the database at an address: "sqlite:///path", a path, or "postgresql://user:password@host/name".

    ConfigError where it is none of these, Refused where the driver is not installed. Nothing is opened yet.
    """
    url = _url(address)
    lite = url.drivername.startswith("sqlite")
    # No SQL in errors: its parameters may hold what must not be shown.
    options: dict[str, Any] = {"hide_parameters": True}
    if lite:
        options["connect_args"] = {"timeout": WAIT_SECONDS}
    else:
        options |= {"connect_args": {"connect_timeout": 10}, "pool_pre_ping": True}
    try:
        engine = sa.create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise Refused(f"the store needs the package {error.name!r}: install hotlap[postgres]") from None
    if lite:
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)
    return Database(engine, now, redact)


def place_of(database: Database) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL."""
    if database.dialect != "sqlite":
        return None
    return Path(str(database.engine.url.database))


def _url(address: str) -> sa.URL:
    text = address if "://" in address else f"sqlite:///{address}"
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError, NoSuchModuleError):
        raise ConfigError(_FORMS, where="HOTLAP_STORE") from None
    if url.drivername in _PREFIXES and url.database:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        return url
    raise ConfigError(_FORMS, where="HOTLAP_STORE")


_FORMS = "should be a path, sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # We say ourselves when a transaction begins: the driver would begin it at the first write only.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # Once set it stays in the file; `migrate` sees to it that nobody else is there when it is set first.
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit that returned has reached the disk, also when the power fails.
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: sa.Connection) -> None:
    # Who is going to write stands in line from the beginning: a reader that becomes a writer can be refused.
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def _said(engine: sa.Engine) -> Iterator[None]:
    """Turn what a driver raises into a sentence; what it says of rows is left out, it may hold their contents."""
    try:
        yield
    except StatementError as error:
        what = str(error.orig).strip().splitlines()
        where = engine.url.render_as_string(hide_password=True)
        _log.debug("the store failed: %s", type(error.orig).__name__)
        raise StoreError(
            f"the store {where} failed: {what[0] if what else type(error.orig).__name__}",
            retryable=isinstance(error, OperationalError),
        ) from error
