"""Export and import, records, retention, and what a damaged or hostile file does."""

import json
import random

import pytest
import sqlalchemy as sa

from bot.adapters.store import exchange, tables
from bot.adapters.store.database import connect
from bot.adapters.store.exchange import Damaged, Part
from bot.adapters.store.migrate import opened
from bot.adapters.store.records import MOST_BYTES, Record, is_record, packed, unpacked
from bot.adapters.store.retention import forget
from bot.domain.feedback import Feedback, Reception
from bot.domain.lesson import Lesson, LessonState
from tests.contract.store.conftest import Stores, Ticking, keep
from tests.fakes.store_contents import AT, fill


@pytest.fixture
def other(tmp_path):
    made = opened(connect(str(tmp_path / "other.sqlite"), Ticking(), keep))
    yield made
    made.close()


def test_an_export_is_the_same_after_it_went_through_another_database(sql, other):
    fill(sql)
    lines = list(exchange.lines(sql.database))
    assert exchange.load(other, lines) == len(lines) - 1
    assert list(exchange.lines(other)) == lines
    exchange.load(other, lines)
    assert list(exchange.lines(other)) == lines


def test_an_export_of_sqlite_goes_into_postgresql_and_back(sql, other):
    fill(Stores(other))
    lines = list(exchange.lines(other))
    exchange.load(sql.database, lines)
    assert list(exchange.lines(sql.database)) == lines


def test_the_order_in_which_stores_are_merged_makes_no_difference(sql, other, tmp_path):
    one, two = (opened(connect(str(tmp_path / name), Ticking(), keep)) for name in ("one", "two"))
    lesson = Lesson("kind:cache", "No caches.", ("n2",), LessonState.ACTIVE)
    fill(Stores(one), "run-1")
    fill(Stores(two), "run-2")
    Stores(two).book().learn([lesson])
    Stores(two).book().decide(lesson.id, LessonState.RETIRED, "bob")
    both = [list(exchange.lines(each)) for each in (one, two)]
    for lines in both:
        exchange.load(sql.database, lines)
    for lines in reversed(both):
        exchange.load(other, lines)
    assert list(exchange.lines(sql.database)) == list(exchange.lines(other))
    (found, _) = Stores(other).book().lessons()
    assert (found.state, sorted(found.evidence)) == (LessonState.RETIRED, ["n1", "n2"])
    for each in (one, two):
        each.close()


HEAD = '{"hotlap": "store", "format": 1}\n'
RUN = {
    "id": "r", "project": "p", "kind": "sweep", "actor": "a", "head_sha": "s", "wanted": [], "version": "1",
    "state": "ended", "branch": None, "seconds": 1.0, "started_at": AT, "updated_at": AT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "line 1 is not the head"),
        (["not JSON"], "line 1 is not the head"),
        (['["hotlap"]'], "line 1 is not the head"),
        (['{"hotlap": "store", "format": 2}'], "format 2"),
        ([HEAD, "{"], "line 2 is not a row"),
        ([HEAD, "[]"], "line 2 is not a row"),
        ([HEAD, '{"table": "alembic_version", "row": {}}'], "line 2 is not a row"),
        ([HEAD, '{"table": "runs", "row": {"id": "r"}}'], "columns of runs"),
        ([HEAD, json.dumps({"table": "runs", "row": RUN | {"extra": 1}})], "columns of runs"),
        ([HEAD, json.dumps({"table": "runs", "row": RUN | {"seconds": "fast"}})], "line 2 is not a row"),
        ([HEAD, json.dumps({"table": "runs", "row": RUN | {"project": None}})], "line 2 is not a row"),
        ([HEAD, json.dumps({"table": "runs", "row": RUN | {"started_at": "yesterday"}})], "line 2 is not a row"),
        ([HEAD, json.dumps({"table": "runs", "row": RUN | {"actor": 7}})], "line 2 is not a row"),
    ],
)
def test_a_wrong_line_refuses_the_whole_import(sql, lines, sentence):
    good = [json.dumps({"table": "runs", "row": RUN | {"id": "good"}})] if len(lines) > 1 else []
    with pytest.raises(Damaged, match=sentence):
        exchange.load(sql.database, [*lines, *good])
    assert sql.history.runs("p") == ()


