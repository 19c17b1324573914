"""Lock-step measurement with real processes in the weakest sandbox: honest trees, wrong ones, and ones that die."""

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import ANSWER_DIFFERS, CACHED, CANDIDATE_FAILED, Decision
from bot.domain.job import Project
from bot.evaluate.bench import LockStep, LockStepSettings
from tests.fakes.ports import FakeProgress

INSIDE = Path(__file__).parents[3] / "bot" / "evaluate" / "inside"
BENCH = """
from work import total, sort
import random

def bench_total():
    return total()

def setup_sort(seed):
    source = random.Random(seed)
    return [source.random() for _ in range(300)]

def bench_sort(xs):
    return sort(xs)
"""
TOTAL, SORT = "bench_work.py::bench_total", "bench_work.py::bench_sort"
SLOW_TOTAL = "return sum([number * number for number in range(2000)] + [0 for _ in range(3000)])"
FAST_TOTAL = "return sum([number * number for number in range(2000)])"


def tree(total=FAST_TOTAL, sort="return sorted(xs)", head=""):
    work = f"import os, time\n{head}\ndef total():\n    {total}\n\ndef sort(xs):\n    {sort}\n"
    return Snapshot("", {"work.py": File(work.encode()), "bench_work.py": File(BENCH.encode())})


METRICS = """
import time, work
time.sleep(0.05)

def bench_same():
    return work.total()
bench_same.rows, bench_same.features, bench_same.size = 2000, 3, 4096

def setup_own(seed):
    return list(range(seed, seed + 3000))

def bench_own(xs):
    return work.sort(xs)
bench_own.rows = "many"

def setup_used(seed):
    return list(range(3000))

def bench_used(xs):
    while xs:
        xs.pop()
    return len(xs)
"""


@pytest.fixture
def lock_step():
    tools = {path.name: path.read_bytes() for path in INSIDE.glob("*.py")}
    project = Project(sys.executable, ("",), None, (("functions", "bench_work.py"),))

    def make(**changes):
        return LockStep(ProcessSandbox(tools), project, LockStepSettings(**changes), FakeProgress())

    return make


def one(found):
    assert len(found) == 1
    return found[0]


def test_collect_runs_every_benchmark_once(lock_step):
    found = lock_step().collect(tree())
    assert [(each.name, each.kind) for each in found] == [(TOTAL, "functions"), (SORT, "functions")]


def test_collect_leaves_out_what_fails(lock_step):
    assert [each.name for each in lock_step().collect(tree(total="raise ValueError('broken')"))] == [SORT]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"total": "raise ValueError('broken')", "sort": "raise KeyError"}, "ValueError: broken"),
        ({"head": "import nowhere"}, "ModuleNotFoundError: No module named 'nowhere'"),
        ({"total": "os._exit(7)"}, "bench_total does not run: the driver ended with code 7"),
    ],
)
def test_collect_refuses_with_the_first_failure(lock_step, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        lock_step().collect(tree(**changes))


@pytest.mark.measures
def test_the_same_tree_is_never_called_different(lock_step):
    found = lock_step().decide(tree(), tree(), [TOTAL, SORT])
    assert [each.benchmark for each in found] == [TOTAL, SORT]
    for each in found:
        assert each.decision in {Decision.EQUIVALENT, Decision.UNDECIDED}
        assert each.ratio.low < 1.03
        assert each.note == ""


@pytest.mark.measures
def test_the_canary_has_an_answer(lock_step):
    found = lock_step().canary(tree(), [TOTAL])
    assert found.pairs == 10
    assert found.robust_sd > 0
    assert found.quiet or "machine too noisy" in found.sentence


@pytest.mark.measures
def test_a_real_gain_is_found_and_confirmed(lock_step):
    bench = lock_step()
    decided = one(bench.decide(tree(SLOW_TOTAL), tree(), [TOTAL]))
    assert decided.decision is Decision.FASTER
    assert not decided.confirmed
    confirmed = one(bench.confirm(tree(SLOW_TOTAL), tree(), [TOTAL]))
    assert (confirmed.decision, confirmed.confirmed, confirmed.note) == (Decision.FASTER, True, "")
    assert confirmed.pairs == len(confirmed.samples) == 20
    assert 1.2 < confirmed.ratio.low < confirmed.ratio.estimate < confirmed.ratio.high
    assert confirmed.cpu_ratio.low > 1.1
    assert confirmed.base.wall_seconds > confirmed.candidate.wall_seconds > 0
    assert confirmed.base.peak_bytes > 1 << 20


@pytest.mark.measures
def test_a_loss_is_found(lock_step):
    assert one(lock_step().decide(tree(), tree(SLOW_TOTAL), [TOTAL])).decision is Decision.SLOWER


@pytest.mark.measures
@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"sort": "return sorted(xs)[::-1]"}, ANSWER_DIFFERS),
        ({"sort": "return tuple(sorted(xs))"}, ANSWER_DIFFERS),
        ({"sort": "return (x for x in sorted(xs))"}, ANSWER_DIFFERS),
        ({"head": "seen = []", "sort": "seen.append(1); return sorted(xs) if len(seen) < 40 else xs"}, ANSWER_DIFFERS),
        ({"sort": "raise ValueError('no')"}, f"{CANDIDATE_FAILED}: ValueError: no"),
        ({"sort": "os._exit(0)"}, CANDIDATE_FAILED),
        ({"head": "import nowhere"}, CANDIDATE_FAILED),
    ],
)
def test_a_wrong_candidate_is_a_note_and_no_number(lock_step, changes, note):
    found = one(lock_step().decide(tree(), tree(**changes), [SORT]))
    assert found.note.startswith(note)
    assert (found.decision, found.ratio.estimate) == (Decision.UNDECIDED, 1.0)


