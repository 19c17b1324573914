"""What is told besides the speed-up: import, cold and hot input, throughput, and the score over all benchmarks."""

from dataclasses import dataclass

from bot.domain.evidence import Comparison, Interval
from bot.domain.score import Score
from bot.report import numbers
from bot.report.model import RunReport


@dataclass(frozen=True, slots=True)
class Figures:
    """One benchmark's line of further figures: all cells as text, throughput with a line for each unit."""

    benchmark: str
    imported: str
    cold: str
    hot: str
    throughput: tuple[str, ...]


def rows(report: RunReport) -> list[Figures]:
    """Return one line for each benchmark that was measured for more than its time, as a table of its own."""
    found = report.overall or tuple(
        one for done in report.accepted if done.accepted is not None for one in done.accepted.verdict.comparisons
    )
    kept = {one.benchmark: one for one in found if one.samples and one.import_ratio is not None}
    return [_figures(one) for one in kept.values()]


def score(found: Score | None) -> str:
    """Return the score as a sentence, or "" where there was nothing to score."""
    if found is None or (found.value is None and not found.benchmarks):
        return ""
    note = f"; {found.sentence}" if found.sentence else ""
    if found.value is None:
        return f"no score{note}"
    value = found.value
    if found.method == "function":
        return f"{value.estimate:.4g} ({value.low:.4g} to {value.high:.4g}) by the repository's own function{note}"
    what = "area over the logarithm of the size" if found.method == "auc" else "weighted geometric mean"
    return (
        f"{numbers.ratio(value.estimate)} times as fast ({numbers.interval(value)}), {what} "
        f"over {numbers.counted(found.benchmarks, 'benchmark')}{note}"
    )


def _figures(one: Comparison) -> Figures:
    base, candidate = one.base, one.candidate
    return Figures(
        benchmark=one.benchmark,
        imported=_moved(base.import_seconds, candidate.import_seconds, one.import_ratio),
        cold=_moved(base.cold_seconds, candidate.cold_seconds, one.cold_ratio),
        hot=_moved(base.hot_seconds, candidate.hot_seconds, one.hot_ratio),
        throughput=_throughput(one) or ("not declared",),
    )


def _throughput(one: Comparison) -> tuple[str, ...]:
    amounts = (("rows/s", one.declared.rows), ("features/s", one.declared.features))
    return tuple(
        f"{numbers.count(amount / one.base.wall_seconds)} → {numbers.count(amount / one.candidate.wall_seconds)} {unit}"
        for unit, amount in amounts
        if amount is not None
    )


def _moved(before: float | None, after: float | None, ratio: Interval | None) -> str:
    if before is None or after is None or ratio is None:
        return "not measured"
    return f"{numbers.duration(before)} → {numbers.duration(after)} ({numbers.change(ratio)})"
