"""One suite for every store: what the ports promise holds in SQLite, in PostgreSQL and in the fake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.domain.errors import Refused
from bot.domain.evidence import Interval, Outcome
from bot.domain.feedback import Change, Feedback, Reception
from bot.domain.job import TriggerKind
from bot.domain.ledger import LedgerEntry, Remeasured, Standing
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.pattern import Pattern, PatternKind
from bot.domain.record import Delivery, Entry, Hour, Point, Run, RunEnd, RunState, Total
from bot.domain.suggestion import Suggestion, SuggestionState
from tests.fakes.tried import attempt, target

AT = "2026-11-21T10:00:00+00:00"
LATER = "2026-11-21T11:30:00.250000+00:00"


def run(name="run-1", project="group/name", started=AT):
    return Run(name, project, TriggerKind.SWEEP, "somebody", "f" * 40, started, "0.1.0", ("pkg/module.py::work",))


def test_a_run_comes_back_with_what_was_tried_in_it(stores):
    stores.history.begin(run())
    stores.history.tried("run-1", [attempt(0), attempt(1, outcome=Outcome.REJECTED, ratio=3.0, name="other")])
    (found,) = stores.history.runs("group/name")
    assert (found.run, found.state, found.branch) == (run(), RunState.RUNNING, None)
    assert (found.candidates, found.accepted, found.best_ratio) == (4, 1, 2.0)
    stores.history.end("run-1", RunEnd(LATER, "hotlap/pkg-work", 12.5), [target("a"), target("b")])
    (found,) = stores.history.runs("group/name")
    assert (found.state, found.branch, found.seconds) == (RunState.ENDED, "hotlap/pkg-work", 12.5)


def test_writing_a_run_again_changes_nothing(stores):
    for _ in range(2):
        stores.history.begin(run())
        stores.history.tried("run-1", [attempt(0)])
    stores.history.end("run-1", RunEnd(AT, None, 1.0))
    before = stores.history.runs("group/name")
    stores.history.begin(run())
    stores.history.tried("run-1", [attempt(0)])
    assert stores.history.runs("group/name") == before


def test_runs_are_of_one_project_the_newest_first(stores):
    stores.history.begin(run("run-1", started=AT))
    stores.history.begin(run("run-2", started=LATER))
    stores.history.begin(run("run-3", project="other/name"))
    assert [one.run.id for one in stores.history.runs("group/name")] == ["run-2", "run-1"]
    assert [one.run.id for one in stores.history.runs("group/name", most=1)] == ["run-2"]
    assert stores.history.runs("nobody/none") == ()


def test_the_same_candidate_of_two_runs_is_counted_in_both(stores):
    for name in ("run-1", "run-2"):
        stores.history.begin(run(name))
        stores.history.tried(name, [attempt(0)])
    assert [one.candidates for one in stores.history.runs("group/name")] == [2, 2]


def test_a_delivery_is_claimed_once_by_however_many_ask_at_once(stores):
    deliveries = [Delivery("key-1", "note", "group/name", AT) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(stores.journal.claim, deliveries))
    assert sorted(answers) == [False] * 7 + [True]
    assert stores.journal.claim(Delivery("key-2", "note", "group/name", AT))


def test_the_audit_is_read_newest_first(stores):
    one = Entry(AT, "alice", "run", "run-1", "group/name", {"budget": "1h", "deep": {"list": [1, None]}})
    two = replace(one, at=LATER, action="stop")
    for entry in (one, two, replace(one, project="other/name")):
        stores.journal.note(entry)
    assert stores.journal.entries("group/name") == (two, one)
    assert stores.journal.entries("group/name", most=1) == (two,)


def point(number, at=AT, **more):
    return Point(**({"id": f"p{number}", "at": at, "component": "target", "operation": "bench"} | more))


def test_times_are_summed_up_by_the_hour_with_a_percentile(stores):
    points = [point(number, milliseconds=float(number), success=number > 1) for number in range(1, 11)]
    points.append(point(99, LATER, milliseconds=7.0))
    points.append(point(98, "2026-11-20T10:00:00+00:00", milliseconds=1.0))
    stores.metrics.write(points)
    later, first = stores.metrics.hours("2026-11-21T10:59:00+00:00")
    assert later == Hour("target", "bench", "2026-11-21T11:00:00+00:00", 1, 7.0, 7.0, 1.0)
    assert (first.hour, first.count, first.mean_ms) == ("2026-11-21T10:00:00+00:00", 10, 5.5)
    assert first.p95_ms == pytest.approx(9.55)
    assert first.success == pytest.approx(0.9)


def test_totals_sum_counters_and_times_apart(stores):
    stores.metrics.write([point(1, milliseconds=4.0), point(2, milliseconds=6.0, success=False)])
    stores.metrics.write([point(3, operation="tokens", value=30.0), point(4, operation="tokens", value=12.0)])
    stores.metrics.write([point(5, "2026-11-20T00:00:00+00:00", operation="tokens", value=1000.0)])
    assert stores.metrics.totals(AT) == (
        Total("target", "bench", 2, 0.5, 5.0, None),
        Total("target", "tokens", 2, 1.0, None, 42.0),
    )


def test_a_point_that_is_known_is_not_added_again(stores):
    for _ in range(2):
        stores.metrics.write([point(1, value=1.0), point(2, "2025-02-03T00:00:00+00:00", value=1.0)])
    assert [one.count for one in stores.metrics.totals("2025-01-01T00:00:00+00:00")] == [2]


NUMBA = Lesson(
    "project:group/name",
    "Do not add numba.",
    ("group/name!7#note_1",),
    LessonState.PROPOSED,
    Polarity.AVOID,
    ("module:numba",),
)


def test_lessons_keep_their_order_and_gain_evidence(stores):
    other = Lesson("kind:cache", "No caches \u2014 they go stale. \U0001f600")
    stores.book().learn([NUMBA, other])
    stores.book().learn([replace(NUMBA, evidence=("group/name!8#note_2",), state=LessonState.ACTIVE)])
    united = replace(NUMBA, evidence=("group/name!7#note_1", "group/name!8#note_2"), state=LessonState.ACTIVE)
    assert stores.book().lessons() == (united, other)
    assert stores.book("other/name").lessons() == ()


def test_what_a_person_decided_stands(stores):
    stores.book().learn([NUMBA])
    retired = stores.book().decide(NUMBA.id, LessonState.RETIRED, "alice")
    assert retired == replace(NUMBA, state=LessonState.RETIRED)
    stores.book().learn([replace(NUMBA, state=LessonState.ACTIVE)])
    assert stores.book().lessons() == (retired,)
    again = stores.book().decide(NUMBA.id, LessonState.ACTIVE, "bob")
    assert stores.book().lessons() == (again,)
    assert [(one.actor, one.action, one.subject) for one in stores.journal.entries("group/name")] == [
        ("bob", "lesson.active", NUMBA.id),
        ("alice", "lesson.retired", NUMBA.id),
    ]


def test_a_lesson_that_is_not_there_cannot_be_decided(stores):
    with pytest.raises(Refused, match=r"there is no lesson '0000' of group/name"):
        stores.book().decide("0000", LessonState.ACTIVE, "alice")


def test_feedback_is_replaced_unless_what_is_kept_was_seen_later(stores):
    change = Change("pkg/a.py", "work", "python", "cache", "--- diff", ("lru",))
    new = Feedback(
        "group/name", 7, "merged", Reception.ACCEPTED, change, LATER, 2.5, ("alice",), 3, 2, 1, 1, 0, ("abc",)
    )
    old = replace(new, seen=AT, state="opened")
    stores.memory().keep_feedback([new])
    stores.memory().keep_feedback([old, Feedback("group/name", 3, "closed", Reception.REJECTED)])
    assert stores.memory().feedback() == (Feedback("group/name", 3, "closed", Reception.REJECTED), new)


def test_patterns_suggestions_and_the_ledger_are_replaced_by_their_id(stores):
    memory = stores.memory()
    pattern = Pattern("p1", PatternKind.EDIT, "for x in y -> comprehension", "a loop", 0.5, 1.4, 3, AT, AT, 1)
    suggestion = Suggestion("s1", "group/name", "pkg/a.py::work", "", "hot", 1.5, 0.75, 0.5, AT)
    entry = LedgerEntry("group/name", 7, "a::b", "bench", "cpu", Interval(2, 1.9, 2.1), "c1", "c2", AT)
    for _ in range(2):
        memory.keep_patterns([pattern])
        memory.keep_suggestions([suggestion])
        memory.keep_ledger([entry])
    assert (memory.patterns(), memory.suggestions(), memory.ledger()) == ((pattern,), (suggestion,), (entry,))
    newer = replace(pattern, confidence=0.8, frequency=4, last_seen=LATER)
    taken = replace(suggestion, state=SuggestionState.TAKEN)
    gone = replace(entry, checks=(Remeasured("c3", LATER, Interval(1, 0.99, 1.01), Standing.GONE),))
    memory.keep_patterns([newer])
    memory.keep_suggestions([taken])
    memory.keep_ledger([gone])
    assert (memory.patterns(), memory.suggestions(), memory.ledger()) == ((newer,), (taken,), (gone,))
    assert stores.memory("other/name").patterns() == ()


def test_the_most_urgent_suggestion_and_the_surest_pattern_come_first(stores):
    memory = stores.memory()
    one = Suggestion("s1", "group/name", "t", "", "d", 1.5, 0.75, 0.5, AT)
    memory.keep_suggestions([one, replace(one, id="s2", priority=0.9), replace(one, id="s3", confidence=0.8)])
    assert [found.id for found in memory.suggestions()] == ["s2", "s3", "s1"]
    pattern = Pattern("p1", PatternKind.METRIC, "s", "d", 0.5, 1.4, 3, AT, AT)
    memory.keep_patterns([pattern, replace(pattern, id="p2", confidence=0.6)])
    assert [found.id for found in memory.patterns()] == ["p2", "p1"]


def test_writing_nothing_is_nothing(stores):
    stores.metrics.write([])
    stores.book().learn([])
    stores.memory().keep_feedback([])
    assert stores.metrics.totals(AT) == ()
