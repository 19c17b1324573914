"""Which target comes next, and when there is none."""

from dataclasses import replace

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FileChange, FunctionId, Snapshot, Span, Target
from bot.domain.evidence import Outcome
from bot.domain.job import Budget, Candidate, EditSet
from bot.search.agenda import Agenda, left
from bot.search.loop import Search
from tests.fakes.ports import FakeClock, FakeProgress, verdict

TREE = Snapshot("c0ffee")


def target(name, body="h", **more):
    return Target(FunctionId(name, Span("a.py", 1, 2), body), **more)


def candidate(name, *, polish):
    return Candidate(EditSet((FileChange("a.py", b"", name.encode()),)), "c0ffee", "why", name, polish=polish)


class Proposer:
    name = "fake"

    def __init__(self, **found) -> None:
        self.found = found
        self.asked = []

    def propose(self, target, tree, lessons):
        self.asked.append(target.function.qualname)
        yield from self.found.get(target.function.qualname, ())


COLD = Proposer(
    hot=[candidate("hot-polish", polish=True)],
    warm=[candidate("warm-index", polish=False), candidate("warm-polish", polish=True)],
)
TARGETS = (target("idle", skip="cannot pay"), target("hot"), target("warm"), target("none"))


def following(attempts=(), targets=TARGETS, proposer=COLD):
    agenda = Agenda(Search(proposer, FakeProgress(), FakeClock()), ())
    task = agenda.next(targets, TREE, attempts, 40)
    return None if task is None else [one.proposer for one in task.candidates]


def tried(name, *candidates):
    return Attempt(target(name), tuple(Tried(one, verdict(Outcome.REJECTED)) for one in candidates))


INDEX = tried("warm", candidate("warm-index", polish=False))
POLISH = tried("hot", candidate("hot-polish", polish=True))


def test_less_work_comes_before_cheaper_work_even_in_a_cooler_function():
    assert following() == ["warm-index"]
    assert following([INDEX]) == ["hot-polish"]
    assert following([INDEX, POLISH]) == ["warm-polish"]


def test_nothing_is_tried_twice_on_the_same_text():
    done = [INDEX, POLISH, tried("warm", candidate("warm-polish", polish=True))]
    assert following(done) is None
    assert following(done, targets=(target("warm", body="other"),)) == ["warm-index"]


def test_skipped_targets_are_not_asked_for():
    proposer = Proposer()
    assert following(proposer=proposer) is None
    assert "idle" not in proposer.asked


def test_the_budget_ends_it():
    assert left([INDEX], Budget()) == 39
    assert left([INDEX], Budget(candidates=1)) == 0
    assert left([INDEX, POLISH], Budget(candidates=1)) == 0
    assert left([INDEX], Budget(targets=1)) == 0


def test_a_branch_holds_no_more_changes_than_were_asked_for():
    accepted = replace(INDEX, accepted=INDEX.tried[0])
    assert left([accepted], Budget(changes=2)) == 39
    assert left([accepted], Budget(changes=1)) == 0
    assert left([INDEX], Budget(changes=1)) == 39


def test_no_more_candidates_than_are_left():
    two = Proposer(hot=[candidate("a", polish=False), candidate("b", polish=False)])
    task = Agenda(Search(two, FakeProgress(), FakeClock()), ()).next((target("hot"),), TREE, [], 1)
    assert [one.proposer for one in task.candidates] == ["a"]


def test_candidates_are_written_once_for_a_tree():
    proposer = Proposer(hot=[candidate("x", polish=False)])
    agenda = Agenda(Search(proposer, FakeProgress(), FakeClock()), ())
    for _ in range(3):
        agenda.next((target("hot"),), TREE, [], 40)
    assert proposer.asked == ["hot"]