def test_a_row_without_what_it_belongs_to_refuses_the_whole_import(sql):
    fill(sql)
    orphans = [line for line in exchange.lines(sql.database) if '"table": "runs"' not in line]
    forget(sql.database, "2030-01-01T00:00:00+00:00", AT)
    with pytest.raises(Damaged, match="belong to others"):
        exchange.load(sql.database, orphans)
    assert sql.history.runs("group/name") == ()


def test_feedback_travels_by_its_name_because_its_time_is_that_of_gitlab(sql, other):
    old, new = (Feedback("group/name", number, "closed", Reception.REJECTED, seen=AT) for number in (8, 9))
    Stores(sql.database).memory().keep_feedback([old, new])
    record = packed(sql.database, "learn-1", "2030-01-01T00:00:00+00:00", (new.key,))
    exchange.load(other, unpacked(record))
    assert Stores(other).memory().feedback() == (new,)


def test_a_record_holds_one_run_and_what_has_changed_since(sql, other):
    fill(sql, "run-1")
    since = sql.database.now()
    fill(sql, "run-2")
    sql.book("other/name").learn([Lesson("kind:x", "y")])
    record = packed(sql.database, "run-2", since)
    assert is_record(record.name)
    exchange.load(other, unpacked(record))
    assert [one.run.id for one in Stores(other).history.runs("group/name")] == ["run-2"]
    assert len(Stores(other).book("other/name").lessons()) == 1
    assert packed(sql.database, "run-2", since).name == record.name


def test_bytes_that_are_no_record_are_damaged_and_bombs_are_not_unpacked():
    import zstandard

    good = zstandard.ZstdCompressor().compress(HEAD.encode() * 1000)
    bomb = zstandard.ZstdCompressor().compress(b"\0" * (MOST_BYTES + 1))
    mixed = random.Random(7)  # noqa: S311 - only bytes
    broken = bytearray(good)
    broken[len(broken) // 2] ^= 0xFF
    for data in (b"", b"text", mixed.randbytes(2000), good[:-9], bytes(broken), bomb):
        with pytest.raises(Damaged):
            exchange._checked_head(next(iter(unpacked(Record("records/2026-11/x.jsonl.zst", data))), ""))


@pytest.mark.parametrize("name", ["../x", "records/2026-11/../../x.jsonl.zst", "records/2026-11/a b.jsonl.zst", "x"])
def test_other_names_are_no_records(name):
    assert not is_record(name)


def test_forgetting_takes_runs_with_all_that_belongs_to_them_and_old_figures(sql):
    fill(sql, "old")
    gone = forget(sql.database, "2026-11-22T00:00:00+00:00", "2026-11-01T00:00:00+00:00")
    assert gone.runs == 1
    if sql.database.dialect == "postgresql":
        assert (gone.metrics, gone.partitions) == (0, ("metrics_y2026m10",))
    else:
        assert (gone.metrics, gone.partitions) == (1, ())
    with sql.database.reading() as connection:
        left = {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in tables.EXPORTED
        }
    assert not any(left[table.name] for table in (tables.RUNS, *tables.OF_A_RUN))
    assert left["metrics"] == 1
    assert all(left[table.name] for table in (*tables.SHARED, tables.AUDIT))


def test_a_part_without_a_time_has_runs_only(sql):
    fill(sql)
    found = {json.loads(line).get("table") for line in exchange.lines(sql.database, Part(("run-1",)))}
    assert found == {None, "runs", "targets", "candidates", "evolution", "evaluations", "measurements"}
