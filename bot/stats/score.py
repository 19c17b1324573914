"""One figure over several benchmarks and sizes, with an interval that knows they were timed in the same processes.

A method maps one log ratio for each benchmark to one value; both methods here are weighted means of log ratios.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_SEED = 20_261_121
_CHUNK = 250

Floats = npt.NDArray[np.float64]
Method = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Entry:
    """One benchmark of a score.

    `samples` are log(candidate time / base time) of its pairs, shape (n,), n >= 1; `weight` is at least 0; `size` is
    that of its input, above 0, or None where none was declared.
    """

    samples: tuple[float, ...]
    weight: float = 1.0
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """The value of a score with its interval; for the two methods of this module a ratio of base over candidate."""

    value: float
    low: float
    high: float


def weighted(entries: Sequence[Entry]) -> Method:
    """Return the weighted geometric mean of the ratios: exp(sum(w * g) / sum(w)), g = log(base / candidate).

    ValueError where the weights add up to nothing. Source: Fleming & Wallace, "How not to lie with statistics: the
    correct way to summarize benchmark results", CACM 29 (1986) 218: of the means only the geometric one does not
    depend on which arm is the reference.
    """
    weights = np.array([one.weight for one in entries], dtype=float)
    return _linear(weights)


def auc(entries: Sequence[Entry]) -> Method:
    """Return the mean ratio over sizes: the area under the log ratio against the log of the size.

    With sizes s_1 < ... < s_k and y_i the weighted mean of log(base / candidate) of the benchmarks of size s_i, the
    value is exp(A), A = sum((log s_i+1 - log s_i) * (y_i + y_i+1) / 2) / (log s_k - log s_1): the trapezoidal rule,
    divided by the range, so that a gain that is the same at every size has itself as its score, and each factor of
    ten in size counts as much as any other. Benchmarks without a size have no part in it. ValueError with fewer than
    two different sizes of positive weight.
    """
    sizes = sorted({one.size for one in entries if one.size is not None and one.weight > 0})
    if len(sizes) < 2:
        raise ValueError(f"auc needs benchmarks of at least two sizes, and {len(sizes) or 'no'} size is declared")
    places = [math.log(size) for size in sizes]
    spread = places[-1] - places[0]
    width = [0.0] * len(sizes)
    for index in range(len(sizes) - 1):
        half = (places[index + 1] - places[index]) / 2 / spread
        width[index] += half
        width[index + 1] += half
    totals = {size: sum(one.weight for one in entries if one.size == size) for size in sizes}
    shares = dict(zip(sizes, width, strict=True))
    return _linear(
        np.array([shares[one.size] * one.weight / totals[one.size] if one.size in shares else 0.0 for one in entries])
    )


def scored(entries: Sequence[Entry], method: Method, level: float = 0.99, count: int = RESAMPLES) -> Scored:
    """Return the value of `method` and its interval at `level`.

    `method` takes log(base / candidate), shape (rows, benchmarks), and returns values, shape (rows,). The estimate of
    each benchmark is the Hodges-Lehmann one; pairs are drawn anew `count` times with replacement, the same numbers
    for every benchmark, because pair i of two benchmarks is the same two processes. The interval is the expanded
    percentile interval: the percentiles are those that would make a normal mean's interval exact with the smallest
    number of pairs, since plain percentiles are too narrow for ten of them. The seed is fixed: the same samples give
    the same interval. Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; Hesterberg,
    "What teachers should know about the bootstrap", The American Statistician 69 (2015) 371, section 5.3.
    """
    values = method(np.vstack([estimates(entries), resamples(entries, count)]))
    drawn = values[1:]
    tail = _tail(min(len(one.samples) for one in entries), level)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    value = float(values[0])
    return Scored(value, min(float(low), value), max(float(high), value))


def estimates(entries: Sequence[Entry]) -> Floats:
    """Return the estimated log(base / candidate) of each benchmark, shape (1, benchmarks)."""
    columns = [_centres(-np.asarray(one.samples, dtype=float)[None, :]) for one in entries]
    return np.stack(columns, axis=1)


def resamples(entries: Sequence[Entry], count: int = RESAMPLES) -> Floats:
    """Return estimates of log(base / candidate) from pairs drawn anew, shape (count, benchmarks)."""
    source = np.random.default_rng(_SEED)
    places = source.random((count, max(len(one.samples) for one in entries)))
    columns = []
    for one in entries:
        data = -np.asarray(one.samples, dtype=float)
        # The same draw for all: a benchmark with fewer pairs uses the first of them, each scaled to its own number.
        chosen = (places[:, : len(data)] * len(data)).astype(int)
        columns.append(_centres(data[chosen]))
    return np.stack(columns, axis=1)


def _centres(rows: Floats) -> Floats:
    """Return the Hodges-Lehmann estimate of each row, shape (rows,), a bounded number of rows at a time."""
    first, second = np.triu_indices(rows.shape[1])
    parts = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
    return np.concatenate([np.median((part[:, first] + part[:, second]) / 2, axis=1) for part in parts])


def _linear(coefficients: Floats) -> Method:
    total = float(coefficients.sum())
    if total <= 0:
        raise ValueError("the weights of the benchmarks add up to nothing")
    return lambda logs: np.asarray(np.exp(logs @ (coefficients / total)), dtype=float)


def _tail(count: int, level: float) -> float:
    """Return the share to cut off at each end for a mean of `count` values; half of the rest for a single one."""
    from scipy import special

    if count < 2:
        return 0.0
    quantile = float(special.stdtrit(count - 1, (1 - level) / 2)) * math.sqrt(count / (count - 1))
    return float(special.ndtr(quantile))
