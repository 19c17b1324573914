"""What people did with a merge request, from GitLab's objects: idempotent, incremental, and only what counts."""

import pytest

from bot.app.learn import harvest
from bot.domain.errors import Refused
from bot.domain.feedback import Change, Reception
from bot.domain.lesson import LessonState
from bot.learn.feedback import Record, harvested, news, since
from tests.fakes.stores import FakeJournal, FakeLessonBook, FakeMemory

BOT = {"id": 1, "username": "hotlap", "name": "Hotlap"}
MONA, DAN, GUS = ({"id": number, "username": name} for number, name in ((2, "mona"), (3, "dan"), (4, "gus")))
MEMBERS = [
    MONA | {"access_level": 40},
    DAN | {"access_level": 30},
    GUS | {"access_level": 10},
    BOT | {"access_level": 30},
]
MERGED = {"state": "merged", "created_at": "2026-05-01T08:00:00Z", "merged_at": "2026-05-01T20:30:00Z"}


def record(mr=(), notes=(), **more):
    threads = [{"notes": list(thread)} for thread in notes]
    base = {"iid": 7, "author": BOT, "state": "opened", "updated_at": "2026-05-02T00:00:00Z"}
    return Record("acme/shop", base | dict(mr), Change("a.py"), MEMBERS, threads, **more)


def note(author, body, number=1, **more):
    return {"id": number, "author": author, "body": body, "created_at": "2026-05-01T09:00:00Z"} | more


def commit(author, title):
    return {"id": "f" * 40, "short_id": "ffffffff", "title": title, "author_name": author["username"]}


def reception(*arguments, **more):
    return harvested(record(*arguments, **more)).reception


def test_everything_that_counts_is_counted():
    threads = [
        [note(MONA, "a", 1, resolvable=True, resolved=True, suggestions=[{"applied": True}, {"applied": False}])],
        [note(DAN, "b", 2, resolvable=True, resolved=False)],
        [note(GUS, "c", 3)],
    ]
    awards = [
        {"name": name, "user": user}
        for name, user in (
            ("thumbsup", MONA),
            ("tada", MONA),
            ("thumbsup_tone2", DAN),
            ("thumbsup", GUS),
            ("thumbsup", BOT),
            ("thumbsdown", DAN),
        )
    ]
    found = harvested(record(MERGED, threads, awards=awards, approvals=[{"user": MONA}, {"user": GUS}]))
    assert (found.key, found.hours, found.approvals) == ("acme/shop!7", 12.5, ("mona",))
    assert (found.threads, found.resolved, found.suggestions) == (2, 1, 1)
    assert (found.thumbs_up, found.thumbs_down) == (2, 1)


@pytest.mark.parametrize(
    ("mr", "more", "wanted"),
    [
        (MERGED, {}, Reception.ACCEPTED),
        (MERGED, {"commits": [commit(MONA, "Rename")]}, Reception.REVISED),
        (MERGED, {"commits": [commit(BOT, "Rebase")]}, Reception.ACCEPTED),
        (MERGED, {"commits": [commit(MONA, "Merge branch 'main' into 'x'")]}, Reception.ACCEPTED),
        (MERGED, {"commits": [commit(MONA, 'Revert "Make x faster"')]}, Reception.REJECTED),
        ({"state": "closed", "closed_by": MONA}, {}, Reception.REJECTED),
        ({"state": "closed", "closed_by": BOT}, {}, Reception.ABANDONED),
        ({"state": "closed"}, {}, Reception.ABANDONED),
        ({"state": "closed"}, {"notes": [[note(MONA, "This breaks staging.")]]}, Reception.REJECTED),
        ({"state": "closed", "closed_by": MONA}, {"notes": [[note(MONA, "Superseded by !9.")]]}, Reception.ABANDONED),
        ({"state": "closed"}, {"notes": [[note(GUS, "This is bad.")]]}, Reception.ABANDONED),
        ({"state": "closed"}, {"awards": [{"name": "thumbsdown", "user": DAN}]}, Reception.REJECTED),
        ({}, {"approvals": [{"user": MONA}]}, Reception.ACCEPTED),
        ({}, {"commits": [commit(DAN, "Fix")]}, Reception.REVISED),
        ({}, {}, Reception.ABANDONED),
    ],
)
def test_outcomes(mr, more, wanted):
    assert reception(mr, **more) is wanted


def test_what_is_known_is_not_news():
    first = harvested(record(MERGED))
    later = harvested(record(MERGED | {"updated_at": "2026-05-03T00:00:00Z"}, commits=[commit(MONA, "x")]))
    assert news([], [first]) == (first,)
    assert news([first], [first]) == ()
    assert news([first], [later]) == (later,)
    assert news([later], [first]) == ()
    assert since([later, first]) == "2026-05-03T00:00:00Z"
    assert since([]) == ""


def test_harvesting_twice_changes_nothing():
    memory, book = (
        FakeMemory("acme/shop"),
        FakeLessonBook(lambda: "2026-05-03T00:00:00+00:00", "acme/shop", FakeJournal()),
    )
    objects = [record(MERGED, [[note(MONA, "Please never use pickle in this project.")]])]
    assert len(harvest(objects, memory, book)) == 1
    before = memory.feedback(), book.lessons()
    assert harvest(objects, memory, book) == ()
    assert (memory.feedback(), book.lessons()) == before
    assert len(book.lessons()) == 1


def test_a_retired_lesson_does_not_come_back():
    memory, book = (
        FakeMemory("acme/shop"),
        FakeLessonBook(lambda: "2026-05-03T00:00:00+00:00", "acme/shop", FakeJournal()),
    )
    objects = [record(MERGED, [[note(MONA, "Please never use pickle in this project.")]])]
    harvest(objects, memory, book)
    book.decide(book.lessons()[0].id, LessonState.RETIRED, "mona")
    harvest(objects, memory, book)
    assert [one.state for one in book.lessons()] == [LessonState.RETIRED]
    with pytest.raises(Refused):
        book.decide("nothing", LessonState.ACTIVE, "mona")


def test_whoever_is_interrupted_has_not_taken_notes_for_read():
    memory, book = FakeMemory("acme/shop"), FakeLessonBook(lambda: "", "acme/shop", FakeJournal())
    book.learn = lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        harvest([record(notes=[[note(MONA, "No numba, please.")]])], memory, book)
    assert memory.feedback() == ()
