"""Which tests are run first: few, known to enter what was changed, and only where the whole suite is slow."""

import pytest

from bot.app.workshop import Parts, Workshop
from bot.config import Config
from bot.domain.code import File, FileChange, Snapshot, Target
from bot.domain.job import Candidate, EditSet, Project
from bot.evaluate.contexts import Contexts
from bot.evaluate.judge import Base
from bot.evaluate.junit import Case
from bot.evaluate.tests_gate import Baseline
from bot.localize.index import Index
from tests.fakes.ports import FakeClock, FakeProgress
from tests.fakes.programs import FakeProgramSandbox

CORE = b"def hot():\n    return 1\n\n\ndef cold():\n    return 2\n\n\ndef made():\n    return 3\n"
TREE = Snapshot("b", {"core.py": File(CORE)})
TESTS = tuple(f"t.py::t{number}" for number in range(8))
ENTERED = {"core.py": {1: frozenset({5, 1}), 5: frozenset(range(5)), 9: frozenset({2})}}


class Recorded:
    def __init__(self, **more) -> None:
        self.found = Contexts(TESTS, ENTERED, {"core.py": frozenset({9})}, **more)
        self.trees = []

    def __call__(self, tree) -> Contexts:
        self.trees.append(tree)
        return self.found


def candidate(old, new, tree=TREE):
    before = tree.data("core.py")
    change = FileChange("core.py", before, before.replace(old, new))
    return Candidate(EditSet((change,)), tree.commit, "", "rules", Target(Index(tree).functions("core.py")[0]))


def first(recorded, asked, *, seconds=60.0, base=TREE, total=8):
    parts = Parts(
        None, None, None, None, None, None, None, FakeProgress(), FakeClock(),
        FakeProgramSandbox(None), FakeProgramSandbox(None), lambda: 1, contexts=recorded,
    )  # fmt: skip
    baseline = Baseline(TREE, {f"t{number}": Case.PASSED for number in range(total)}, (), seconds)
    ground = Base(TREE, lambda: baseline, lambda: None).moved_to(base)
    shop = Workshop(Project("/py", ("",), None, ()), Config(), parts)
    return [shop.first_tests(ground, one) for one in asked][-1]


def test_the_tests_that_enter_a_changed_function_come_first_and_are_recorded_once():
    recorded = Recorded()
    change = candidate(b"return 1", b"return 11")
    assert first(recorded, [change, change]) == ("t.py::t1", "t.py::t5")
    assert recorded.trees == [TREE]


def test_after_an_accepted_change_they_are_those_of_the_first_base():
    recorded = Recorded()
    moved = Snapshot("c", {"core.py": File(CORE.replace(b"def hot", b"\n\n\ndef hot"))})
    assert first(recorded, [candidate(b"return 1", b"return 11", moved)], base=moved) == ("t.py::t1", "t.py::t5")
    assert recorded.trees == [TREE]


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ((b"return 1", b"return 11"), {"seconds": 2.0}),
        ((b"return 2", b"return 22"), {}),
        ((b"return 3", b"return 33"), {}),
        ((b"return 1", b"return 1  # fast"), {"total": 3}),
    ],
    ids=["a fast suite", "most tests enter it", "a fixture of all enters it", "two of three"],
)
def test_otherwise_none_do(change, more):
    recorded = Recorded()
    assert first(recorded, [candidate(*change)], **more) == ()


def test_a_suite_that_cannot_be_followed_is_run_whole():
    recorded = Recorded()
    recorded.found = Contexts(reason="the test command 'make' is not pytest")
    change = candidate(b"return 1", b"return 11")
    assert first(recorded, [change, change]) == ()
    assert len(recorded.trees) == 1
