"""Goals against what was measured: a table of success criteria. The interval decides, never the estimate."""

from collections.abc import Iterator, Sequence

from bot.domain.criterion import Covered, Criterion, Standing
from bot.domain.evidence import Comparison, Interval
from bot.domain.goal import Goal, Metric
from bot.domain.naming import names


def criteria(goals: Sequence[Goal], comparisons: Sequence[Comparison], covered: Covered) -> tuple[Criterion, ...]:
    """Return one criterion for each goal and each measured benchmark that it is about, in the order of the goals."""
    return tuple(one for goal in goals for one in _of_goal(goal, comparisons, covered))


def _of_goal(goal: Goal, comparisons: Sequence[Comparison], covered: Covered) -> Iterator[Criterion]:
    if goal.metric is Metric.COVERAGE:
        now = None if covered.now is None else Interval(covered.now, covered.now, covered.now)
        yield _decided(goal, "", covered.base, now, covered.reason)
        return
    meant = [one for one in comparisons if names(goal.benchmark, one.benchmark)]
    if not meant:
        reason = f"no benchmark that was measured matches '{goal.benchmark}'"
        yield Criterion(goal, "", Standing.NOT_MEASURED, reason=reason)
    for one in meant:
        yield _of_benchmark(goal, one)


def _of_benchmark(goal: Goal, one: Comparison) -> Criterion:
    if not one.samples:
        return _decided(goal, one.benchmark, None, None, one.note or "no pair was measured")
    if goal.metric is Metric.MEMORY:
        return _decided(goal, one.benchmark, float(one.base.peak_bytes) or None, *_memory(goal, one))
    if goal.metric is Metric.LATENCY:
        base = one.base.wall_seconds
        now = one.wall if goal.factor is None else _divided(base, one.ratio)
        return _decided(goal, one.benchmark, base, now, "the time of a call could not be read")
    return _throughput(goal, one)


def _memory(goal: Goal, one: Comparison) -> tuple[Interval | None, str]:
    base = float(one.base.peak_bytes)
    if goal.factor is not None and base > 0:
        return _divided(base, one.memory_ratio), ""
    return one.peak, "the system does not tell the memory of a process"


def _throughput(goal: Goal, one: Comparison) -> Criterion:
    # A relative goal needs no unit: the work of a call is the same in both arms.
    amount = 1.0 if goal.unit in {"", "calls"} else getattr(one.declared, goal.unit)
    if amount is None:
        return _decided(goal, one.benchmark, None, None, f"the benchmark does not declare its {goal.unit}")
    base = amount / one.base.wall_seconds
    if goal.factor is not None:
        now = Interval(base * one.ratio.estimate, base * one.ratio.low, base * one.ratio.high)
        return _decided(goal, one.benchmark, base, now, "")
    now_or_none = None if one.wall is None else _divided(amount, one.wall)
    return _decided(goal, one.benchmark, base, now_or_none, "the time of a call could not be read")


def _divided(value: float, by: Interval) -> Interval:
    return Interval(value / by.estimate, value / by.high, value / by.low)


def _decided(goal: Goal, benchmark: str, base: float | None, now: Interval | None, reason: str) -> Criterion:
    target = goal.level if goal.factor is None else None if base is None else base * goal.factor
    if now is None or target is None:
        return Criterion(goal, benchmark, Standing.NOT_MEASURED, base, target, None, reason)
    met = now.low >= target if goal.metric.rises else now.high <= target
    return Criterion(goal, benchmark, Standing.MET if met else Standing.NOT_MET, base, target, now)
