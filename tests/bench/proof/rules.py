"""How other tools decide, written from their sources, to be replayed on equal recordings.

Each rule takes values of the base and of the candidate and says whether it would call a change: 1 where the candidate
is called faster, -1 slower, 0 neither. Versions are those whose source was read; see docs/benchmarks/proof.md.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

Values = Sequence[Sequence[float]]
_PYPERF_VALUES = 3
_RESAMPLES = 1000
_SHORT = 10e-6


@dataclass(frozen=True, slots=True)
class Rule:
    """One tool's rule; `form` says which recordings it reads, `decide` takes (base, candidate) by process."""

    tool: str
    source: str
    words: str
    form: str
    decide: Callable[[Values, Values], int]


def direction(gain: float) -> int:
    """Return 1 for a positive gain (base over candidate above one), -1 for a negative one, else 0."""
    return int(gain > 0) - int(gain < 0)


def compare_fail(figure: Callable[[np.ndarray], float], percent: float) -> Callable[[Values, Values], int]:
    """pytest-benchmark: one figure of all rounds against a percentage (--benchmark-compare-fail); there is no test.

    The tool fails slower runs only; the mirror image is counted as "faster" here.
    """

    def decide(base: Values, candidate: Values) -> int:
        change = figure(np.concatenate(candidate)) / figure(np.concatenate(base)) * 100 - 100
        return direction(-change) if abs(change) > percent else 0

    return decide


def student(base: Values, candidate: Values) -> int:
    """pyperf: `is_significant`, Student's t with pooled variance on all values of all processes (3 each), 95%."""
    first, second = (np.concatenate([one[:_PYPERF_VALUES] for one in side]) for side in (base, candidate))
    freedom = len(first) + len(second) - 2
    pooled = (np.sum((first - first.mean()) ** 2) + np.sum((second - second.mean()) ** 2)) / freedom
    score = (first.mean() - second.mean()) / math.sqrt(2 * pooled / len(first))
    return direction(score) if abs(score) >= stats.t.ppf(0.975, freedom) else 0


def asv_continuous(base: Values, candidate: Values, factor: float = 1.1) -> int:
    """asv continuous: Mann-Whitney U with p < 0.002 on pooled samples, and medians that differ by the factor."""
    first, second = np.concatenate(base), np.concatenate(candidate)
    gain = float(np.median(first) / np.median(second))
    small = stats.mannwhitneyu(first, second, alternative="two-sided").pvalue < 0.002
    return direction(math.log(gain)) if small and max(gain, 1 / gain) > factor else 0


def benchstat(base: Values, candidate: Values) -> int:
    """benchstat: Mann-Whitney U at 0.05 on one value for each run, whatever the size of the difference."""
    first, second = ([float(np.mean(one)) for one in side] for side in (base, candidate))
    if stats.mannwhitneyu(first, second, alternative="two-sided").pvalue >= 0.05:
        return 0
    return direction(float(np.median(first) - np.median(second)))


def criterion(base: Values, candidate: Values, noise: float = 0.01) -> int:
    """criterion.rs: bootstrap interval (95%) of the ratio of means, wholly beyond the noise threshold of 1%.

    1,000 resamples in place of its 100,000; its t-test at 0.05 beside it is implied by the interval nearly always.
    """
    source = np.random.default_rng(1)
    first, second = (
        side[source.integers(0, len(side), (_RESAMPLES, len(side)))].mean(axis=1)
        for side in (np.concatenate(base), np.concatenate(candidate))
    )
    low, high = np.quantile(second / first - 1, (0.025, 0.975))
    if high < -noise:
        return 1
    return -1 if low > noise else 0


def codeflash(base: Values, candidate: Values, *, doubled: bool = False) -> int:
    """codeflash: minima over loops that differ by more than 5% (15% under 10 us); twice that in CI."""
    first, second = float(np.min(np.concatenate(base))), float(np.min(np.concatenate(candidate)))
    wanted = (0.05 if first >= _SHORT else 0.15) * (2 if doubled else 1)
    gain = first / second - 1
    if gain > wanted:
        return 1
    return -1 if second / first - 1 > wanted else 0


def codeflash_in_ci(base: Values, candidate: Values) -> int:
    """codeflash with a CI variable set."""
    return codeflash(base, candidate, doubled=True)


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values))


def _median(values: np.ndarray) -> float:
    return float(np.median(values))


def _least(values: np.ndarray) -> float:
    return float(np.min(values))


def rules() -> tuple[Rule, ...]:
    """Return every rule that is replayed."""
    benchmark, pyperf, asv = "ionelmc/pytest-benchmark 47d66c8", "psf/pyperf ab7fd04", "airspeed-velocity/asv 7032df7"
    perf, rust, flash = "golang/perf 712aea8", "criterion.rs 567405d", "codeflash d7f95a5"
    long = "one process of 1.5 s for each arm"
    return (
        Rule("pytest-benchmark", benchmark, f"{long}, mean beyond 1%", "long", compare_fail(_mean, 1)),
        Rule("pytest-benchmark", benchmark, f"{long}, median beyond 1%", "long", compare_fail(_median, 1)),
        Rule("pytest-benchmark", benchmark, f"{long}, min beyond 1%", "long", compare_fail(_least, 1)),
        Rule("pytest-benchmark", benchmark, f"{long}, min beyond 5%", "long", compare_fail(_least, 5)),
        Rule("criterion", rust, f"{long}, 95% bootstrap interval of means beyond 1%", "long", criterion),
        Rule("codeflash", flash, f"{long}, min beyond 5% (15% under 10 us)", "long", codeflash),
        Rule("codeflash in CI", flash, f"{long}, min beyond 10% (30% under 10 us)", "long", codeflash_in_ci),
        Rule("pyperf", pyperf, "20 processes of 3 values, pooled t, 95%", "blocks", student),
        Rule("asv", asv, "20 processes pooled, Mann-Whitney p < .002 and factor 1.1", "blocks", asv_continuous),
        Rule("benchstat", perf, "20 runs, Mann-Whitney p < .05", "blocks", benchstat),
        Rule("criterion", rust, "20 processes pooled, 95% bootstrap interval beyond 1%", "blocks", criterion),
        Rule("codeflash", flash, "20 processes, min beyond 5% (15% under 10 us)", "blocks", codeflash),
    )
