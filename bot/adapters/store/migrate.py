"""Brings a database to the form that this version knows, and back."""

import contextlib
import fcntl
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.adapters.store.database import Database, place_of
from bot.domain.errors import Refused, StoreError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD = "0004"
"""The newest revision, written here so that a store that is up to date needs no Alembic; a test compares."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def opened(database: Database) -> Database:
    """Return `database` in the form that this version knows.

    A SQLite file is made and brought up to date; in PostgreSQL, which others use as well, that is for `hotlap db
    upgrade`, and Refused says so.
    """
    place = place_of(database)
    if place is None:
        found = revision(database)
        if found != HEAD:
            raise Refused(f"the store is at revision {found or 'none'}, not {HEAD}: run `hotlap db upgrade`")
        return database
    with _alone(place):
        if revision(database) != HEAD:
            upgrade(database)
    return database


def revision(database: Database) -> str | None:
    """Return the revision that the database is at; None for an empty one."""
    with database.reading() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def current(database: Database) -> str | None:
    """Return the revision of a database that need not be there yet: for SQLite its directory is made."""
    place = place_of(database)
    if place is not None:
        with _alone(place):
            return revision(database)
    return revision(database)


def upgrade(database: Database, to: str = "head") -> str | None:
    """Bring the database to a later revision, all of the way or not at all, and return where it is then."""
    return _migrate(database, to, "upgrade")


def downgrade(database: Database, to: str = "-1") -> str | None:
    """Bring the database to an earlier revision; what only later ones can hold is lost."""
    return _migrate(database, to, "downgrade")


def _migrate(database: Database, to: str, way: str) -> str | None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.util import CommandError

    config, scripts = _scripts()
    steps = functools.partial(getattr(scripts, f"_{way}_revs"), to)
    environment = EnvironmentContext(
        config, scripts, fn=lambda current, _context: steps(current), destination_rev=to, starting_rev=None
    )
    try:
        with database.writing() as connection, environment:
            environment.configure(connection=connection, transactional_ddl=True)
            with environment.begin_transaction():
                environment.run_migrations()
    except CommandError as error:
        raise Refused(f"{way} to {to!r} is not possible: {error}") from None
    return revision(database)


def _scripts() -> "tuple[Any, ScriptDirectory]":
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Keep other processes from making or changing the form of the same file meanwhile."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(place.with_name(f"{place.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(f"the store {place} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
