"""Merged optimisations on one machine: tests first, then the tree as it is against the tree without them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.app.ci.evaluate import evaluate
from bot.domain.code import FileChange, Snapshot
from bot.domain.errors import ExchangeError, Refused, SandboxError
from bot.domain.evidence import Canary, Decision, Isolation, Machine, TestsEvidence
from bot.domain.exchange import PlannedChange, PlannedCheck
from bot.domain.hardware import Hardware
from bot.domain.job import Budget
from tests.fakes import exchange as made
from tests.fakes import reports
from tests.fakes.ports import FakeBench, FakeClock, FakeProgress, canary

OLD = "b" * 40
CHECK = PlannedCheck(
    "group/shop!7:bench", made.COMMIT, "bench", "here",
    (PlannedChange.of(FileChange(made.PATH, reports.BEFORE, reports.AFTER)),),
)  # fmt: skip


class FakeShop:
    """A workshop in which trees are measured; `bench.asked` keeps what was timed."""

    def __init__(self, *, tests=None, fault=None, tick=0.0) -> None:
        self.timed, self.bases, self.ran = [], [], tests or TestsEvidence(3, 3, 0, 0)
        self.fault = fault
        self.parts = SimpleNamespace(
            bench=self, tests=self, clock=FakeClock(tick=tick), progress=FakeProgress(), isolation=Isolation.NAMESPACE,
            notes=tuple, checkout=SimpleNamespace(snapshot=lambda sha: Snapshot(sha, made.TREE.files)),
        )  # fmt: skip

    def machine(self):
        return FakeBench().machine()

    def base(self, tree, names):
        self.bases.append(tree.commit)
        return SimpleNamespace(tree=tree, baseline=lambda: "baseline", canary=canary)

    def judge(self, base):
        return None

    def check(self, baseline, tree):
        return self.ran

    def confirm(self, base, candidate, names):
        if self.fault is not None:
            raise self.fault
        self.timed.append((base.data(made.PATH), candidate.data(made.PATH), tuple(names)))
        return (made.comparison(1.4, "bench"),)


def measured(shop, *checks, hardware="here", **order):
    plan = replace(made.plan(**order), candidates=(), checks=checks)
    return evaluate(shop, made.TREE, plan, "d" * 64, Hardware(hardware), lambda _: None)


def test_the_tree_without_the_change_is_the_base_and_the_tree_as_it_is_the_candidate():
    shop = FakeShop()
    (found,) = measured(shop, CHECK).checked
    assert shop.timed == [(reports.AFTER, reports.BEFORE, ("bench",))]
    assert (found.entry, found.commit, found.comparison.benchmark) == (CHECK.entry, made.COMMIT, "bench")


def test_a_step_of_a_bisection_has_a_base_of_its_own():
    shop = FakeShop()
    assert len(measured(shop, CHECK, replace(CHECK, commit=OLD)).checked) == 2
    assert shop.bases == [made.COMMIT, OLD]


def test_where_the_tests_need_it_by_now_nothing_is_timed():
    shop = FakeShop(tests=TestsEvidence(3, 2, 1, 0, newly_failing=("tests/test_a.py::test_b",)))
    (found,) = measured(shop, CHECK).checked
    assert (found.comparison, shop.timed) == (None, [])
    assert "the tests need it by now: tests/test_a.py::test_b fails" in found.why


def test_a_benchmark_that_does_not_run_any_more_is_said_and_a_fault_of_the_machine_is_not_held_against_the_line():
    (found,) = measured(FakeShop(fault=Refused("bench does not run on the base")), CHECK).checked
    assert found.why == "bench does not run on the base"
    assert measured(FakeShop(fault=SandboxError("no box")), CHECK).checked == ()


def test_checks_of_another_machine_and_those_beyond_their_share_of_the_time_wait():
    assert measured(FakeShop(), CHECK, hardware="epyc").checked == ()
    found = measured(FakeShop(tick=3.0), CHECK, CHECK, CHECK, budget=Budget(seconds=60.0))
    assert 0 < len(found.checked) < 3


def test_a_tree_that_is_not_the_one_of_the_plan_is_not_measured():
    other = replace(CHECK, changes=(replace(CHECK.changes[0], before="0" * 64),))
    found = measured(FakeShop(), other)
    assert (found.checked, "is not the file" in found.fault) == ((), True)
    with pytest.raises(ExchangeError):
        other.changes[0].on(made.TREE.files)


def test_a_noisy_machine_says_nothing():
    shop = FakeShop()
    noisy = Canary(10, 0.2, Decision.UNDECIDED, quiet=False, sentence="too noisy")
    shop.base = lambda tree, _: SimpleNamespace(tree=tree, baseline=lambda: None, canary=lambda: noisy)
    found = measured(shop, CHECK)
    assert (found.checked, found.fault) == ((), "too noisy")
    assert isinstance(found.machine, Machine)
