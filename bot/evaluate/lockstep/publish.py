"""Turns the samples of one benchmark into the comparison that is shown and decided on."""

import math
import statistics
from collections.abc import Callable, Sequence

from bot.domain.evidence import CACHED, Arm, Comparison, Costs, Decision, Declared, Interval
from bot.evaluate.lockstep.batch import Series
from bot.evaluate.lockstep.sample import ArmSample, Sample
from bot.stats import compare

_DEFERRED = "the time saved in calls comes back when their answers are read"
UNSURE = "answers are not compared: two processes of the base give different ones"
_DRIFTS = "calls get slower from slice to slice: a call changes state that the next one meets; give it fresh input"
_UNMEASURED = "no pair was measured: the time was used up, or the candidate failed on another benchmark"
_NOTHING = Arm(0.0, 0.0, 0, 0.0)
_SAME = Interval(1.0, 1.0, 1.0)


def comparison(one: Series, answer: compare.Answer, level: float, *, confirmed: bool) -> Comparison:
    """Return the comparison of a series whose decision on time is `answer`; wrong answers and lazy results undo it."""
    if one.failure or not one.samples:
        return Comparison(
            benchmark=one.name, decision=Decision.UNDECIDED, ratio=_SAME, base=_NOTHING, candidate=_NOTHING,
            cpu_ratio=_SAME, memory_ratio=_SAME, first_call_ratio=_SAME, samples=(), pairs=len(one.samples),
            seconds=one.seconds, note=one.failure or _UNMEASURED,
        )  # fmt: skip
    fresh = one.announced is not None and one.announced.setup
    base, candidate = (
        _arm([pair.base for pair in one.samples], fresh=fresh),
        _arm([pair.candidate for pair in one.samples], fresh=fresh),
    )
    decision, note = _judged(one, answer, (base, candidate), level)
    return Comparison(
        benchmark=one.name,
        decision=decision,
        ratio=_interval(one.logs, level),
        base=base,
        candidate=candidate,
        cpu_ratio=_interval(_logs(one.samples, lambda arm: arm.cpu), level),
        memory_ratio=_interval(_logs(one.samples, lambda arm: arm.peak), level),
        first_call_ratio=_interval(_logs(one.samples, lambda arm: arm.first), level),
        import_ratio=_interval(_logs(one.samples, lambda arm: arm.loading), level),
        cold_ratio=_interval(one.logs if fresh else _logs(one.samples, lambda arm: arm.first), level),
        hot_ratio=_hot(one, level) if fresh else _interval(one.logs, level),
        fresh_inputs=fresh,
        wall=_level([pair.candidate.seconds for pair in one.samples], level),
        peak=_level([float(pair.candidate.peak) for pair in one.samples], level),
        costs=_costs(one.samples),
        declared=one.announced.declared if one.announced else Declared(),
        samples=tuple(one.logs),
        pairs=len(one.samples),
        seconds=one.seconds,
        confirmed=confirmed,
        calls_per_slice=one.shape.calls if one.shape else 1,
        note=note,
    )


def _judged(one: Series, answer: compare.Answer, arms: tuple[Arm, Arm], level: float) -> tuple[Decision, str]:
    base, candidate = arms
    saving = base.wall_seconds - candidate.wall_seconds
    if answer is compare.Answer.FASTER:
        extra = [pair.candidate.reading - pair.base.reading for pair in one.samples]
        if compare.deferred(extra, saving, level):
            return Decision.UNDECIDED, _DEFERRED
        if _cached(one.samples, saving, base.cpu_seconds - candidate.cpu_seconds):
            return Decision.FASTER, CACHED
    if compare.drifts([pair.base.slices for pair in one.samples]):
        return Decision(answer.value), _DRIFTS
    return Decision(answer.value), "" if one.compared else UNSURE


def _cached(samples: Sequence[Sample], wall_saving: float, cpu_saving: float) -> bool:
    """Look at first calls by the clock, and by CPU time where most of the saving is work: it stays quiet under load.

    What CPU time says must not be against what the clock says in the middle: both have costs of a first call in them
    that vary more than small savings.
    """
    if compare.cached([one.base.first for one in samples], [one.candidate.first for one in samples], wall_saving):
        return True
    firsts = [one.base.first_cpu for one in samples], [one.candidate.first_cpu for one in samples]
    kept = statistics.median(one.base.first - one.candidate.first for one in samples)
    return kept < wall_saving / 2 < cpu_saving and compare.cached(*firsts, cpu_saving)


def _arm(samples: Sequence[ArmSample], *, fresh: bool) -> Arm:
    wall, first = (statistics.median(map(figure, samples)) for figure in (_wall, _first))
    hot = [one.hot for one in samples if one.hot is not None]
    return Arm(
        wall_seconds=wall,
        cpu_seconds=statistics.median(one.cpu for one in samples),
        peak_bytes=int(statistics.median(one.peak for one in samples)),
        first_call_seconds=first,
        import_seconds=statistics.median(one.loading for one in samples),
        # Calls with inputs of their own are cold ones; otherwise only the first call of a process is.
        cold_seconds=wall if fresh else first,
        hot_seconds=(statistics.median(hot) if hot else None) if fresh else wall,
    )


def _wall(one: ArmSample) -> float:
    return one.seconds


def _first(one: ArmSample) -> float:
    return one.first


def _hot(one: Series, level: float) -> Interval | None:
    both = [pair for pair in one.samples if pair.base.hot is not None and pair.candidate.hot is not None]
    return _interval(_logs(both, lambda arm: arm.hot or 0.0), level) if both else None


def _costs(samples: Sequence[Sample]) -> Costs:
    return Costs(
        memory=tuple(_logs(samples, lambda arm: arm.peak)),
        imports=tuple(_logs(samples, lambda arm: arm.loading)),
        first_call=tuple(_logs(samples, lambda arm: arm.first)),
    )


def _level(figures: Sequence[float], level: float) -> Interval | None:
    """Return a figure of one arm with its interval over processes; None where it could not be read."""
    if not figures or min(figures) <= 0:
        return None
    found = _interval([-math.log(one) for one in figures], level)
    return Interval(found.estimate, found.low, found.high)


def _logs(samples: Sequence[Sample], figure: Callable[[ArmSample], float]) -> list[float]:
    """Return log(candidate / base) of a figure; a pair in which it could not be read counts as no difference."""
    figures = [(figure(one.candidate), figure(one.base)) for one in samples]
    return [math.log(mine / its) if mine > 0 and its > 0 else 0.0 for mine, its in figures]


def _interval(logs: Sequence[float], level: float) -> Interval:
    found = compare.ratio(logs, level)
    # Too few pairs for an interval at this level: show how far the pairs reach.
    low = found.low if found.low > 0 else math.exp(-max(logs))
    high = found.high if math.isfinite(found.high) else math.exp(-min(logs))
    return Interval(found.estimate, low, high)
