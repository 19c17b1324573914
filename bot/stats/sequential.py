"""Evidence that may be looked at after every pair: e-processes from the symmetry of differences in random order."""

import bisect
import math
from collections.abc import Iterable

BETS = (0.1, 0.2, 0.5, 1.0, 2.0)
START_SCALE = 0.02
BOUND = 1.5
_TINY = 1e-300
_LARGEST_LOG = 600.0


class SignProcess:
    """A test that can be read at any time of H0: "the samples are symmetric about a centre of at most `margin`".

    Under H0 the value is a non-negative supermartingale that starts at 1, so that it ever reaches 1 / alpha with a
    probability of at most alpha (Ville's inequality). It is the mean over bets c of the products of
    2 / (1 + exp(-2 c g(x / m))), with x = sample - margin and g(u) = u kept within +-1.5: f(x) + f(-x) = 2 and f
    rises, hence the expectation is 1 for x symmetric about 0 and at most 1 where the centre is below. The bound keeps
    one wild pair from undoing the rest: with a fifth of wild pairs it halves the pairs needed, and it costs nothing
    on quiet machines (simulated). The scale m is the running median of |x| over the *past* samples
    together with one documented start value of 0.02, so that it is known before the sample is drawn. Samples must be
    independent given the past, symmetric about their centre (true for pairs in random order that differ only by
    noise), of any spread and tail. Source: Vovk & Wang, "Nonparametric e-tests of symmetry", New England Journal of
    Statistics in Data Science (2024), arXiv 2208.08925; the mean over bets is again an e-process.
    """

    def __init__(self, margin: float) -> None:
        self._margin = margin
        self._sizes = [START_SCALE]
        self._logs = [0.0] * len(BETS)

    def add(self, sample: float) -> float:
        """Take one sample, shape (), and return the evidence."""
        shifted = sample - self._margin
        scaled = min(max(shifted / max(self._median(), _TINY), -BOUND), BOUND)
        for number, bet in enumerate(BETS):
            self._logs[number] += math.log(2) - _softplus(-2 * bet * scaled)
        bisect.insort(self._sizes, abs(shifted))
        return self.value

    @property
    def value(self) -> float:
        """The evidence against H0 after the samples so far; at least 0."""
        return sum(math.exp(min(log, _LARGEST_LOG)) for log in self._logs) / len(BETS)

    def _median(self) -> float:
        half = len(self._sizes) // 2
        return (self._sizes[half] + self._sizes[~half]) / 2


def _softplus(value: float) -> float:
    """Return log(1 + exp(value)) without overflow."""
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


class TwoSided:
    """Four processes on the log ratios of one comparison, positive where the candidate is faster.

    `faster` and `slower` are evidence for an effect beyond `margin`; `not_faster` and `not_slower` are evidence
    against a gain of `gain` or more and against a loss of `loss` or more. All bounds are log ratios above 0.
    """

    def __init__(self, margin: float, gain: float, loss: float) -> None:
        self.count = 0
        self._faster = SignProcess(margin)
        self._slower = SignProcess(margin)
        self._not_faster = SignProcess(-gain)
        self._not_slower = SignProcess(-loss)

    def extend(self, gains: Iterable[float]) -> None:
        """Take log(base time / candidate time) of further pairs, shape (n,), in the order in which they were run."""
        for gain in gains:
            self.count += 1
            self._faster.add(gain)
            self._slower.add(-gain)
            self._not_faster.add(-gain)
            self._not_slower.add(gain)

    @property
    def faster(self) -> float:
        """Evidence against "at most `margin` faster"."""
        return self._faster.value

    @property
    def slower(self) -> float:
        """Evidence against "at most `margin` slower"."""
        return self._slower.value

    @property
    def equivalent(self) -> float:
        """Evidence against "`gain` faster or more" and against "`loss` slower or more": the weaker of the two."""
        return min(self._not_faster.value, self._not_slower.value)
