"""Costs that must not grow while time falls: imports, first calls, memory. A one-sided question with a margin."""

import math
from collections.abc import Sequence
from enum import StrEnum

from bot.stats.summary import hodges_lehmann


class Guard(StrEnum):
    """What the samples say about a cost: it stays within its margin, it breaks it, or neither is proven."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


def non_inferior(samples: Sequence[float], margin: float, level: float = 0.99, tests: int = 1) -> Guard:
    """Say whether a cost grows by at most `margin` (0.10 is 10%).

    `samples` are log(candidate / base) of a cost, one for each pair of processes, shape (n,), independent and
    symmetric about one centre. Each of the two answers is wrong with a probability of at most (1 - level) / tests:
    `tests` is the number of guards that share the error rate (Bonferroni). HOLDS where the upper one-sided bound lies
    below log(1 + margin), BROKEN where the lower one lies above it; too few pairs for the level (2 ** -n above the
    rate) and no pairs at all give UNKNOWN. Source: Wellek, Testing Statistical Hypotheses of Equivalence and
    Noninferiority (2nd ed., 2010), section 5.4 on the signed-rank test with a shifted null; the bounds are those of
    Hollander, Wolfe & Chicken, Nonparametric Statistical Methods (3rd ed.), section 3.3.
    """
    if not samples:
        return Guard.UNKNOWN
    rate = (1 - level) / max(tests, 1)
    found = hodges_lehmann(samples, 1 - 2 * rate)
    limit = math.log1p(margin)
    if found.high < limit:
        return Guard.HOLDS
    return Guard.BROKEN if found.low > limit else Guard.UNKNOWN
