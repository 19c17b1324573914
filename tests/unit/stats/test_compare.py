import math

import numpy as np
import pytest

from bot.stats import compare
from bot.stats.compare import Answer


def noise(sd, seed=1, count=20):
    return np.random.default_rng(seed).normal(0, sd, count)


def test_the_ratio_is_base_over_candidate():
    found = compare.ratio(list(noise(0.01) - math.log(1.25)))
    assert found.low < 1.25 < found.high
    assert found.estimate == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize(
    ("factor", "answer"),
    [
        (1.25, Answer.FASTER),
        (1.05, Answer.FASTER),
        (1.0, Answer.EQUIVALENT),
        (0.9, Answer.SLOWER),
    ],
)
def test_a_batch_is_decided_by_its_whole_interval(factor, answer):
    assert compare.confirm(list(noise(0.01) - math.log(factor)), 0.01) is answer


def test_a_gain_whose_interval_touches_the_margin_is_not_proven():
    samples = list(np.linspace(-0.04, 0.04, 20) - math.log(1.02))
    assert compare.ratio(samples).estimate > 1.01
    assert compare.confirm(samples, 0.01) is Answer.UNDECIDED


def test_a_batch_that_is_too_small_proves_nothing():
    assert compare.confirm([-0.7] * 7, 0.01) is Answer.UNDECIDED
    assert compare.confirm([-0.7] * 8, 0.01) is Answer.FASTER


def test_a_quiet_machine_is_believed():
    found = compare.canary(list(noise(0.013, count=10)))
    assert found.quiet
    assert found.robust_sd < 0.06


def test_a_noisy_machine_is_not():
    assert not compare.canary(list(noise(0.3, seed=2, count=10))).quiet


def test_a_difference_of_equals_is_not():
    found = compare.canary(list(noise(0.001, count=10) + 0.05))
    assert (found.quiet, found.answer) == (False, Answer.SLOWER)


def test_a_gain_without_a_first_call_is_a_cache():
    first = list(0.010 + noise(0.0002))
    assert compare.cached(first, list(0.010 + noise(0.0002, 2)), hot_saving=0.009)


def test_a_gain_in_every_call_is_not_a_cache():
    first = list(0.010 + noise(0.0002))
    assert not compare.cached(first, list(0.002 + noise(0.0002, 2)), hot_saving=0.008)


def test_a_saving_below_the_noise_of_first_calls_is_not_called_a_cache():
    first = list(0.010 + noise(0.002))
    assert not compare.cached(first, list(0.010 + noise(0.002, 2)), hot_saving=0.0005)
    assert not compare.cached(first, first, hot_saving=-0.001)


def test_work_that_comes_back_on_reading_is_found():
    assert compare.deferred(list(0.004 + noise(0.0001)), saving=0.005)
    assert not compare.deferred(list(noise(0.0001)), saving=0.005)
    assert not compare.deferred(list(0.0004 + noise(0.00001)), saving=0.005)
    assert not compare.deferred([0.1] * 20, saving=0.0)


def test_calls_that_get_slower_and_slower_are_noticed():
    growing = [[1.0 + 0.1 * number for number in range(10)]] * 10
    steady = [list(1 + noise(0.05, seed, 10)) for seed in range(10)]
    assert compare.drifts(growing)
    assert not compare.drifts(steady)
    assert not compare.drifts([[1.0, 2.0]] * 10)
    assert not compare.drifts([])


def answers(gain, margin, spread=0.012, runs=100):
    source = np.random.default_rng(8)
    for _ in range(runs):
        running = compare.Sequential(compare.Rule(margin))
        logs = source.standard_t(4, 60) / math.sqrt(2) * spread - math.log1p(gain)
        yield next((one for one in map(running.add, logs) if one is not Answer.UNDECIDED), None)


def test_a_true_gain_of_two_percent_is_seldom_given_up():
    assert sum(one is Answer.FASTER for one in answers(0.02, 0.0)) >= 90
    assert sum(one is Answer.EQUIVALENT for one in answers(0.02, 0.01)) <= 5


def pairs_until_an_answer(gain, futile, spread=0.005):
    source = np.random.default_rng(9)
    for _ in range(50):
        running = compare.Sequential(compare.Rule(0.01, tests=2, futile=futile))
        logs = source.normal(0, spread, 60) - math.log1p(gain)
        yield next((n for n, one in enumerate(map(running.add, logs), 1) if one is not Answer.UNDECIDED), 60)


def test_who_has_no_use_for_a_small_gain_does_not_wait_for_its_proof():
    waited = np.median(list(pairs_until_an_answer(0.017, futile=0.0)))
    assert np.median(list(pairs_until_an_answer(0.017, futile=0.03))) < 0.7 * waited


def test_equal_arms_are_called_equivalent_and_nothing_else():
    assert set(answers(0.0, 0.01)) == {Answer.EQUIVALENT}
