"""A cache in one SQLite file: what was found out once for the same bytes is there for the next run.

A file that is damaged, of another program or not writable is as good as an empty one: it is logged, never raised.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

AT_ONCE = 500
MOST_BYTES = 256 * 1024 * 1024
TABLE = "CREATE TABLE IF NOT EXISTS found (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
WAIT_SECONDS = 5.0

_log = logging.getLogger(__name__)


class FileCache:
    """Implements `ports.Cache` in the file `place`; safe for several processes at once."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is known of `keys`; nothing where the file cannot be read."""
        found: dict[str, bytes] = {}
        if not self._place.exists():
            return found
        try:
            with self._open() as base:
                for start in range(0, len(keys), AT_ONCE):
                    some = keys[start : start + AT_ONCE]
                    marks = ",".join("?" * len(some))
                    # Only question marks are put into the statement.
                    found.update(base.execute(f"SELECT key, value FROM found WHERE key IN ({marks})", some))  # noqa: S608
        except (sqlite3.Error, OSError) as error:
            _log.warning("the cache %s was not read: %s", self._place.name, error)
            return {}
        return {key: value for key, value in found.items() if isinstance(value, bytes)}

    def put(self, found: Mapping[str, bytes]) -> None:
        """Remember all of `found` in one transaction; a damaged file, or one grown too large, is begun anew."""
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            if self._place.exists() and self._place.stat().st_size > MOST_BYTES:
                self._forget()
            self._write(found)
        except sqlite3.DatabaseError as error:
            _log.warning("the cache %s is begun anew: %s", self._place.name, error)
            with contextlib.suppress(sqlite3.Error, OSError):
                if not isinstance(error, sqlite3.OperationalError):
                    self._forget()
                    self._write(found)
        except OSError as error:
            _log.warning("the cache %s was not written: %s", self._place.name, error)

    def _write(self, found: Mapping[str, bytes]) -> None:
        with self._open() as base, base:
            base.execute(TABLE)
            base.executemany("INSERT OR REPLACE INTO found VALUES (?, ?)", found.items())

    def _forget(self) -> None:
        for ending in ("", "-journal"):
            self._place.with_name(self._place.name + ending).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._place, timeout=WAIT_SECONDS)) as base:
            # What a crash of the machine may take away is found out again.
            base.execute("PRAGMA synchronous = OFF")
            yield base
