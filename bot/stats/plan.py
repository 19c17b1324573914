"""How much to measure: calls in a slice, slices in a process, and the order of everything that could matter."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.stats.summary import robust_sd

SLICE_SECONDS = 0.002
SLICE_CAP = 0.05
INPUT_CAP = 0.01
FEWEST_SLICES = 16
FIRST_SLICES = 16
MOST_SLICES = 40
PROCESS_SECONDS = 0.25
LONG_SLICE = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """Who goes first in one pair: which arm is started first, and which has the first slice (False: the base)."""

    candidate_starts: bool
    candidate_first: bool


def orders(random_source: random.Random) -> "list[Order]":
    """Return the orders of the next four pairs: every combination once, shuffled.

    Balancing in blocks of four removes what spawn order and slot order add; the shuffle keeps the next order unknown.
    Source: randomised complete blocks, Box, Hunter & Hunter, Statistics for Experimenters, chapter 4.
    """
    block = [Order(starts, first) for starts in (False, True) for first in (False, True)]
    random_source.shuffle(block)
    return block


def calls(base_seconds: float, candidate_seconds: float, overhead: float = 0.0, input_seconds: float = 0.0) -> int:
    """Return the number of calls in a slice from the calibrated seconds of one call in each arm.

    The faster arm gets at least 2 ms and at least 25 times the `overhead` of a request; the slower at most about
    50 ms, building the inputs (`input_seconds` for one call) at most 10 ms; always at least one call.
    """
    fast, slow = sorted((max(base_seconds, 1e-9), max(candidate_seconds, 1e-9)))
    wanted = math.ceil(max(SLICE_SECONDS, 25 * overhead) / fast)
    allowed = min(SLICE_CAP / slow, INPUT_CAP / max(input_seconds, 1e-9))
    return max(1, min(wanted, int(allowed)))


def affordable_slices(slice_seconds: float) -> int:
    """Return how many slices of this length one process gets before variances are known.

    Sixteen where they are short, fewer for long ones, and 0 above a second: then the first call is the sample.
    """
    if slice_seconds > LONG_SLICE:
        return 0
    return max(1, min(FIRST_SLICES, round(PROCESS_SECONDS / max(slice_seconds, 1e-9))))


def best_slices(slices: Sequence[Sequence[float]], process_seconds: float, turn_seconds: float) -> int:
    """Return the number of slices for one process that buys most precision for the time.

    `slices` holds the log ratios of the turns of some pairs, shape (pairs, slices): ratios, because drift of the
    machine cancels in them; `process_seconds` is what a pair costs beside its turns, `turn_seconds` what a turn (one
    slice in each process) costs. The optimum is sqrt(variance within / variance between * cost of a pair / cost of a
    turn): Kalibera & Jones, "Rigorous benchmarking in reasonable time", ISMM 2013, section 6. Spreads are
    median-based; the variance of the pairs' medians is reduced by what the turns inside explain (pi / 2 times their
    variance over their number: the asymptotic variance of a median). Where layouts are paired, little is left of it,
    and few pairs estimate it badly: hence at least 16. The answer is at most 40, and within 0.25 s for a pair, or
    0.5 s where that leaves fewer than 16: a loaded machine needs more slices, not fewer.
    """
    within = float(np.median([robust_sd(one) ** 2 for one in slices]))
    medians = [float(np.median(one)) for one in slices]
    explained = math.pi / 2 * within / max(len(slices[0]), 1)
    between = max(robust_sd(medians) ** 2 - explained, within / 100, 1e-12)
    best = math.sqrt(within / between * process_seconds / max(turn_seconds, 1e-9))
    usual = PROCESS_SECONDS / max(turn_seconds, 1e-9)
    most = min(MOST_SLICES, max(round(usual), min(FEWEST_SLICES, round(2 * usual))))
    return max(1, min(max(FEWEST_SLICES, round(best)), most))
