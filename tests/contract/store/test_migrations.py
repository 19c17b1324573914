"""Migrations up, down and up again, on both databases, with rows in every table."""

import json
import multiprocessing

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.adapters.store import exchange, migrate, tables
from bot.adapters.store.database import connect
from bot.adapters.store.migrate import HEAD, downgrade, opened, revision, upgrade
from bot.domain.errors import Refused
from tests.contract.store.conftest import Stores, Ticking, keep
from tests.fakes.store_contents import fill

# What each step down takes away; the views of the last one hold no rows.
TAKEN = {
    "0003": (),
    "0002": ("metrics", "metric_hours", "deliveries", "audit", "merged"),
    "0001": ("lessons", "patterns", "suggestions", "feedback", "ledger"),
}


def contents(database):
    """Return the rows of every table that there is, as an export has them."""
    with database.reading() as connection:
        there = set(sa.inspect(connection).get_table_names())
        return {
            table.name: sorted(
                json.dumps(dict(row), sort_keys=True) for row in connection.execute(sa.select(table)).mappings()
            )
            for table in tables.METADATA.sorted_tables
            if table.name in there
        }


@pytest.fixture
def empty(address):
    made = connect(address, Ticking(), keep)
    yield made
    made.close()


def test_up_down_and_up_again_keeps_what_both_forms_can_hold(empty):
    assert upgrade(empty) == HEAD
    fill(Stores(empty))
    before, exported = contents(empty), list(exchange.lines(empty))
    assert all(before[table.name] for table in tables.EXPORTED), "every table has rows"
    kept = dict(before)
    for to, taken in TAKEN.items():
        assert downgrade(empty) == to
        for name in taken:
            del kept[name]
        assert contents(empty) == kept
    assert upgrade(empty) == HEAD
    assert {name: rows for name, rows in contents(empty).items() if rows} == kept
    exchange.load(empty, exported)
    assert contents(empty) == before | {"merged": []}


def test_down_to_nothing_leaves_nothing_and_up_works_again(empty):
    upgrade(empty)
    fill(Stores(empty))
    assert downgrade(empty, "base") is None
    with empty.reading() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
        assert sa.inspect(connection).get_view_names() == []
    assert upgrade(empty) == HEAD
    fill(Stores(empty))


def test_the_migrations_make_what_the_tables_say(database):
    def ours(obj, _name, kind, _reflected, _other):
        # Partitions are made for data.
        return not (kind == "table" and obj.name.startswith("metrics_y"))

    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        differences = compare_metadata(context, tables.METADATA)
    if database.dialect == "sqlite":
        # SQLite has no GIN; the indexes are for PostgreSQL only.
        differences = [one for one in differences if not (one[0] == "add_index" and one[1].dialect_kwargs)]
    assert differences == []


def test_the_newest_revision_is_the_one_that_is_written_down():
    _, scripts = migrate._scripts()
    assert isinstance(scripts, ScriptDirectory)
    assert scripts.get_current_head() == HEAD


@pytest.mark.parametrize("to", ["0009", "nonsense", "-9", "+9"])
def test_a_revision_that_is_not_there_is_refused(empty, to):
    upgrade(empty)
    way = upgrade if to.startswith("+") else downgrade
    with pytest.raises(Refused, match="is not possible"):
        way(empty, to)
    assert revision(empty) == HEAD


def test_a_store_of_a_later_version_is_left_alone(empty):
    upgrade(empty)
    with empty.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(Refused, match="0999"):
        opened(empty)


def test_a_migration_that_fails_leaves_the_store_as_it_was(empty):
    upgrade(empty, "0003")
    fill(Stores(empty))
    with empty.writing() as connection:
        connection.execute(sa.text("CREATE VIEW top_optimization_opportunities AS SELECT 1 AS one"))
    before = contents(empty)
    with pytest.raises(Exception, match="already exists"):
        upgrade(empty)
    assert (revision(empty), contents(empty)) == ("0003", before)


@pytest.mark.xdist_group("postgres")
def test_postgresql_is_brought_up_to_date_by_a_command_only(postgres):
    database = connect(postgres.create("untouched"), Ticking(), keep)
    with pytest.raises(Refused, match="hotlap db upgrade"):
        opened(database)
    database.close()


def _open(place):
    database = opened(connect(place, Ticking(), keep))
    database.close()


def test_many_may_open_a_new_store_at_once(tmp_path):
    place = str(tmp_path / "new" / "store.sqlite")
    processes = [multiprocessing.get_context("spawn").Process(target=_open, args=(place,)) for _ in range(4)]
    for one in processes:
        one.start()
    for one in processes:
        one.join(60)
    assert [one.exitcode for one in processes] == [0] * 4
    database = connect(place, Ticking(), keep)
    assert revision(database) == HEAD
    database.close()
