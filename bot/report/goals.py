"""Success criteria as cells of a table; every form of the report lays out the same texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.criterion import Criterion, Standing
from bot.domain.evidence import Interval
from bot.domain.goal import Goal, Metric
from bot.report import numbers


@dataclass(frozen=True, slots=True)
class Cells:
    """One line of the table: `goal` is what was asked for, `state` a word without spaces for a style."""

    name: str
    benchmark: str
    baseline: str
    target: str
    now: str
    standing: str
    state: str


def rows(criteria: Sequence[Criterion]) -> list[Cells]:
    """Return the lines of the table, in the order of the goals."""
    return [cells(one) for one in criteria]


def cells(one: Criterion) -> Cells:
    """Return one criterion as texts."""
    reason = f": {one.reason}" if one.reason else ""
    return Cells(
        name=_name(one.goal),
        benchmark=one.benchmark or _everything(one.goal),
        baseline=_figure(one.goal, one.baseline),
        target=_target(one),
        now=_now(one.goal, one.now),
        standing=f"{one.standing}{reason}",
        state=one.standing.replace(" ", "-"),
    )


def tally(criteria: Sequence[Criterion]) -> str:
    """Return "2 of 3 met, 1 not measured"."""
    counts = {standing: sum(one.standing is standing for one in criteria) for standing in Standing}
    open_ones = counts[Standing.NOT_MEASURED]
    return f"{counts[Standing.MET]} of {len(criteria)} met" + (f", {open_ones} not measured" if open_ones else "")


def _name(goal: Goal) -> str:
    return goal.name if goal.name not in {"", goal.text} else f"{goal.metric} {goal.text}"


def _everything(goal: Goal) -> str:
    return "the changed functions" if goal.metric is Metric.COVERAGE else goal.benchmark


def _target(one: Criterion) -> str:
    sign = "\u2265" if one.goal.metric.rises else "\u2264"
    if one.target is None:
        return one.goal.text
    relative = f" ({one.goal.text})" if one.goal.factor is not None else ""
    return f"{sign} {_figure(one.goal, one.target)}{relative}"


def _now(goal: Goal, value: Interval | None) -> str:
    if value is None:
        return "-"
    if value.low == value.high:
        return _figure(goal, value.estimate)
    return f"{_figure(goal, value.estimate)} ({_figure(goal, value.low)} to {_figure(goal, value.high)})"


def _figure(goal: Goal, value: float | None) -> str:
    if value is None:
        return "-"
    if goal.metric is Metric.LATENCY:
        return numbers.duration(value)
    if goal.metric is Metric.MEMORY:
        return numbers.size(round(value))
    if goal.metric is Metric.COVERAGE:
        return f"{100 * value:.0f}%"
    return f"{numbers.count(value)} {goal.unit or 'calls'}/s"
