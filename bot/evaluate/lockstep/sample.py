"""One sample: a pair of live processes takes turns on one benchmark, and their answers are compared in every slice."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.evaluate.lockstep.driver import ArmFailed, Driver, Side
from bot.evaluate.lockstep.pairs import Pair
from bot.ports import Usage
from bot.stats import plan
from bot.stats.summary import fastest_quarter, lower_quartile

_CHECKS = 3
_SLOW_READING = 0.01
_LONG_CALL = 0.3
_MOST_ROUNDS = 8
_TRIES = 4


class AnswersDiffer(Exception):  # noqa: N818 - an observation about the candidate, caught inside this package's users
    """The two processes answered the same call differently."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a benchmark is cut: calls in a slice, slices in a process, seconds of an empty request, whether to compare.

    `seconds` is the length of a base slice, for deadlines.
    """

    calls: int
    slices: int
    overhead: float
    seconds: float
    compare_answers: bool = True


@dataclass(frozen=True, slots=True)
class ArmSample:
    """What one process gave: seconds per call in each slice, its peak memory in bytes, and seconds of one call.

    `first` and `first_cpu` are of the first call, `cpu` of later ones, `reading` is that of reading one answer,
    `loading` that of making the benchmark ready, `hot` that of a call on an input that was just used, or None.
    """

    slices: tuple[float, ...]
    first: float
    first_cpu: float
    cpu: float
    reading: float
    peak: int
    loading: float = 0.0
    hot: float | None = None

    @property
    def seconds(self) -> float:
        """The mean of the fastest quarter of the slices."""
        return fastest_quarter(self.slices)


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair on one benchmark."""

    base: ArmSample
    candidate: ArmSample


@dataclass(frozen=True, slots=True)
class FirstCalls:
    """Wall and CPU seconds of the first call in each process of a pair."""

    seconds: Mapping[Side, float]
    cpu: Mapping[Side, float]


class Turns:
    """Makes the two processes of one pair take turns on the benchmark that both hold ready."""

    def __init__(self, pair: Pair, random_source: random.Random, timeout: float, *, compare_answers: bool) -> None:
        self._pair = pair
        self._random = random_source
        self._timeout = timeout
        self._compare = compare_answers
        self._checks = _CHECKS
        self.input_seconds = 0.0
        self.reading: dict[Side, list[float]] = {side: [] for side in Side}
        self.cpu: dict[Side, list[float]] = {side: [] for side in Side}

    def turn(self, calls: int, *, candidate_first: bool) -> dict[Side, float]:
        """Run one slice in each process, one after the other, and return their seconds; AnswersDiffer if they do."""
        first, second = self._sides(candidate_first)
        seed = self.seed()
        building = min(driver.prepare(seed, calls) for driver in (first, second))
        if first.current is not None and first.current.setup:
            self.input_seconds = building / max(calls, 1)
        before = {driver.side: driver.usage() for driver in (first, second)}
        seconds = {driver.side: driver.run(self._timeout) for driver in (first, second)}
        after = {driver.side: driver.usage() for driver in (first, second)}
        for side in Side:
            self.cpu[side].append(_cpu(before[side], after[side]) / max(calls, 1))
        self._read(calls, first, second)
        return seconds

    def again(self, *, candidate_first: bool) -> dict[Side, float]:
        """Make the calls of the last turn again, on the same inputs, and return their seconds."""
        return {driver.side: driver.run(self._timeout) for driver in self._sides(candidate_first)}

    def empty(self) -> float:
        """Return the seconds of a request without calls in the base process; undoes the last `prepare`."""
        self._pair.base.idle()
        return self._pair.base.run(self._timeout)

    def seed(self) -> int:
        """Draw a seed for inputs."""
        return self._random.getrandbits(31)

    def forget(self) -> None:
        """Drop what was noted during calibration and warm-up."""
        self.reading = {side: [] for side in Side}
        self.cpu = {side: [] for side in Side}

    def _sides(self, candidate_first: bool) -> tuple[Driver, Driver]:
        pair = self._pair
        return (pair.candidate, pair.base) if candidate_first else (pair.base, pair.candidate)

    def _read(self, calls: int, first: Driver, second: Driver) -> None:
        # Which answers are looked at is drawn after they were given.
        check = sorted(self._random.sample(range(calls), min(self._checks, calls)))
        found = {}
        for driver in (first, second):
            found[driver.side], seconds = driver.digest(check)
            self.reading[driver.side].append(seconds / max(len(check), 1))
            if seconds > _SLOW_READING:
                self._checks = 1
        if self._compare and found[Side.BASE] != found[Side.CANDIDATE]:
            raise AnswersDiffer


