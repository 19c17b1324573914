import numpy as np
import pytest

from tests.bench.proof import rules
from tests.bench.proof.recordings import ProcessRow
from tests.bench.proof.replay import replay


def processes(count, gain=1.0, spread=0.002, seed=1, slices=10):
    source = np.random.default_rng(seed)
    return [list(0.002 / gain * source.normal(1, spread, slices)) for _ in range(count)]


NAMED = [(one.tool, one.words, one) for one in rules.rules()]


@pytest.mark.parametrize(("tool", "words", "rule"), NAMED)
def test_equal_quiet_processes_are_called_by_nobody_but_at_the_nominal_rate(tool, words, rule):
    calls = [rule.decide(processes(20, seed=seed), processes(20, seed=100 + seed)) for seed in range(20)]
    assert sum(map(abs, calls)) <= 4


@pytest.mark.parametrize(("tool", "words", "rule"), NAMED)
def test_a_quiet_gain_of_a_half_is_faster_and_its_mirror_image_slower(tool, words, rule):
    base, candidate = processes(20), processes(20, gain=1.5, seed=2)
    assert rule.decide(base, candidate) == 1
    assert rule.decide(candidate, base) == -1


def test_pyperf_pools_three_values_of_each_process():
    # By hand: means 2 and 3, pooled variance 0.8, error sqrt(2 * 0.8 / 6); t = 1.936 < 2.228 with 10 degrees.
    assert rules.student([[1, 2, 3, 99], [1, 2, 3, 99]], [[2, 3, 4, 99], [2, 3, 4, 99]]) == 0
    assert rules.student([[1, 2, 3], [1, 2, 3]], [[3, 4, 5], [3, 4, 5]]) == -1


def test_asv_wants_its_factor_beside_its_test():
    base = processes(20)
    assert rules.asv_continuous(base, processes(20, gain=1.09, seed=2)) == 0
    assert rules.asv_continuous(base, processes(20, gain=1.11, seed=2)) == 1


def test_benchstat_has_no_smallest_effect():
    assert rules.benchstat(processes(20, spread=0.0005), processes(20, gain=1.002, spread=0.0005, seed=2)) == 1


def test_criterion_wants_the_whole_interval_beyond_one_percent():
    base = processes(20)
    assert rules.criterion(base, processes(20, gain=1.008, seed=2)) == 0
    assert rules.criterion(base, processes(20, gain=1.02, seed=2)) == 1


def test_codeflash_looks_at_the_least_loop_only():
    base, candidate = [[2.0e-3, 9.0]], [[1.9e-3, 99.0]]
    assert rules.codeflash(base, candidate) == 1
    assert rules.codeflash_in_ci(base, candidate) == 0


def test_codeflash_wants_more_of_short_functions():
    assert rules.codeflash([[2.0e-6]], [[1.8e-6]]) == 0
    assert rules.codeflash([[2.0e-6]], [[1.7e-6]]) == 1


def test_a_percentage_has_no_test():
    decide = rules.compare_fail(lambda values: float(np.mean(values)), 1)
    assert decide([[1.0, 1.0]], [[0.98, 0.98]]) == 1
    assert decide([[1.0, 1.0]], [[1.005, 1.005]]) == 0


def test_a_replay_counts_windows_and_those_that_share_nothing():
    rule = next(one for one in rules.rules() if one.form == "long" and "min beyond 1%" in one.words)
    rows = [ProcessRow(float(number), (1.0, 1.1)) for number in range(1, 8)]
    equal, faster = replay(rule, rows), replay(rule, rows, gain=1.05)
    assert (equal.faster, equal.slower, equal.trials, equal.independent) == (0, 0, 6, 3)
    assert (faster.faster, faster.trials) == (6, 6)


def test_a_recording_that_is_too_short_gives_no_trial():
    rule = next(one for one in rules.rules() if one.form == "blocks")
    assert replay(rule, [ProcessRow(1.0, (1.0,) * 10)] * 39).trials == 0
