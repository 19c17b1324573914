"""Trials over recorded pairs: our decision replayed as the product makes it, many times on the same noise.

A trial starts at a drawn pair and takes the pairs that follow, in their order (the recording is a ring). On equal arms
each pair's labels are drawn anew, which is legitimate because the product draws who is first; an effect is injected by
dividing the candidate's times by its size. Trials of one recording share pairs, so that few of them are independent:
the report gives that number beside the counts.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.stats import compare
from bot.stats.compare import Answer, Rule, Sequential
from bot.stats.summary import fastest_quarter, hodges_lehmann
from tests.bench.proof.recordings import PairRow

MOST_PAIRS = 60
CONFIRM_PAIRS = 20
Draw = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Series:
    """The pairs of one recording: log(candidate / base) of each, and the seconds that each took."""

    logs: tuple[float, ...]
    seconds: tuple[float, ...]
    start: float

    @property
    def count(self) -> int:
        """The number of pairs."""
        return len(self.logs)


@dataclass(frozen=True, slots=True)
class Trial:
    """What one replayed decision said, after how many pairs and seconds, and what its confirmation said."""

    answer: Answer
    pairs: int
    seconds: float
    confirmed: Answer | None = None

    @property
    def called(self) -> bool:
        """Whether an effect was called before confirmation."""
        return self.answer in {Answer.FASTER, Answer.SLOWER}

    @property
    def published(self) -> bool:
        """Whether the confirmation called the same effect."""
        return self.called and self.confirmed is self.answer


def series(rows: Sequence[PairRow]) -> Series:
    """Return the samples of recorded pairs; the first pair of a batch costs its start, which is kept apart.

    `start` is the median over batches of the seconds until the first pair, with its processes' start and calibration.
    """
    logs, seconds, starts, last = [], [], [], PairRow(-1, 0.0, (), ())
    for row in rows:
        logs.append(math.log(fastest_quarter(row.candidate) / fastest_quarter(row.base)))
        if row.batch == last.batch:
            seconds.append(row.at - last.at)
        else:
            starts.append(row.at)
            seconds.append(math.nan)
        last = row
    usual = sorted(one for one in seconds if not math.isnan(one))
    middle = usual[len(usual) // 2] if usual else 0.0
    kept = tuple(middle if math.isnan(one) else one for one in seconds)
    return Series(tuple(logs), kept, sorted(starts)[len(starts) // 2] if starts else 0.0)


def equal(found: Series, count: int, source: random.Random, *, gain: float = 1.0, margin: float = 0.01) -> list[Trial]:
    """Return trials on equal arms with labels drawn anew and a candidate that is `gain` times as fast (1: A/A)."""
    shift = math.log(gain)

    def sample(at: int) -> float:
        return source.choice((-1, 1)) * found.logs[at % found.count] - shift

    return [_trial(found, source.randrange(found.count), margin, sample) for _ in range(count)]


def real(found: Series, count: int, source: random.Random, *, margin: float = 0.01) -> list[Trial]:
    """Return trials on arms that differ in their work: labels stand as they were recorded."""
    return [
        _trial(found, source.randrange(found.count), margin, lambda at: found.logs[at % found.count])
        for _ in range(count)
    ]


def in_turn(found: Series, margin: float = 0.01) -> list[Trial]:
    """Return the decisions that the recording holds one after the other, without any pair in two of them."""
    trials, at = [], 0
    while at + compare.FEWEST_PAIRS <= found.count:
        trial = _decided(found, at, margin, lambda place: found.logs[place], found.count - at)
        if trial.answer is Answer.UNDECIDED and trial.pairs < MOST_PAIRS:
            break
        trials.append(trial)
        at += trial.pairs
    return trials


def _trial(found: Series, start: int, margin: float, sample: Draw) -> Trial:
    first = _decided(found, start, margin, sample, MOST_PAIRS)
    if not first.called:
        return first
    fresh = [sample(start + first.pairs + number) for number in range(CONFIRM_PAIRS)]
    return Trial(first.answer, first.pairs, first.seconds, compare.confirm(fresh, margin))


def _decided(found: Series, start: int, margin: float, sample: Draw, most: int) -> Trial:
    running = Sequential(Rule(margin))
    answer, spent, pairs = Answer.UNDECIDED, found.start, 0
    for pairs in range(1, min(most, MOST_PAIRS) + 1):
        at = start + pairs - 1
        answer = running.add(sample(at))
        spent += found.seconds[at % found.count] if pairs > 1 else 0.0
        if answer is not Answer.UNDECIDED:
            break
    return Trial(answer, pairs, spent)


def peeked(found: Series, count: int, source: random.Random, gain: float = 1.0) -> list[Answer]:
    """Return what the usual mistake says on the same pairs: signed-rank tests at 1% after every fifth pair."""
    answers = []
    for _ in range(count):
        start = source.randrange(found.count)
        logs = [
            source.choice((-1, 1)) * found.logs[(start + number) % found.count] - math.log(gain)
            for number in range(MOST_PAIRS)
        ]
        looks = (hodges_lehmann(logs[:pairs]) for pairs in range(10, MOST_PAIRS + 1, 5))
        first = next((one for one in looks if one.low > 0 or one.high < 0), None)
        answers.append(Answer.UNDECIDED if first is None else Answer.SLOWER if first.low > 0 else Answer.FASTER)
    return answers


@dataclass(frozen=True, slots=True)
class Covered:
    """One known effect (log), the interval for it (log), and whether the interval holds it."""

    truth: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the truth is inside."""
        return self.low <= self.truth <= self.high


def coverage(found: Series, count: int, source: random.Random) -> list[Covered]:
    """Return 99% intervals of 20 pairs with effects between -20% and 25%, drawn and injected, against the truth."""
    kept = []
    for _ in range(count):
        truth, start = source.uniform(math.log(0.8), math.log(1.25)), source.randrange(found.count)
        logs = [
            source.choice((-1, 1)) * found.logs[(start + number) % found.count] - truth
            for number in range(CONFIRM_PAIRS)
        ]
        interval = compare.ratio(logs)
        kept.append(Covered(truth, math.log(interval.low), math.log(interval.high)))
    return kept


@dataclass(frozen=True, slots=True)
class Balance:
    """The centre of log(candidate / base) on equal arms: mean, its standard error, Hodges-Lehmann, robust spread."""

    mean: float
    error: float
    centre: float
    spread: float
    pairs: int


def balance(found: Series, spread: float) -> Balance:
    """Return whether equal arms come out equal; labels stand as recorded. `spread` is the robust sd of a pair."""
    count = found.count
    mean = sum(found.logs) / count
    variance = sum((one - mean) ** 2 for one in found.logs) / max(count - 1, 1)
    return Balance(mean, math.sqrt(variance / count), hodges_lehmann(found.logs).estimate, spread, count)
