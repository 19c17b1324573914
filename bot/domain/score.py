"""One figure over several benchmarks, with how it came about."""

from dataclasses import dataclass

from bot.domain.evidence import Interval


@dataclass(frozen=True, slots=True)
class Score:
    """The figure of `method` ("weighted", "auc" or "function") over `benchmarks` benchmarks, with its interval.

    For the first two it is a ratio of base over candidate. `value` is None where there is none; `sentence` says why,
    or what a reader must know.
    """

    method: str
    value: Interval | None
    benchmarks: int
    sentence: str = ""
