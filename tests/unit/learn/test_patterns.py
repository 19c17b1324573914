"""Shapes that recur, how they fared, what they are worth, and what they say about the next opportunity."""

import pytest

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FileChange, FunctionId, Span, Target
from bot.domain.evidence import Outcome
from bot.domain.feedback import Change, Feedback, Reception
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.restraint import Restraints
from bot.domain.suggestion import SuggestionState
from bot.learn.patterns import Member, edit_patterns, joined, members_of, wilson, worth
from bot.learn.priors import Prior, expected, priors
from bot.learn.shapes import shape
from bot.learn.suggestions import Seen, settled, suggested
from tests.fakes.ports import comparison, verdict

LOOP = "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x + 1)\n    return out\n"
LIST = "def f(xs):\n    return [x + 1 for x in xs]\n"


def change(before, after, path="a.py"):
    return FileChange(path, before.encode(), after.encode())


def shaped(before, after):
    return shape([change(before, after)])


def test_names_and_numbers_do_not_matter():
    other = LOOP.replace("xs", "rows").replace("out", "done").replace("x", "row").replace("rorows", "rows")
    assert shaped(LOOP, LIST) == shaped(
        "def g(a):\n    b = []\n    for c in a:\n        b.append(c + 7)\n    return b\n",
        "def g(a):\n    return [c + 7 for c in a]\n",
    )
    assert shaped(LOOP, LIST) != shaped(LIST, LOOP)
    assert shaped(other, other) == ""


def test_what_is_called_matters():
    assert shaped(LOOP, LIST) != shaped(LOOP.replace("append", "add"), LIST)
    assert "import numpy" in shaped("x = 1\n", "import numpy\nx = 1\n")


def test_what_does_not_parse_has_no_shape():
    assert shaped("def (", "def )") == ""
    assert shape([FileChange("a.txt", b"x", b"y")]) == ""
    assert shape([FileChange("a.py", None, b"x = 1\n")]) == "+ Assign(v0, int)"


def member(accepted, day, gain=2.0, **more):
    return Member("- A\n+ B", accepted, f"2026-05-{day:02d}", gain if accepted else None, **more)


def test_a_pattern_says_how_its_members_fared():
    (found,) = edit_patterns(
        [member(True, 3), member(True, 1, 4.0, reviewed=True), member(False, 2, reviewed=True), Member("", True, "x")]
    )
    assert (found.frequency, found.validations) == (3, 2)
    assert (found.first_seen, found.last_seen) == ("2026-05-01", "2026-05-03")
    assert found.improvement == 3.0
    assert found.confidence == pytest.approx(wilson(2, 3), abs=1e-6)


def test_once_is_no_pattern():
    assert edit_patterns([member(True, 1)]) == ()


def test_more_of_the_same_is_surer():
    few = edit_patterns([member(True, 1)] * 2)[0]
    many = edit_patterns([member(True, 1)] * 20)[0]
    assert 0 < few.confidence < many.confidence < 1
    assert worth(few) < worth(many)
    assert wilson(0, 0) == 0.0
    assert wilson(5, 10) == pytest.approx(0.2366, abs=1e-4)  # Newcombe 1998, method 3


def test_runs_add_up():
    old = edit_patterns([member(True, 1, 4.0), member(False, 2)])
    new = edit_patterns([member(True, 8, 1.0), member(True, 9, 1.0), member(False, 9)])
    (found,) = joined(old, new)
    assert found.confidence == pytest.approx(wilson(3, 5), abs=1e-6)
    assert (found.frequency, found.first_seen, found.last_seen) == (5, "2026-05-01", "2026-05-09")
    assert found.improvement == pytest.approx(4 ** (1 / 3), abs=1e-5)
    assert found.description.endswith("3 of 5 accepted")
    assert joined((), new) == new


def test_members_come_from_what_was_decided():
    attempts = [
        Attempt(
            target("f", 0.5),
            (tried("f", Outcome.ACCEPTED, 3.0), tried("f", Outcome.UNKNOWN), tried("f", Outcome.REJECTED)),
        )
    ]
    first, second = members_of(attempts, "2026-05-01")
    assert (first.accepted, first.gain, first.about) == (True, 3.0, "hoisting")
    assert not second.accepted


