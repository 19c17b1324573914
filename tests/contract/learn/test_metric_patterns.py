"""Dense groups of measurements, found by the real scikit-learn."""

import math
import random

import pytest

from bot.domain.pattern import PatternKind
from bot.learn.metric_patterns import Observation, metric_patterns

pytest.importorskip("sklearn", reason="missing: scikit-learn")


def cloud(seed, count, centre, *, accepted, gain=2.0, scale=1000.0):
    chance = random.Random(seed)  # noqa: S311 - test data
    return [
        Observation(
            {
                "log_seconds": centre[0] + chance.gauss(0, 0.05),
                "lines": (centre[1] + chance.gauss(0, 0.05)) * scale,
                "same": 1.0,
            },
            accepted,
            gain,
            f"2026-05-{number % 28 + 1:02d}",
        )
        for number in range(count)
    ]


def test_two_clouds_are_two_patterns_whatever_the_scales_are():
    quick, slow = cloud(1, 30, (0, 0), accepted=True, gain=3.0), cloud(2, 20, (5, 5), accepted=False)
    stray = [Observation({"log_seconds": 40.0, "lines": -90_000.0, "same": 1.0}, False, 1.0, "2026-01-01")]
    first, second = metric_patterns([*quick, *slow, *stray])
    assert (first.frequency, second.frequency) == (30, 20)
    assert (first.improvement, second.improvement) == (3.0, 1.0)
    assert first.confidence > 0.5
    assert second.confidence < 0.2
    assert first.kind is PatternKind.METRIC
    assert "same" not in first.shape
    assert (first.first_seen, first.last_seen) == ("2026-05-01", "2026-05-28")
    assert metric_patterns([*quick, *slow, *stray]) == (first, second)


def test_too_few_or_nothing_that_differs_is_no_pattern():
    assert metric_patterns([]) == ()
    assert metric_patterns(cloud(1, 9, (0, 0), accepted=True)) == ()
    assert metric_patterns([Observation({"x": 1.0}, True, 2.0, "t")] * 30) == ()
    assert metric_patterns([Observation({"x": math.nan}, True, 2.0, "t")] * 30) == ()
    assert metric_patterns([Observation({str(number): 1.0}, True, 2.0, "t") for number in range(30)]) == ()
