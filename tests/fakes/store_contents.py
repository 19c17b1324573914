"""A store with rows in every table."""

from bot.domain.evidence import Interval
from bot.domain.feedback import Feedback, Reception
from bot.domain.job import TriggerKind
from bot.domain.ledger import LedgerEntry
from bot.domain.lesson import Lesson, LessonState
from bot.domain.pattern import Pattern, PatternKind
from bot.domain.record import Delivery, Entry, Point, Run, RunEnd
from bot.domain.suggestion import Suggestion
from tests.fakes.tried import attempt, target

AT = "2026-11-21T10:00:00+00:00"


def fill(stores, name="run-1", project="group/name"):
    """Write something into every table, a run of this name among it."""
    stores.history.begin(Run(name, project, TriggerKind.SWEEP, "somebody", "f" * 40, AT, "0.1.0"))
    stores.history.tried(name, [attempt(0), attempt(1, parents=("0" * 12,))])
    stores.history.end(name, RunEnd("2026-11-21T10:05:00+00:00", "hotlap/x", 300.0), [target("other")])
    stores.journal.claim(Delivery(f"delivery-{name}", "note", project, AT))
    stores.journal.note(Entry(AT, "alice", "run", name, project, {"text": "quote ' \u00e9 \U0001f600"}))
    month = "2026-10-05T00:00:00+00:00"
    stores.metrics.write([Point(f"{name}-1", AT, "run", "profile", 5.0)])
    stores.metrics.write([Point(f"{name}-2", month, "search", "tokens", value=9.0)])
    stores.book(project).learn([Lesson("kind:cache", "No caches.", ("n1",)), Lesson("path:src/", "Careful.")])
    (first, *_) = stores.book(project).lessons()
    stores.book(project).decide(first.id, LessonState.ACTIVE, "alice")
    memory = stores.memory(project)
    memory.keep_feedback([Feedback(project, 7, "merged", Reception.ACCEPTED, seen=AT)])
    memory.keep_patterns([Pattern("p1", PatternKind.EDIT, "shape", "loop", 0.5, 1.4, 3, AT, AT)])
    memory.keep_suggestions([Suggestion("s1", project, "a::b", "", "hot", 1.5, 0.75, 0.5, AT)])
    memory.keep_ledger([LedgerEntry(project, 7, "a::b", "bench", "cpu", Interval(2, 1.9, 2.1), "c1", "c2", AT)])
