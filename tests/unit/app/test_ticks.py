"""Whose tick counts: a maintainer's, by GitLab's own note about the lesson's own text, as the last word on that box."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from bot.app.ticks import heeded
from bot.domain.errors import ForgeError
from bot.domain.forge import Access, Issue, Note, User
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.report.board import Board, item
from bot.report.dashboard import dashboard
from tests.fakes.stores import FakeStores

BOT, MAX, DEV, ROBOT = User(1, "hotlap"), User(2, "max"), User(3, "dev"), User(4, "group_1_bot", bot=True)
LEVELS = {BOT.id: Access.MAINTAINER, MAX.id: Access.MAINTAINER, DEV.id: Access.DEVELOPER, ROBOT.id: Access.OWNER}
LESSON = Lesson("project:team/shop", "No numba, please.", ("x!1#note_2",), polarity=Polarity.AVOID)
OTHER = replace(LESSON, sentence="No caches, please.")


@dataclass
class FakeForge:
    """One dashboard issue with its notes."""

    description: str
    said: tuple = ()
    opened: bool = True
    levels: dict = field(default_factory=lambda: dict(LEVELS))

    def __post_init__(self) -> None:
        issue = Issue(1, "Hotlap dashboard", self.description, self.opened, BOT, "u")
        self.issue = issue
        self.talk = SimpleNamespace(notes=lambda _: self.said)
        self.directory = SimpleNamespace(me=lambda: BOT, access=self._access)

    def _access(self, user):
        if user not in self.levels:
            raise ForgeError("GitLab did not answer")
        return self.levels[user]


def note(author, lesson=LESSON, done="completed", *, system=True, text=None):
    body = f"marked the checklist item **{text or item(lesson)}** as {done}"
    return Note(1, body, author, "", "", system=system)


def shown(*ticked, lessons=(LESSON, OTHER)):
    text = dashboard([], [], [], [], 3, Board(lessons=lessons))
    for one in ticked:
        text = text.replace(f"- [ ] Lesson `{one.id}`", f"- [x] Lesson `{one.id}`")
    return text


def after(*notes, text=None, lessons=(LESSON, OTHER), **more):
    """Return the states of the lessons after the notes were heeded, and the remark on the first."""
    book = FakeStores(lambda: "").book()
    book.learn(lessons)
    forge = FakeForge(shown(LESSON) if text is None else text, notes, **more)
    found = heeded(forge, book, forge.issue)
    return [one.state for one in book.lessons()], found.remarks.get(LESSON.id, ""), found.agreed


YES, NO = [LessonState.ACTIVE, LessonState.PROPOSED], [LessonState.PROPOSED, LessonState.PROPOSED]


def test_the_tick_of_a_maintainer_counts_for_that_lesson_and_no_other():
    assert after(note(DEV), note(MAX)) == (YES, "", {LESSON.id})


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ((), "does not tell by whom"),
        ((note(MAX), note(DEV)), "dev, who is neither"),
        ((note(MAX), note(DEV, done="incomplete")), "does not tell by whom"),
        ((note(MAX, system=False),), "does not tell by whom"),
        ((note(BOT),), "does not tell by whom"),
        ((note(ROBOT),), "group_1_bot, who is neither"),
        ((note(MAX, OTHER),), "does not tell by whom"),
        ((note(MAX, text=item(LESSON).replace("No numba", "Numba")),), "does not tell by whom"),
        ((note(User(9, "gone")),), "could not be asked for"),
    ],
)
def test_any_other_tick_leaves_the_lesson_proposed_and_the_dashboard_says_why(notes, said):
    states, remark, agreed = after(*notes)
    assert (states, agreed) == (NO, frozenset())
    assert said in remark


def test_a_box_whose_text_somebody_changed_counts_for_nothing():
    text = shown(LESSON).replace("No numba", "Some numba")
    assert after(note(MAX), note(MAX, text=item(LESSON).replace("No numba", "Some numba")), text=text)[0] == NO


@pytest.mark.parametrize("more", [{"text": ""}, {"opened": False}])
def test_without_a_ticked_box_in_an_open_issue_nothing_is_asked(more):
    assert after(note(MAX), **more) == (NO, "", frozenset())


@pytest.mark.parametrize(("state", "agreed"), [(LessonState.RETIRED, 0), (LessonState.ACTIVE, 1)])
def test_what_was_decided_stays_as_it_is(state, agreed):
    decided = replace(LESSON, state=state)
    states, _, found = after(note(MAX), lessons=(decided, OTHER))
    assert (states[0], len(found)) == (state, agreed)
