"""Error rates that benchmarks share, in a batch of fixed size."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from bot.evaluate.decisions import Decisions
from bot.stats import compare
from bot.stats.compare import Answer

RUNS = 400


@dataclass
class Series:
    name: str
    samples: list

    @property
    def logs(self):
        return self.samples


@dataclass(frozen=True)
class Settings:
    margin: float = 0.01
    confidence: float = 0.9
    futile: float = 0.0
    most_pairs: int = 60
    confirm_pairs: int = 20
    canary_pairs: int = 10


def shown(_one, answer, level, *, confirmed):
    return answer, level, confirmed


def confirmed(count, source, gain):
    def measure(_base, _candidate, names, _done, pairs):
        return [Series(name, list(source.normal(-gain, 0.01, pairs))) for name in names]

    return Decisions(Settings(), measure, shown).confirm("base", "candidate", [str(number) for number in range(count)])


@pytest.mark.parametrize("count", [1, 4])
def test_benchmarks_that_gain_just_the_margin_are_seldom_called_however_many_there_are(count):
    source = np.random.default_rng(5)
    runs = [confirmed(count, source, math.log1p(0.01)) for _ in range(RUNS)]
    called = sum(any(answer in {Answer.FASTER, Answer.SLOWER} for answer, _, _ in run) for run in runs)
    assert called <= 0.1 * RUNS
    assert {(level, complete) for run in runs for _, level, complete in run} == {(0.9, True)}


def test_a_clear_gain_is_called_beside_others():
    found = confirmed(4, np.random.default_rng(6), math.log(1.2))
    assert [answer for answer, _, _ in found] == [Answer.FASTER] * 4


def test_a_batch_that_was_cut_short_is_undecided():
    def measure(_base, _candidate, names, _done, _pairs):
        return [Series(name, [-0.5] * 9) for name in names]

    found = Decisions(Settings(), measure, shown).confirm("base", "candidate", ["a"])
    assert found == ((Answer.UNDECIDED, 0.9, False),)
    assert compare.confirm([-0.5] * 9, 0.01, 0.9) is Answer.FASTER
