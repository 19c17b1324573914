"""Validity and power by simulation, with fixed seeds; the samples are heavy-tailed on purpose."""

import math

import numpy as np
import pytest

from bot.stats.compare import Answer, Rule, Sequential
from bot.stats.sequential import BETS, SignProcess, TwoSided


def ever(draws, threshold, margin=0.0):
    """Return the share of rows whose evidence ever reaches the threshold."""
    hits = 0
    for row in draws:
        process = SignProcess(margin)
        hits += any(process.add(value) >= threshold for value in row)
    return hits / len(draws)


@pytest.mark.parametrize("noise", ["normal", "t2", "cauchy", "two-sizes"])
def test_symmetric_noise_is_seldom_called_at_any_time(noise):
    random = np.random.default_rng(11)
    shape = (400, 40)
    draws = {
        "normal": lambda: random.normal(0, 0.01, shape),
        "t2": lambda: random.standard_t(2, shape) * 0.01,
        "cauchy": lambda: random.standard_cauchy(shape) * 0.01,
        "two-sizes": lambda: random.choice([-0.3, -0.001, 0.001, 0.3], shape),
    }[noise]()
    # 400 trials at a rate of at most 0.05: four standard errors above it is 0.094.
    assert ever(draws, 20) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 400)


def test_the_expectation_under_the_null_is_one():
    random = np.random.default_rng(12)
    values = []
    for row in random.standard_t(3, (3000, 4)) * 0.02:
        process = SignProcess(0.0)
        for value in row:
            process.add(value)
        values.append(process.value)
    assert np.mean(values) == pytest.approx(1, abs=0.1)


def test_an_effect_of_exactly_the_margin_is_seldom_called():
    draws = np.random.default_rng(13).normal(0.01, 0.001, (300, 30))
    assert ever(draws, 200, margin=0.01) <= 0.02


def test_the_scale_uses_the_past_only():
    # The first sample is scaled by the documented start value of 0.02 and bounded at 1.5, whatever its own size.
    huge, large = SignProcess(0.0), SignProcess(0.0)
    expected = np.mean([2 / (1 + math.exp(-2 * bet * 1.5)) for bet in BETS])
    assert huge.add(1e6) == large.add(0.03) == pytest.approx(expected)
    assert huge.add(0.03) < large.add(0.03)
    assert SignProcess(0.0).add(0.0) == 1.0


def test_evidence_stays_finite():
    process = SignProcess(0.0)
    for _ in range(3000):
        assert math.isfinite(process.add(1.0))


def test_mirrors_agree():
    one, other = TwoSided(0.01, 0.03, 0.03), TwoSided(0.01, 0.03, 0.03)
    gains = [0.02, -0.01, 0.05, 0.04]
    one.extend(gains)
    other.extend([-gain for gain in gains])
    assert one.faster == other.slower
    assert one.equivalent == other.equivalent


def decided(samples, rule=None):
    running = Sequential(rule or Rule())
    for number, sample in enumerate(samples, 1):
        answer = running.add(sample)
        if answer is not Answer.UNDECIDED:
            return answer, number
    return Answer.UNDECIDED, len(samples)


def test_a_gain_of_five_percent_is_found_within_twenty_pairs():
    draws = np.random.default_rng(14).standard_t(3, (100, 60)) * 0.013 - math.log(1.05)
    found = [decided(row) for row in draws]
    assert sum(answer is Answer.FASTER for answer, _ in found) >= 95
    assert np.mean([pairs for _, pairs in found]) < 20


def test_a_loss_is_the_mirror_of_a_gain():
    assert decided([-0.7] * 20) == (Answer.FASTER, 10)
    assert decided([0.7] * 20) == (Answer.SLOWER, 10)


def test_no_change_ends_early():
    draws = np.random.default_rng(15).normal(0, 0.01, (100, 60))
    found = [decided(row) for row in draws]
    assert all(answer is Answer.EQUIVALENT for answer, _ in found)
    assert np.mean([pairs for _, pairs in found]) < 11


def test_more_tests_need_more_evidence():
    samples = [-0.05] * 30
    assert decided(samples, Rule(tests=1000))[1] > decided(samples)[1]


def test_wild_noise_gives_no_answer_rather_than_a_wrong_one():
    draws = np.random.default_rng(16).normal(0, 0.5, (100, 60))
    assert sum(answer in {Answer.FASTER, Answer.SLOWER} for answer, _ in map(decided, draws)) <= 2


def test_wild_pairs_do_not_undo_the_others():
    random = np.random.default_rng(17)
    wild = random.random((100, 60)) < 0.2
    draws = np.where(wild, random.normal(0, 0.3, (100, 60)), random.normal(0, 0.02, (100, 60)))
    same = [decided(row) for row in draws]
    faster = [decided(row - math.log(1.05)) for row in draws]
    assert sum(answer is Answer.EQUIVALENT for answer, _ in same) >= 90
    assert sum(answer is Answer.FASTER for answer, _ in faster) >= 90


def test_a_small_gain_on_a_quiet_machine_is_not_called_equivalent():
    draws = np.random.default_rng(18).normal(-math.log(1.026), 0.004, (50, 60))
    assert all(decided(row)[0] is Answer.FASTER for row in draws)
