"""What is special to one database or seen with SQL only: views, partitions, indexes, what may not be written."""

import pytest
import sqlalchemy as sa

from bot.adapters.store.database import connect
from bot.adapters.store.migrate import opened
from bot.domain.errors import StoreError
from bot.domain.lesson import Lesson
from bot.domain.record import Entry, Point
from bot.domain.suggestion import Suggestion, SuggestionState
from tests.contract.store.conftest import Stores, Ticking, keep

AT = "2026-11-21T10:00:00+00:00"


def rows(database, text):
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(sa.text(text)).mappings()]


def test_the_view_of_opportunities_has_the_twenty_most_urgent_that_are_sure_and_open(sql):
    def suggestion(number, **more):
        values = {"gain": 1.5, "confidence": 0.9, "priority": number / 100} | more
        return Suggestion(f"s{number}", "group/name", f"a::f{number}", "", "d", found=AT, **values)

    sql.memory().keep_suggestions(
        [suggestion(number) for number in range(30)]
        + [suggestion(90, confidence=0.7), suggestion(91, state=SuggestionState.TAKEN)]
    )
    found = rows(sql.database, "SELECT target, priority FROM top_optimization_opportunities")
    assert [row["target"] for row in found] == [f"a::f{number}" for number in range(29, 9, -1)]


def test_the_view_of_performance_follows_what_is_written(sql):
    points = [Point(f"p{n}", AT, "run", "profile", float(n), memory_mb=50.0, cpu_percent=n / 10) for n in (1, 2, 3)]
    sql.metrics.write(points[:1])
    sql.metrics.write(points)
    (row,) = rows(sql.database, "SELECT * FROM performance_summary")
    assert (row["component"], row["operation"], row["operation_count"]) == ("run", "profile", 3)
    assert float(row["avg_duration_ms"]) == 2.0
    assert row["p95_duration_ms"] == pytest.approx(2.9)
    assert (row["avg_memory_mb"], float(row["success_rate"])) == (50.0, 1.0)
    assert row["avg_cpu_percent"] == pytest.approx(0.2)


@pytest.mark.xdist_group("postgres")
def test_a_question_about_json_can_use_an_index_and_months_have_tables(postgres, postgres_template):
    database = opened(connect(postgres.create("forms", postgres_template), Ticking(), keep))
    stores = Stores(database)
    stores.metrics.write([Point(str(n), f"2026-{n:02}-28T23:59:59+00:00", "a", "b", 1.0) for n in (1, 2, 12)])
    stores.metrics.write([Point("last", "2026-12-31T23:59:59.999999+00:00", "a", "b", 1.0)])
    parts = rows(database, "SELECT tableoid::regclass::text AS part, count(*) AS n FROM metrics GROUP BY 1 ORDER BY 1")
    assert [(row["part"], row["n"]) for row in parts] == [
        ("metrics_y2026m01", 1),
        ("metrics_y2026m02", 1),
        ("metrics_y2026m12", 2),
    ]
    with database.writing() as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        query = """EXPLAIN SELECT * FROM lessons WHERE subjects @> '["module:numba"]'"""
        plan = "\n".join(connection.execute(sa.text(query)).scalars())
    assert "ix_lessons_subjects" in plan
    database.close()


@pytest.mark.parametrize(
    "text", ["a\0b", "lone \ud800 surrogate", "\U0001f600 emoji", "x" * 300_000, "'; DROP TABLE x"]
)
def test_any_text_can_be_written_and_read(sql, text):
    sql.journal.note(Entry(AT, "alice", "say", text, "group/name", {"deep": [{"text": text}]}))
    (entry,) = sql.journal.entries("group/name")
    kept = text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    assert (entry.subject, entry.details["deep"][0]["text"]) == (kept, kept)


def test_secrets_are_taken_out_before_anything_is_written(full_address):
    database = opened(connect(full_address, Ticking(), lambda text: text.replace("s3cret", "[redacted]")))
    stores = Stores(database)
    stores.book().learn([Lesson("kind:x", "the token is s3cret", ("link?token=s3cret",))])
    stores.metrics.write([Point("p", AT, "a", "b", 1.0, error="s3cret", context={"url": ["s3cret"]})])
    (lesson,) = stores.book().lessons()
    assert lesson.sentence == "the token is [redacted]"
    (row,) = rows(database, "SELECT error, CAST(context AS TEXT) AS context FROM metrics")
    assert "s3cret" not in str(lesson) + str(row)
    database.close()


def test_a_write_that_fails_leaves_nothing_of_it(sql):
    good = Point("good", AT, "a", "b", 1.0)
    with pytest.raises(StoreError):
        sql.metrics.write([good, Point("bad", AT, "a", None, 1.0)])
    assert sql.metrics.totals(AT) == ()


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        opened(connect(str(tmp_path / "file" / "store.sqlite"), Ticking(), keep))
