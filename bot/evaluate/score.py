"""The score of a set of comparisons, by the method of the configuration."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bot.domain.errors import HotlapError
from bot.domain.evidence import Comparison, Interval
from bot.domain.naming import names
from bot.domain.score import Score
from bot.stats import score as statistics

_RESAMPLES = 400
"""How often the user's function is asked for an interval: each time is a call of code of unknown cost."""

Ask = Callable[[Sequence[Mapping[str, Any]], Sequence[Sequence[float]]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How to score: `method` as in `Score`, weights and sizes by pattern, the level of the interval."""

    method: str = "weighted"
    weights: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    level: float = 0.99


def score(comparisons: Sequence[Comparison], settings: ScoreSettings, ask: Ask | None = None) -> Score:
    """Return the score; `ask` runs the user's function on a table of benchmarks and rows of log ratios.

    Benchmarks without a measurement are left out, and said. Where the method does not apply the answer is that of
    "weighted" with the reason; where the user's function fails there is no value, and its error is the sentence.
    """
    measured = [one for one in comparisons if one.samples]
    said = _left_out(comparisons, measured)
    if not measured:
        return Score(settings.method, None, 0, "no benchmark was measured")
    entries = [_entry(one, settings) for one in measured]
    if settings.method == "function":
        return _asked(measured, entries, settings, ask, said)
    try:
        if settings.method == "auc":
            return _by_size(entries, settings, said)
        return _scored("weighted", entries, statistics.weighted(entries), settings, said)
    except ValueError as error:
        return Score(settings.method, None, len(entries), _sentence([str(error), *said]))


def _by_size(entries: Sequence[statistics.Entry], settings: ScoreSettings, said: Sequence[str]) -> Score:
    try:
        method = statistics.auc(entries)
    except ValueError as error:
        said = [f"{error}: this is the weighted mean", *said]
        return _scored("weighted", entries, statistics.weighted(entries), settings, said)
    if without := sum(one.size is None for one in entries):
        said = [f"{without} without a declared size left out", *said]
    return _scored("auc", entries, method, settings, said)


def _scored(
    name: str,
    entries: Sequence[statistics.Entry],
    method: statistics.Method,
    settings: ScoreSettings,
    said: Iterable[str],
    count: int = statistics.RESAMPLES,
) -> Score:
    found = statistics.scored(entries, method, settings.level, count)
    return Score(name, Interval(found.value, found.low, found.high), len(entries), _sentence(said))


def _asked(
    measured: Sequence[Comparison],
    entries: Sequence[statistics.Entry],
    settings: ScoreSettings,
    ask: Ask | None,
    said: Sequence[str],
) -> Score:
    if ask is None:
        return Score("function", None, len(entries), "the score function cannot be run here")
    table = [_row(one, entry) for one, entry in zip(measured, entries, strict=True)]

    def method(logs: statistics.Floats) -> statistics.Floats:
        return np.asarray(ask(table, logs.tolist()), dtype=float)

    try:
        return _scored("function", entries, method, settings, said, _RESAMPLES)
    except HotlapError as error:
        return Score("function", None, len(entries), _sentence([str(error), *said]))


def _row(one: Comparison, entry: statistics.Entry) -> dict[str, Any]:
    return {
        "name": one.benchmark,
        "decision": one.decision.value,
        "weight": entry.weight,
        "size": entry.size,
        "rows": one.declared.rows,
        "features": one.declared.features,
        "base_seconds": one.base.wall_seconds,
        "memory_ratio": one.memory_ratio.estimate,
    }


def _entry(one: Comparison, settings: ScoreSettings) -> statistics.Entry:
    size = one.declared.size or one.declared.rows or _first(settings.sizes, one.benchmark)
    weight = _first(settings.weights, one.benchmark)
    samples = tuple(sample for sample in one.samples if math.isfinite(sample))
    return statistics.Entry(samples, 1.0 if weight is None else weight, size)


def _first(values: Mapping[str, float], benchmark: str) -> float | None:
    return next((value for pattern, value in values.items() if names(pattern, benchmark)), None)


def _left_out(comparisons: Sequence[Comparison], measured: Sequence[Comparison]) -> list[str]:
    missing = len(comparisons) - len(measured)
    return [f"{missing} without a measurement left out"] if missing else []


def _sentence(said: Iterable[str]) -> str:
    return "; ".join(said)
