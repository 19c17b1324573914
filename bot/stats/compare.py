"""The decisions: faster, slower, equivalent or undecided while pairs come in; and from a fixed batch of new pairs.

Samples are log(candidate time / base time) of one pair of processes each; ratios are base over candidate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.stats.sequential import TwoSided
from bot.stats.summary import hodges_lehmann, robust_sd

FUTILE = 0.02
EQUIVALENT_WITHIN = 0.03
FUTILITY_EVIDENCE = 20.0
FEWEST_PAIRS = 10
FEWEST_FOR_FUTILITY = 8
CANARY_SD = 0.06
CANARY_ALPHA = 0.01
DRIFT = 1.1
_ONE_SIDED = 0.90


class Answer(StrEnum):
    """What a comparison says."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Rule:
    """When to believe: an effect beyond `margin` (0.01 is 1%) at error rate `alpha` in each direction.

    `alpha` is divided by `tests`, the number of comparisons that share it (Bonferroni; for e-values the threshold
    is tests / alpha). For "equivalent" an effect of 2%, or twice the margin, must be implausible; `futile` is a larger
    bound for gains, where whoever asks has no use for smaller ones.
    """

    margin: float = 0.01
    alpha: float = 0.005
    tests: int = 1
    futile: float = 0.0

    @property
    def threshold(self) -> float:
        """The evidence at which an effect is believed."""
        return self.tests / self.alpha


@dataclass(frozen=True, slots=True)
class Ratio:
    """Base time over candidate time with its interval."""

    estimate: float
    low: float
    high: float


class Sequential:
    """The running decision of one comparison; valid however often it is read."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        loss = max(FUTILE, 2 * rule.margin)
        gain = max(loss, rule.futile)
        self._processes = TwoSided(math.log1p(rule.margin), math.log1p(gain), math.log1p(loss))

    def add(self, sample: float) -> Answer:
        """Take log(candidate time / base time) of the next pair and return the answer so far.

        An effect needs ten pairs and evidence of tests / alpha; equivalence eight pairs and evidence of 20 against a
        gain and against a loss of 2% or more (twice the margin where that is above; for gains the rule's own figure).
        Where the rule has none, as much evidence for an effect beyond the margin keeps the question open.
        The answer stands once it was given: stop then. At 3% in place of 2%, a fifth to a half of true gains of 2%
        were given up in simulations with a spread of 1.2% between pairs.
        """
        self._processes.extend([-sample])
        found = self._processes
        if found.count >= FEWEST_PAIRS and found.faster >= self._rule.threshold:
            return Answer.FASTER
        if found.count >= FEWEST_PAIRS and found.slower >= self._rule.threshold:
            return Answer.SLOWER
        # Whoever has no use for small effects does not wait for a proof that there is one.
        promising = self._rule.futile <= FUTILE and max(found.faster, found.slower) >= FUTILITY_EVIDENCE
        if found.count >= FEWEST_FOR_FUTILITY and found.equivalent >= FUTILITY_EVIDENCE and not promising:
            return Answer.EQUIVALENT
        return Answer.UNDECIDED


def ratio(samples: Sequence[float], level: float = 0.99) -> Ratio:
    """Return the Hodges-Lehmann estimate of base over candidate with its exact interval; samples have shape (n,)."""
    found = hodges_lehmann(samples, level)
    # exp(-x) swaps the ends of the interval.
    return Ratio(math.exp(-found.estimate), math.exp(-found.high), math.exp(-found.low) if found.low > -700 else np.inf)


def confirm(samples: Sequence[float], margin: float, level: float = 0.99) -> Answer:
    """Decide on a batch whose size was fixed before: an effect needs its whole interval beyond the margin.

    Equivalent where the interval lies within 3% (or three times the margin) of no change, undecided otherwise. Source:
    the rule of criterion.rs, with the exact signed-rank interval over process pairs in place of its bootstrap over
    iterations.
    """
    found = ratio(samples, level)
    wide = 1 + max(EQUIVALENT_WITHIN, 3 * margin)
    if found.low > 1 + margin:
        return Answer.FASTER
    if found.high < 1 / (1 + margin):
        return Answer.SLOWER
    return Answer.EQUIVALENT if 1 / wide < found.low and found.high < wide else Answer.UNDECIDED


@dataclass(frozen=True, slots=True)
class Quiet:
    """Whether a machine is quiet enough to be believed, and the spread of base against base."""

    robust_sd: float
    answer: Answer
    quiet: bool


def canary(samples: Sequence[float], level: float = 1 - CANARY_ALPHA) -> Quiet:
    """Judge base against base, shape (n,): too noisy above a robust sd of 6%, or where a difference is called.

    A difference is an exact signed-rank interval at `level` that leaves out "no change" by more than 1%.
    """
    spread = robust_sd(samples)
    answer = confirm(samples, margin=0.01, level=level)
    called = answer in {Answer.FASTER, Answer.SLOWER}
    return Quiet(spread, answer, quiet=spread <= CANARY_SD and not called)


def cached(base_first: Sequence[float], candidate_first: Sequence[float], hot_saving: float) -> bool:
    """Say whether a gain on repeated calls is missing from the first call in a process: the mark of a cache.

    `base_first` and `candidate_first` are the seconds of the first calls of paired processes, shape (n,);
    `hot_saving` the seconds saved on a repeated call. True where even the upper 95% bound (Hodges-Lehmann, exact
    signed rank) of the saving on a first call is under half of the hot saving. First calls vary by tens of
    microseconds, so that a cache which saves less than that is not told from an honest gain.
    """
    savings = np.asarray(base_first, dtype=float) - np.asarray(candidate_first, dtype=float)
    return hot_saving > 0 and hodges_lehmann(list(savings), _ONE_SIDED).high < hot_saving / 2


def deferred(extra_reading: Sequence[float], saving: float, level: float = 0.99) -> bool:
    """Say whether the time saved in calls comes back when their answers are read: lazy results.

    `extra_reading` are the seconds that reading one answer takes longer in the candidate than in the base, one value
    for each pair, shape (n,); `saving` the seconds saved on a call. True where the excess is at least a third of the
    saving and its interval excludes zero: a third, as answers that were made just now are read from warm caches.
    """
    if saving <= 0:
        return False
    found = hodges_lehmann(extra_reading, level)
    return found.low > 0 and found.estimate >= saving / 3


def drifts(slices: Sequence[Sequence[float]], level: float = 0.99) -> bool:
    """Say whether calls take longer and longer within a process: each call changes state that the next one meets.

    `slices` holds the seconds of the slices of base processes in their order, shape (processes, slices). True where
    the second half of a process takes more than 1.1 times the first half, by the exact interval over processes.
    """
    halves = [(one[: len(one) // 2], one[len(one) // 2 :]) for one in slices if len(one) >= 4]
    growth = [math.log(float(np.median(late)) / float(np.median(early))) for early, late in halves]
    return bool(growth) and hodges_lehmann(growth, level).low > math.log(DRIFT)
