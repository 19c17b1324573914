"""Each test of the store gets a fresh one: SQLite, a database of a real PostgreSQL, or the fake."""

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass, field

import pytest

from bot.adapters.store.database import connect
from bot.adapters.store.history import SqlHistory
from bot.adapters.store.journal import SqlJournal
from bot.adapters.store.lessons import SqlLessonBook
from bot.adapters.store.memory import SqlMemory
from bot.adapters.store.metrics import SqlMetrics
from bot.adapters.store.migrate import opened
from tests.fakes.stores import FakeStores

PROJECT = "group/name"
# One worker runs all that needs a server, so that there is one server.
POSTGRES = pytest.param("postgresql", marks=[pytest.mark.xdist_group("postgres")])


class Ticking:
    """Gives a later time at every call."""

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def __call__(self) -> str:
        start = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        return (start + dt.timedelta(seconds=next(self._seconds))).isoformat()


def keep(text):
    return text


@dataclass
class Stores:
    """All ports of the store over one database."""

    database: object
    history: object = field(init=False)
    journal: object = field(init=False)
    metrics: object = field(init=False)

    def __post_init__(self) -> None:
        self.history = SqlHistory(self.database)
        self.journal = SqlJournal(self.database)
        self.metrics = SqlMetrics(self.database)

    def book(self, project=PROJECT):
        return SqlLessonBook(self.database, project)

    def memory(self, project=PROJECT):
        return SqlMemory(self.database, project)


@pytest.fixture(params=["sqlite", POSTGRES])
def address(request, tmp_path):
    """The address of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    return request.getfixturevalue("postgres").create(f"empty_{uuid.uuid4().hex}")


@pytest.fixture(params=["sqlite", POSTGRES])
def full_address(request, tmp_path):
    """The address of a database in the newest form, without rows."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    template = request.getfixturevalue("postgres_template")
    return request.getfixturevalue("postgres").create(f"full_{uuid.uuid4().hex}", template)


@pytest.fixture
def database(full_address):
    made = opened(connect(full_address, Ticking(), keep))
    yield made
    made.close()


@pytest.fixture
def sql(database):
    """The real stores, where something beyond the ports is looked at."""
    return Stores(database)


@pytest.fixture(params=["fake", "sqlite", POSTGRES])
def stores(request, tmp_path):
    """The ports, over each kind of store."""
    if request.param == "fake":
        yield FakeStores(Ticking())
        return
    if request.param == "sqlite":
        address = str(tmp_path / "store.sqlite")
    else:
        template = request.getfixturevalue("postgres_template")
        address = request.getfixturevalue("postgres").create(f"full_{uuid.uuid4().hex}", template)
    made = opened(connect(address, Ticking(), keep))
    yield Stores(made)
    made.close()
