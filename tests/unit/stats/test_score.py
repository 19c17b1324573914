import math

import numpy as np
import pytest

from bot.stats.score import Entry, auc, estimates, resamples, scored, weighted


def entry(ratio, count=20, spread=0.0, seed=0, **more):
    noise = np.random.default_rng(seed).normal(0, spread, count) if spread else np.zeros(count)
    return Entry(tuple(-math.log(ratio) + noise), **more)


def test_weighted_is_the_geometric_mean():
    entries = [entry(4.0), entry(1.0)]
    assert scored(entries, weighted(entries)).value == pytest.approx(2.0)


def test_weights_count():
    entries = [entry(8.0, weight=1), entry(1.0, weight=2), entry(100.0, weight=0)]
    assert scored(entries, weighted(entries)).value == pytest.approx(2.0)


def test_weights_must_add_up_to_something():
    with pytest.raises(ValueError, match="add up to nothing"):
        weighted([entry(2.0, weight=0)])


def test_the_same_gain_at_every_size_is_its_own_score():
    entries = [entry(3.0, size=size) for size in (10, 20, 5000)]
    assert scored(entries, auc(entries)).value == pytest.approx(3.0)


def test_auc_is_the_area_over_log_sizes():
    # log10 sizes 1, 2, 4 and log2 ratios 0, 2, 4: (1 * 1 + 2 * 3) / 3 = 7 / 3
    entries = [entry(1.0, size=10), entry(4.0, size=100), entry(16.0, size=10_000), entry(99.0)]
    assert scored(entries, auc(entries)).value == pytest.approx(2 ** (7 / 3))


def test_benchmarks_of_one_size_are_averaged_first():
    entries = [entry(1.0, size=10), entry(4.0, size=10, weight=1), entry(2.0, size=100)]
    assert scored(entries, auc(entries)).value == pytest.approx(2.0)


@pytest.mark.parametrize("sizes", [(), (10,), (10, 10), (10, None)])
def test_auc_needs_two_sizes(sizes):
    with pytest.raises(ValueError, match="at least two sizes"):
        auc([entry(2.0, size=size) for size in sizes])


def test_the_interval_is_the_same_for_the_same_samples():
    entries = [entry(1.2, spread=0.02), entry(1.1, count=12, spread=0.05, seed=1)]
    assert scored(entries, weighted(entries)) == scored(entries, weighted(entries))


def test_one_pair_gives_its_own_value_as_its_interval():
    entries = [entry(2.0, count=1)]
    found = scored(entries, weighted(entries))
    assert found.low == found.high == found.value == pytest.approx(2.0)


def test_pairs_are_drawn_alike_for_every_benchmark():
    samples = tuple(np.random.default_rng(3).normal(0, 0.1, 15))
    one, other = resamples([Entry(samples), Entry(samples)], 50).T
    assert np.array_equal(one, other)
    assert estimates([Entry(samples)]).shape == (1, 1)


@pytest.mark.parametrize(("count", "shared"), [(10, False), (20, False), (20, True)])
def test_the_interval_covers_the_truth(count, shared):
    """95% intervals over 150 known effects: at least 95% less three standard errors."""
    source = np.random.default_rng(5)
    covered = 0
    for _ in range(150):
        common = source.normal(0, 0.02, count) if shared else 0
        entries = [Entry(tuple(-math.log(1.3) + common + source.normal(0, 0.02, count))) for _ in range(3)]
        found = scored(entries, weighted(entries), 0.95, 250)
        covered += found.low <= 1.3 <= found.high
    assert covered / 150 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 150)
