from bot.app.opportunities import remember, urgency
from bot.domain.code import File, FunctionId, Snapshot, Span, Target
from bot.domain.evidence import Outcome
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.suggestion import SuggestionState
from bot.learn.suggestions import Seen
from tests.fakes.stores import FakeMemory
from tests.fakes.tried import attempt

AT = "2026-11-21T10:00:00+00:00"
TREE = Snapshot("c", {"pkg/module.py": File(b"def work():\n    return 1\n\ndef other():\n    return 2\n")})


def hot(name, path="pkg/module.py"):
    return Target(FunctionId(name, Span(path, 1, 2), "h"), ("b",), 0.4, 0.5, 0.8, 1, 5.0)


def seen(*names, attempts=()):
    return Seen("group/name", AT, [hot(name) for name in names], attempts)


def test_what_was_found_and_not_taken_stays_open_until_it_is_taken():
    memory = FakeMemory("group/name")
    found = remember(seen("work", "other"), TREE, (), memory)
    assert {one.target for one in found} == {"pkg/module.py::work", "pkg/module.py::other"}
    found = remember(seen("work", "other", attempts=[attempt(0)]), TREE, (), memory)
    assert {one.target for one in found} == {"pkg/module.py::other"}
    states = {one.target: one.state for one in memory.suggestions()}
    assert states["pkg/module.py::work"] is SuggestionState.TAKEN


def test_a_function_that_is_gone_is_no_opportunity():
    memory = FakeMemory("group/name")
    remember(seen("work", "other"), TREE, (), memory)
    assert remember(seen(), Snapshot("d", {}), (), memory) == ()
    assert {one.state for one in memory.suggestions()} == {SuggestionState.GONE}


def test_what_a_lesson_leaves_alone_is_declined():
    memory = FakeMemory("group/name")
    remember(seen("work"), TREE, (), memory)
    lesson = Lesson("path:pkg/", "Hands off.", (), LessonState.ACTIVE, Polarity.AVOID)
    assert remember(seen("work"), TREE, [lesson], memory) == ()
    assert {one.state for one in memory.suggestions()} == {SuggestionState.DECLINED}


def test_a_held_change_is_an_opportunity_with_its_proven_gain():
    memory = FakeMemory("group/name")
    found = remember(seen("work", attempts=[attempt(0, outcome=Outcome.HELD, ratio=3.0)]), TREE, (), memory)
    assert max(one.gain for one in found) > 2.5


def test_what_was_refused_is_less_urgent_than_what_was_not_tried():
    memory = FakeMemory("group/name")
    remember(seen("work", "other", attempts=[attempt(0, outcome=Outcome.REJECTED)]), TREE, (), memory)
    found = urgency(seen("work", "other", "new"), (), memory)
    assert found["pkg/module.py::work"] < found["pkg/module.py::other"] == found["pkg/module.py::new"]
    lesson = Lesson("path:pkg/", "Hands off.", (), LessonState.ACTIVE, Polarity.AVOID)
    assert urgency(seen("work"), [lesson], memory) == {}
