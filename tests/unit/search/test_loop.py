"""Order, limits and the end of the search for one target."""

from bot.domain.code import FileChange, FunctionId, Snapshot, Span, Target
from bot.domain.evidence import Outcome
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import Lesson, LessonState
from bot.search.loop import Search
from tests.fakes.ports import FakeClock, FakeJudge, FakeProgress, FakeProposer

TARGET = Target(FunctionId("f", Span("a.py", 1, 2), "h"))
TREE = Snapshot("c0ffee")


def candidate(name, after=None):
    body = (after or name).encode()
    return Candidate(EditSet((FileChange("a.py", b"", body),)), "c0ffee", "because", name, TARGET)


def search(candidates, judge, lessons=(), limit=10, deadline=None, clock=None):
    loop = Search(FakeProposer(candidates), FakeProgress(), clock or FakeClock())
    return loop.run(TARGET, loop.candidates(TARGET, TREE, lessons)[:limit], judge, deadline)


def test_the_first_confirmed_candidate_is_kept_and_the_rest_not_tried():
    judge = FakeJudge(screened={"a": Outcome.REJECTED})
    found = search([candidate("a"), candidate("b"), candidate("c")], judge)
    assert found.accepted.candidate.proposer == "b"
    assert judge.asked == [("screen", "a", 3), ("screen", "b", 3), ("confirm", "b")]


def test_the_order_is_the_proposers_and_the_number_is_bounded():
    judge = FakeJudge(screened=dict.fromkeys("abcdefgh", Outcome.REJECTED))
    search([candidate(name) for name in "bacdefgh"], judge)
    assert [name for _, name, _ in judge.asked] == list("bacde")


def test_a_gain_that_is_not_confirmed_goes_on_with_the_next():
    judge = FakeJudge(confirmed={"a": Outcome.REJECTED})
    found = search([candidate("a"), candidate("b")], judge)
    assert [one.verdict.outcome for one in found.tried] == [Outcome.REJECTED, Outcome.ACCEPTED]


def test_held_candidates_are_not_accepted():
    found = search([candidate("a")], FakeJudge(confirmed={"a": Outcome.HELD}))
    assert found.accepted is None
    assert found.tried[0].verdict.outcome is Outcome.HELD


def test_equal_edits_are_tried_once():
    judge = FakeJudge(screened={"a": Outcome.REJECTED})
    found = search([candidate("a", "same"), candidate("b", "same")], judge)
    assert len(found.tried) == 1


def test_what_was_disproved_on_this_commit_is_not_tried_again():
    one = candidate("a")
    active = Lesson(f"candidate:{one.id}", "no", state=LessonState.ACTIVE)
    assert search([one], FakeJudge(), [active]).tried == ()
    proposed = Lesson(f"candidate:{one.id}", "slow", state=LessonState.PROPOSED)
    assert len(search([one], FakeJudge(), [proposed]).tried) == 1


def test_limit_and_deadline_end_the_search():
    judge = FakeJudge(screened=dict.fromkeys("abcd", Outcome.REJECTED))
    assert len(search([candidate(name) for name in "abcd"], judge, limit=2).tried) == 2
    found = search([candidate(name) for name in "abcd"], judge, deadline=2.5, clock=FakeClock(tick=1.0))
    assert len(found.tried) == 2
    assert found.untried == 2


def test_nothing_proposed_is_an_attempt_without_trials():
    assert search([], FakeJudge()).tried == ()
