import random

import numpy as np

from bot.stats import plan


def test_orders_are_balanced_in_blocks_of_four():
    source = random.Random(1)  # noqa: S311
    for _ in range(5):
        block = plan.orders(source)
        assert sorted((one.candidate_starts, one.candidate_first) for one in block) == [
            (False, False), (False, True), (True, False), (True, True),
        ]  # fmt: skip


def test_orders_are_not_always_the_same():
    source = random.Random(1)  # noqa: S311
    assert len({tuple(plan.orders(source)) for _ in range(30)}) > 5


def test_the_faster_arm_gets_two_milliseconds():
    assert plan.calls(1e-4, 1e-5) == 200
    assert plan.calls(1e-5, 1e-4) == 200


def test_the_slower_arm_is_capped():
    assert plan.calls(0.01, 1e-6) == 5
    assert plan.calls(5.0, 1e-6) == 1


def test_a_slice_dwarfs_its_request():
    assert plan.calls(1e-3, 1e-3, overhead=1e-3) == 25


def test_expensive_inputs_shorten_the_slice():
    assert plan.calls(1e-5, 1e-5, input_seconds=1e-3) == 10
    assert plan.calls(1e-5, 1e-5, input_seconds=9.0) == 1


def test_long_calls_get_fewer_slices():
    assert plan.affordable_slices(0.002) == 16
    assert plan.affordable_slices(0.12) == 2
    assert plan.affordable_slices(0.9) == 1
    assert plan.affordable_slices(3.0) == 0


def turns(within, between, seed=5):
    source = np.random.default_rng(seed)
    return [list(source.normal(centre, within, 10)) for centre in source.normal(0, between, 12)]


def test_noise_between_processes_asks_for_few_slices():
    assert plan.best_slices(turns(0.001, 0.02), 0.1, 0.005) == plan.FEWEST_SLICES


def test_little_noise_between_processes_asks_for_many_slices():
    assert plan.best_slices(turns(0.07, 0.0), 0.1, 0.005) == plan.MOST_SLICES


def test_costly_processes_ask_for_many_slices():
    assert plan.best_slices(turns(0.02, 0.01), 2.0, 0.005) == plan.MOST_SLICES


def test_one_process_never_takes_much_longer_than_its_share():
    assert plan.best_slices(turns(0.02, 0.001), 60.0, 0.12) == 4
    assert plan.best_slices(turns(0.02, 0.001), 60.0, 0.025) == 16
    assert plan.best_slices(turns(0.02, 0.001), 60.0, 0.01) == 25


def test_identical_slices_are_no_division_by_zero():
    assert plan.best_slices([[0.0] * 10] * 4, 0.1, 0.005) >= plan.FEWEST_SLICES