def first_calls(turns: Turns, pair: Pair) -> FirstCalls:
    """Time the first call in each process, after a request without calls that warms the driver."""
    for driver in pair.drivers.values():
        driver.idle()
        driver.run()
    seconds = turns.turn(1, candidate_first=pair.order.candidate_first)
    return FirstCalls(seconds, {side: turns.cpu[side][0] for side in Side})


def calibrate(turns: Turns, first: Mapping[Side, float]) -> Shape:
    """Find how many calls make a slice, from calls that are not used as samples."""
    overhead = min(turns.empty() for _ in range(5))
    calls, wanted, each, building = 1, 1, dict(first), 0.0
    for _ in range(_MOST_ROUNDS):
        length = max(each.values()) * calls
        if length > plan.LONG_SLICE:
            break
        # The quickest of some tries: a burst of other work must not decide on the length of all slices.
        count = _TRIES if length < _LONG_CALL else 1
        tries = [(turns.turn(calls, candidate_first=bool(order % 2)), turns.input_seconds) for order in range(count)]
        building = min(seconds for _, seconds in tries)
        quickest = {side: min(seconds[side] for seconds, _ in tries) for side in Side}
        each = {side: max(quickest[side] - overhead, overhead / 10, 1e-9) / calls for side in Side}
        wanted = plan.calls(each[Side.BASE], each[Side.CANDIDATE], overhead, max(building - overhead / calls, 0.0))
        if wanted <= 2 * calls:
            break
        calls = min(wanted, 20 * calls)
    longest = (max(each.values()) + building) * wanted
    return Shape(wanted, plan.affordable_slices(longest), overhead, each[Side.BASE] * wanted)


def take(turns: Turns, pair: Pair, shape: Shape, first: FirstCalls) -> Sample:
    """Warm both processes with a slice that is not counted, run the slices in strict alternation, and sum up.

    ABAB and not ABBA: whose slice follows one of its own meets warm caches (15% faster over 8 MB arrays), and the
    mixture of warm and cold slices doubles the spread of pairs; which arm begins is balanced over pairs. Where the
    shape has no slices because one call is long, the first call is the sample.
    """
    slices: dict[Side, list[float]] = {side: [] for side in Side}
    if shape.slices == 0:
        slices = {side: [max(first.seconds[side] - shape.overhead, 1e-9)] for side in Side}
    elif shape.seconds < _LONG_CALL:
        turns.turn(shape.calls, candidate_first=pair.order.candidate_first)
    if shape.slices:
        turns.forget()
    for _ in range(shape.slices):
        for side, seconds in turns.turn(shape.calls, candidate_first=pair.order.candidate_first).items():
            slices[side].append(max(seconds - shape.overhead, 1e-9) / shape.calls)
    return Sample(*(_arm(side, slices[side], first, turns, pair) for side in (Side.BASE, Side.CANDIDATE)))


def repeatable(turns: Turns, pair: Pair, shape: Shape) -> bool:
    """Say whether a call on an input of its own can be made again on that input: asked once for each benchmark.

    Only plain functions promise nothing about it; asv (`number = 1`) and pytest-benchmark (`pedantic` with `setup`)
    use each input once.
    """
    current = pair.base.current
    if shape.slices == 0 or current is None or not current.setup or current.kind != "functions":
        return False
    return pair.base.repeatable(turns.seed())


def with_hot(sample: Sample, turns: Turns, pair: Pair, shape: Shape) -> Sample:
    """Return the sample with the seconds of a call on an input that was just used; without where that fails."""
    candidate_first = pair.order.candidate_first
    turns.turn(shape.calls, candidate_first=candidate_first)
    try:
        seconds = turns.again(candidate_first=candidate_first)
    except ArmFailed:
        return sample  # the base could do it once; a call on a used input is no part of what must work
    each = {side: max(value - shape.overhead, 1e-9) / shape.calls for side, value in seconds.items()}
    return Sample(replace(sample.base, hot=each[Side.BASE]), replace(sample.candidate, hot=each[Side.CANDIDATE]))


def _arm(side: Side, slices: list[float], first: FirstCalls, turns: Turns, pair: Pair) -> ArmSample:
    peak = pair.drivers[side].usage().peak_bytes
    return ArmSample(
        slices=tuple(slices),
        first=first.seconds[side],
        first_cpu=first.cpu[side],
        cpu=lower_quartile(turns.cpu[side]),
        reading=min(turns.reading[side]),
        peak=peak,
        loading=pair.drivers[side].loading,
    )


def _cpu(before: Usage, after: Usage) -> float:
    return max(after.cpu_seconds - before.cpu_seconds, 0.0)
