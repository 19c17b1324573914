"""Estimates that a few wild values cannot move: median-based spread, Hodges-Lehmann location with an exact interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_NORMAL_CONSISTENCY = 1.4826


@dataclass(frozen=True, slots=True)
class Location:
    """An estimate of the centre of a symmetric distribution and its interval, which has at least `level`."""

    estimate: float
    low: float
    high: float
    level: float


def robust_sd(values: Sequence[float]) -> float:
    """Return 1.4826 times the median absolute deviation: the standard deviation where the data are normal.

    `values` has shape (n,), n >= 1. Source: Rousseeuw & Croux, JASA 88 (1993) 1273.
    """
    data = np.asarray(values, dtype=float)
    return float(_NORMAL_CONSISTENCY * np.median(np.abs(data - np.median(data))))


def lower_quartile(seconds: Sequence[float]) -> float:
    """Return the first quartile (linear interpolation) of the slices of one process, shape (n,), n >= 1.

    Noise adds time and seldom takes any away, so that low quantiles repeat better than the median; the minimum is
    one value and repeats less well where a slice can be lucky.
    """
    return float(np.quantile(np.asarray(seconds, dtype=float), 0.25))


def fastest_quarter(seconds: Sequence[float]) -> float:
    """Return the mean of the fastest quarter (rounded down, one at least) of the slices of one process, shape (n,).

    Between the first quartile, which long bursts of other work still move, and the minimum, which is one value and
    gains from luck: over pairs of equal processes under load, its log ratio had 0.5 to 0.9 times the standard deviation
    of that of first quartiles at 16 to 20 slices; `make bench-proof` compares the two on its recordings.
    """
    data = np.sort(np.asarray(seconds, dtype=float))
    return float(np.mean(data[: max(len(data) // 4, 1)]))


def hodges_lehmann(values: Sequence[float], level: float = 0.99) -> Location:
    """Return the median of the Walsh averages and the exact signed-rank interval for the centre.

    `values` has shape (n,), n >= 1, independent and symmetric about one centre; ties make the interval conservative.
    Where n is too small for `level` (2 ** (1 - n) > 1 - level) the interval is the whole line. Source: Hollander,
    Wolfe & Chicken, Nonparametric Statistical Methods (3rd ed.), sections 3.2 and 3.3.
    """
    data = np.asarray(values, dtype=float)
    rows, columns = np.triu_indices(len(data))
    walsh = np.sort((data[rows] + data[columns]) / 2)
    estimate = float(np.median(walsh))
    below = _critical_value(len(data), (1 - level) / 2)
    if below < 0:
        return Location(estimate, -np.inf, np.inf, level)
    return Location(estimate, float(walsh[below]), float(walsh[len(walsh) - 1 - below]), level)


def _critical_value(count: int, tail: float) -> int:
    """Return the largest c with P(signed-rank statistic <= c) <= tail, or -1."""
    cumulative = np.cumsum(signed_rank_distribution(count))
    return int(np.searchsorted(cumulative, tail, side="right")) - 1


def signed_rank_distribution(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the null probabilities of Wilcoxon's signed-rank statistic, shape (count * (count + 1) / 2 + 1,).

    By the recursion over ranks: each rank is in the sum or not with probability one half. Same source as above.
    """
    probabilities = np.zeros(count * (count + 1) // 2 + 1)
    probabilities[0] = 1.0
    for rank in range(1, count + 1):
        shifted = np.zeros_like(probabilities)
        shifted[rank:] = probabilities[:-rank]
        probabilities = (probabilities + shifted) / 2
    return probabilities
