import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bot.stats.summary import fastest_quarter, hodges_lehmann, lower_quartile, robust_sd, signed_rank_distribution


def test_robust_sd_is_the_standard_deviation_of_normal_data():
    values = np.random.default_rng(1).normal(5, 2, 20_000)
    assert robust_sd(values) == pytest.approx(2, rel=0.03)


def test_robust_sd_ignores_a_wild_value():
    assert robust_sd([1, 2, 3, 4, 5, 1e9]) < 3
    assert robust_sd([7.0]) == 0


def test_the_fastest_quarter_is_a_mean_that_slow_slices_do_not_move():
    assert fastest_quarter([4.0, 1.0, 2.0, 9.0, 9.0, 9.0, 9.0, 9.0]) == 1.5
    assert fastest_quarter([3.0]) == 3.0


def test_lower_quartile_is_not_moved_by_slow_slices():
    assert lower_quartile([1.0, 1.0, 1.0, 9.0]) == 1.0
    assert lower_quartile([3.0]) == 3.0


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_signed_rank_distribution_equals_enumeration(count):
    counts = np.zeros(count * (count + 1) // 2 + 1)
    for signs in itertools.product((0, 1), repeat=count):
        counts[sum(rank for rank, sign in zip(range(1, count + 1), signs, strict=True) if sign)] += 1
    assert signed_rank_distribution(count) == pytest.approx(counts / 2**count)


def test_the_interval_holds_exactly_the_centres_that_the_signed_rank_test_accepts():
    values = np.random.default_rng(2).normal(0.3, 1, 12)
    found = hodges_lehmann(values, 0.99)
    for centre in np.linspace(-2, 2, 81):
        accepted = stats.wilcoxon(values - centre, method="exact").pvalue > 0.01
        assert accepted == (found.low < centre < found.high)


def test_coverage_is_at_least_the_level_under_heavy_tails():
    draws = np.random.default_rng(3).standard_t(2, size=(600, 15)) + 1
    covered = sum((found := hodges_lehmann(row, 0.95)).low <= 1 <= found.high for row in draws)
    assert covered / 600 >= 0.93


def test_too_few_values_have_no_interval():
    found = hodges_lehmann([0.1] * 7, 0.99)
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert math.isfinite(hodges_lehmann([0.1 * k for k in range(8)], 0.99).low)
