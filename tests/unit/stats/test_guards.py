import math
import random

import pytest

from bot.stats.guards import Guard, non_inferior


def pairs(growth, count=20, spread=0.02, seed=1):
    source = random.Random(seed)  # noqa: S311
    return [math.log(growth) + source.gauss(0, spread) for _ in range(count)]


@pytest.mark.parametrize(
    ("growth", "answer"), [(0.5, Guard.HOLDS), (1.0, Guard.HOLDS), (1.1, Guard.UNKNOWN), (1.3, Guard.BROKEN)]
)
def test_growth_against_a_margin_of_ten_percent(growth, answer):
    assert non_inferior(pairs(growth), 0.10) is answer


def test_a_noisy_cost_proves_nothing_in_either_direction():
    assert non_inferior(pairs(1.1, spread=0.5), 0.10) is Guard.UNKNOWN


def test_too_few_pairs_for_the_level_prove_nothing():
    assert non_inferior([1.0] * 6, 0.10) is Guard.UNKNOWN
    assert non_inferior([1.0] * 7, 0.10) is Guard.BROKEN
    assert non_inferior([1.0] * 7, 0.10, tests=8) is Guard.UNKNOWN
    assert non_inferior([], 0.10) is Guard.UNKNOWN


def test_a_margin_of_nothing_asks_for_any_growth():
    assert non_inferior(pairs(1.05), 0.0) is Guard.BROKEN


@pytest.mark.parametrize(("growth", "wrong"), [(1.1, Guard.BROKEN), (1.1, Guard.HOLDS)])
def test_each_wrong_answer_is_as_rare_as_promised(growth, wrong):
    """Exactly on the margin both answers are wrong; 600 trials at 5% allow 5% plus three standard errors."""
    found = sum(non_inferior(pairs(growth, 15, seed=seed), 0.10, 0.95) is wrong for seed in range(600))
    assert found / 600 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 600)