def target(name, share, **more):
    return Target(
        FunctionId(name, Span("a.py", 1, 2), name), share_total=share, bound=1 / (1 - share), why="hot", **more
    )


def tried(name, outcome, gain=2.0):
    edits = EditSet((change("x", "y"),))
    candidate = Candidate(edits, "c0ffee", "why", "rules/hoist-invariants", target(name, 0.5))
    return Tried(candidate, verdict(outcome, comparisons=(comparison(ratio=gain),)))


def names(seen, restraints=None):
    return [one.target.partition("::")[2] for one in suggested(seen, (), restraints or Restraints())]


def test_the_hottest_comes_first_and_what_was_refused_later():
    seen = Seen(
        "p", "t", [target("cool", 0.1), target("hot", 0.8), target("cold", 0.9, skip="no benchmark reaches it")]
    )
    assert names(seen) == ["hot", "cool"]
    attempt = Attempt(target("hot", 0.8), (tried("hot", Outcome.REJECTED),) * 9)
    assert names(Seen("p", "t", seen.targets, [attempt])) == ["cool", "hot"]


def test_what_was_taken_is_no_suggestion_and_what_is_held_is_the_first():
    won = tried("hot", Outcome.ACCEPTED)
    taken = Attempt(target("hot", 0.8), (won,), accepted=won)
    held = Attempt(target("warm", 0.5), (tried("warm", Outcome.HELD),))
    seen = Seen("p", "t", [target("hot", 0.8), target("warm", 0.5), target("cool", 0.1)], [taken, held])
    assert names(seen)[0] == "warm"
    assert "hot" not in names(seen)


def test_no_gain_is_promised_beyond_what_the_profile_allows():
    for one in suggested(Seen("p", "t", [target("a", 0.5), target("b", 0.01)]), (), Restraints()):
        assert 1 <= one.gain <= 2
        assert 0 <= one.priority <= 1


def test_lessons_decline():
    lesson = Lesson("path:a.py", "Leave it.", (), LessonState.ACTIVE, Polarity.AVOID)
    restraints = Restraints.of([lesson])
    seen = Seen("p", "t", [target("hot", 0.8)])
    open_ones = suggested(seen, (), Restraints())
    assert suggested(seen, (), restraints) == ()
    assert [one.state for one in settled(open_ones, seen, restraints, {"a.py::hot"})] == [SuggestionState.DECLINED]
    assert [one.state for one in settled(open_ones, seen, Restraints(), set())] == [SuggestionState.GONE]
    assert settled(open_ones, seen, Restraints(), {"a.py::hot"}) == ()
    won = tried("hot", Outcome.ACCEPTED)
    later = Seen("p", "t", (), [Attempt(target("hot", 0.8), (won,), accepted=won)])
    assert [one.state for one in settled(open_ones, later, Restraints(), {"a.py::hot"})] == [SuggestionState.TAKEN]


def feedback(reception, rule="hoist-invariants", **more):
    return Feedback("p", 1, "merged", reception, Change(kind="hoisting", rules=(rule,)), **more)


def test_what_people_take_is_expected_to_be_taken():
    one = tried("hot", Outcome.ACCEPTED).candidate
    assert expected(one, priors([], [])) == 0.5
    assert expected(one, priors([feedback(Reception.ACCEPTED)] * 3, [])) == pytest.approx(0.8)
    assert expected(one, priors([feedback(Reception.REJECTED)] * 3, [])) == pytest.approx(0.2)
    assert expected(one, priors([feedback(Reception.ABANDONED)] * 3, [])) == 0.5
    assert expected(one, priors([feedback(Reception.ABANDONED, thumbs_down=2)], [])) < 0.5
    wanted = Lesson("kind:hoisting", "More of these.", (), LessonState.ACTIVE, Polarity.PREFER)
    assert expected(one, priors([], [wanted])) == pytest.approx(0.8)
    assert Prior(1, 1).mean == 0.5
