from dataclasses import replace

import pytest

from bot.domain.criterion import Covered, Standing
from bot.domain.evidence import Arm, Declared, Interval
from bot.domain.goal import Goal, Metric, parsed
from bot.evaluate.goals import criteria
from tests.fakes.ports import comparison

NOBODY = Covered(reason="no coverage goal")


def goal(metric, text, **more):
    found = parsed(metric, text)
    return Goal(metric, text, found.level, found.factor, found.unit, **more)


def one(wanted, *comparisons, covered=NOBODY):
    (found,) = criteria([wanted], comparisons, covered)
    return found


# 1 ms on the base, 0.5 ms (0.48 to 0.52) now: ratio 2 (1.9 to 2.1)
FAST = replace(
    comparison(),
    ratio=Interval(2.0, 1.9, 2.1),
    base=Arm(1e-3, 1e-3, 100 << 20, 1e-3),
    wall=Interval(5e-4, 4.8e-4, 5.2e-4), peak=Interval(90 << 20, 80 << 20, 100 << 20),
    memory_ratio=Interval(1.1, 1.0, 1.25), declared=Declared(rows=1000),
)  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "text", "standing"),
    [
        (Metric.LATENCY, "0.53 ms", Standing.MET),
        (Metric.LATENCY, "0.51 ms", Standing.NOT_MET),  # the estimate clears it, the interval does not
        (Metric.LATENCY, "-47%", Standing.MET),
        (Metric.LATENCY, "-48%", Standing.NOT_MET),
        (Metric.LATENCY, "1.9x", Standing.MET),
        (Metric.LATENCY, "2x", Standing.NOT_MET),
        (Metric.MEMORY, "100 MiB", Standing.MET),
        (Metric.MEMORY, "95 MiB", Standing.NOT_MET),
        (Metric.MEMORY, "+0%", Standing.MET),
        (Metric.MEMORY, "-5%", Standing.NOT_MET),
        (Metric.THROUGHPUT, "1900000 rows/s", Standing.MET),
        (Metric.THROUGHPUT, "2000000 rows/s", Standing.NOT_MET),
        (Metric.THROUGHPUT, "1900 calls/s", Standing.MET),
        (Metric.THROUGHPUT, "+90%", Standing.MET),
        (Metric.THROUGHPUT, "2x", Standing.NOT_MET),
    ],
)
def test_the_interval_decides(metric, text, standing):
    assert one(goal(metric, text), FAST).standing is standing


def test_a_row_has_baseline_target_and_now():
    found = one(goal(Metric.LATENCY, "-20%"), FAST)
    assert (found.benchmark, found.baseline, found.target) == ("b", 1e-3, pytest.approx(8e-4))
    assert found.now == Interval(5e-4, pytest.approx(1e-3 / 2.1), pytest.approx(1e-3 / 1.9))


@pytest.mark.parametrize(
    ("wanted", "measured", "reason"),
    [
        (goal(Metric.LATENCY, "1 ms", benchmark="nothing*"), FAST, "no benchmark that was measured matches 'nothing*'"),
        (goal(Metric.THROUGHPUT, "5 features/s"), FAST, "the benchmark does not declare its features"),
        (goal(Metric.LATENCY, "1 ms"), comparison(samples=(), note="candidate failed: x"), "candidate failed: x"),
        (goal(Metric.MEMORY, "1 GB"), comparison(), "the system does not tell the memory of a process"),
        (goal(Metric.COVERAGE, "80%"), FAST, "no coverage goal"),
    ],
)
def test_what_was_not_measured_says_why(wanted, measured, reason):
    found = one(wanted, measured)
    assert (found.standing, found.now, found.reason) == (Standing.NOT_MEASURED, None, reason)


def test_a_goal_has_a_row_for_each_benchmark_that_it_is_about():
    others = [comparison(name) for name in ("bench_a", "bench_b", "other")]
    found = criteria([goal(Metric.LATENCY, "2x", benchmark="bench_*")], others, NOBODY)
    assert [row.benchmark for row in found] == ["bench_a", "bench_b"]


@pytest.mark.parametrize(("share", "standing"), [(0.8, Standing.MET), (0.79, Standing.NOT_MET)])
def test_coverage(share, standing):
    found = one(goal(Metric.COVERAGE, "80%"), covered=Covered(0.5, share))
    assert (found.standing, found.baseline, found.now.estimate) == (standing, 0.5, share)
