"""What the dashboard remembers: boxes for lessons that count only as they were written, and opportunities in order."""

from dataclasses import replace

import pytest

from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.suggestion import Suggestion, SuggestionState
from bot.report.board import Board, item, marked, same_text, ticked_lessons
from bot.report.dashboard import dashboard, ticked
from tests.fakes import reports

LESSON = Lesson("project:team/shop", "No numba, please.", ("team/shop!1#note_2",), polarity=Polarity.AVOID)
OPEN = Suggestion("a" * 12, "team/shop", "shop.py::known", "", "hot", 1.3, 0.3, 0.034, "2026-01-01T00:00:00+00:00")


def shown(**values):
    return dashboard([], ["shop.py::known", "shop.py::count"], [], [], 3, Board(**values))


def test_a_proposed_lesson_has_a_box_with_its_sentence_and_where_it_was_said():
    text = shown(lessons=(LESSON,))
    assert f"- [ ] Lesson `{LESSON.id}` (avoid, `project team/shop`): No numba, please." in text
    assert "  - said in `team/shop!1#note_2`" in text
    assert ticked_lessons(text) == {}


@pytest.mark.parametrize("state", [LessonState.ACTIVE, LessonState.RETIRED])
def test_what_was_decided_waits_for_nobody(state):
    assert "Lesson `" not in shown(lessons=(replace(LESSON, state=state),))


def test_what_single_candidates_taught_is_not_for_people():
    assert "Lesson `" not in shown(lessons=(replace(LESSON, scope="candidate:abc"),))


def test_a_ticked_box_gives_the_lesson_and_its_text_and_is_no_function():
    text = shown(lessons=(LESSON,)).replace("- [ ] Lesson", "- [x] Lesson")
    (found,) = ticked_lessons(text.replace("\n", "\r\n")).values()
    assert found == item(LESSON)
    assert ticked(text) == ()


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("marked the checklist item **Lesson `a` x** as completed", ("Lesson `a` x", True)),
        ("marked the checklist item **Lesson `a` x** as incomplete", ("Lesson `a` x", False)),
        ("marked the task **Lesson `a` **x** y** as completed", ("Lesson `a` **x** y", True)),
        ("I marked the checklist item **Lesson `a` x** as completed", None),
        ("marked the checklist item **Lesson `a` x** as completed, did I?", None),
        ("changed the description", None),
    ],
)
def test_the_notes_of_gitlab_are_read_to_the_letter(note, found):
    assert marked(note) == found


def test_a_text_is_the_same_without_its_marks_and_not_without_a_word():
    assert same_text("No \u200bnumba\\, please", "no numba, please")
    assert not same_text("No numba, please", "numba, please")


def test_a_remark_and_a_tick_that_stays_are_shown():
    text = shown(lessons=(LESSON,), remarks={LESSON.id: "it was ticked by @dev"})
    assert "ticked by @\u200bdev" in text
    active = replace(LESSON, state=LessonState.ACTIVE)
    assert "- [x] Lesson" in shown(lessons=(active,), ticked={LESSON.id})


def test_the_text_of_a_stranger_is_text():
    hostile = replace(LESSON, sentence=reports.HOSTILE, scope=f"path:{reports.HOSTILE}", evidence=(reports.HOSTILE,))
    text = shown(lessons=(hostile,), remarks={hostile.id: reports.HOSTILE}, notes=(reports.HOSTILE,))
    assert not [line for line in text.splitlines() if line.lstrip("- ").startswith(("/merge", "/approve"))]
    assert "@all" not in text.replace("`", "")[: text.index("### Lessons")]
    assert len([line for line in text.splitlines() if line.startswith("- [")]) == 3


def test_open_opportunities_come_first_the_most_urgent_on_top():
    urgent = replace(OPEN, id="b" * 12, target="shop.py::count", priority=0.5, gain=2.0, confidence=0.9)
    taken = replace(OPEN, id="c" * 12, target="shop.py::done", state=SuggestionState.TAKEN)
    lines = [line for line in shown(suggestions=(OPEN, taken, urgent)).splitlines() if line.startswith("- [ ]")]
    assert lines == [
        "- [ ] `shop.py::count`: 2.00 times faster, confidence 90%; hot",
        "- [ ] `shop.py::known`: 1.30 times faster, confidence 30%; hot",
    ]
    assert ticked("\n".join(lines).replace("[ ]", "[x]", 1)) == ("shop.py::count",)