@pytest.mark.measures
def test_a_candidate_that_hangs_is_given_up(lock_step):
    found = one(lock_step(timeout=2).decide(tree(), tree(sort="time.sleep(60)"), [SORT]))
    assert found.note == f"{CANDIDATE_FAILED}: the driver did not answer in time"


@pytest.mark.measures
@pytest.mark.parametrize("sort", ["raise ValueError('no')", "os._exit(0)"])
def test_a_base_that_fails_is_refused_even_if_the_candidate_fails_too(lock_step, sort):
    with pytest.raises(Refused, match=r"bench_sort does not run on the base"):
        lock_step().decide(tree(sort=sort), tree(sort=sort), [SORT])


@pytest.mark.measures
def test_a_benchmark_that_is_not_there_is_refused(lock_step):
    with pytest.raises(Refused, match="missing"):
        lock_step().decide(tree(), tree(), ["bench_work.py::bench_none"])


@pytest.mark.measures
def test_a_memo_is_noted_as_cached(lock_step):
    work = FAST_TOTAL.replace("2000", "40000")
    memo = tree("return memo()", head=f"import functools\n@functools.lru_cache\ndef memo():\n    {work}\n")
    found = one(lock_step().decide(tree(work), memo, [TOTAL]))
    assert (found.decision, found.note) == (Decision.FASTER, CACHED)


@pytest.mark.measures
def test_a_memo_does_not_help_where_every_call_has_its_own_input(lock_step):
    memo = tree(head="memo = {}", sort="return memo.setdefault(tuple(xs), sorted(xs))[:]")
    found = one(lock_step().decide(tree(), memo, [SORT]))
    assert found.decision is not Decision.FASTER


@pytest.mark.measures
def test_work_that_is_done_when_the_answer_is_read_is_not_a_gain(lock_step):
    head = (
        "def compute():\n    return sorted(range(20000), key=str)\n"
        "def later(items):\n    for x in items():\n        yield x\n"
    )
    # The same type in both arms, inside a tuple: only when it is read does the second one do its work.
    eager = tree("found = compute(); return (later(lambda: found),)", head=head)
    lazy = tree("return (later(compute),)", head=head)
    found = one(lock_step().decide(eager, lazy, [TOTAL]))
    assert found.ratio.low > 2
    assert (found.decision, found.note) == (
        Decision.UNDECIDED,
        "the time saved in calls comes back when their answers are read",
    )


@pytest.mark.measures
def test_state_that_a_call_changes_is_noted(lock_step):
    growing = tree("seen.extend(range(50)); return sum(seen) * 0", head="seen = []")
    assert one(lock_step(most_pairs=10).decide(growing, growing, [TOTAL])).note.startswith(
        "calls get slower from slice to slice"
    )


@pytest.mark.measures
def test_answers_that_the_base_does_not_repeat_are_not_held_against_the_candidate(lock_step):
    clock = tree("time.sleep(0.002); return time.perf_counter_ns()")
    found = one(lock_step().decide(clock, clock, [TOTAL]))
    assert found.note.startswith("answers are not compared")


@pytest.mark.measures
def test_a_used_up_budget_is_undecided_with_the_interval_so_far(lock_step):
    found = one(lock_step(budget_seconds=0.1).decide(tree(), tree(), [TOTAL]))
    assert (found.decision, found.pairs) == (Decision.UNDECIDED, 1)
    assert 0 < found.ratio.low <= found.ratio.estimate <= found.ratio.high < 1e6


def test_the_machine_is_described(lock_step):
    found = lock_step().machine()
    assert found.cores >= 1
    assert found.cpu_model
    assert found.layout.startswith(("paired", "random"))


REMEMBERED = (
    "key = tuple(xs)\n    if key not in _seen:\n        _seen[key] = sorted(map(str, xs))\n    return _seen[key]"
)


def with_metrics(head=""):
    changed = tree(sort=REMEMBERED, head="_seen = {}\n" + head)
    return Snapshot("", {**changed.files, "bench_work.py": File(METRICS.encode())})


@pytest.mark.measures
def test_every_metric_is_measured_where_it_means_something(lock_step):
    names = [f"bench_work.py::bench_{name}" for name in ("same", "own", "used")]
    same, own, used = lock_step(confirm_pairs=3).confirm(with_metrics(), with_metrics("time.sleep(0.2)"), names)
    assert (same.declared.rows, same.declared.features, same.declared.size) == (2000, 3, 4096)
    assert own.declared.rows is None
    assert same.base.import_seconds > 0.05
    assert same.import_ratio.high < 0.6
    assert len(same.costs.imports) == len(same.costs.memory) == len(same.costs.first_call) == 3
    # The same input in every call: only the first call is cold. Inputs of their own: every timed call is.
    assert (same.fresh_inputs, same.base.hot_seconds, same.base.cold_seconds) == (
        False,
        same.base.wall_seconds,
        same.base.first_call_seconds,
    )
    assert (own.fresh_inputs, own.base.cold_seconds) == (True, own.base.wall_seconds)
    assert 0 < own.base.hot_seconds < own.base.cold_seconds
    # A call that uses its input up is not made on it again.
    assert (used.fresh_inputs, used.base.hot_seconds, used.hot_ratio) == (True, None, None)
    assert same.wall.low <= same.candidate.wall_seconds <= same.wall.high
    assert same.peak.estimate > 1 << 20
