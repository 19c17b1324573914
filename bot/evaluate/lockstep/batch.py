"""Runs pairs on several benchmarks until each has its answer, its number of pairs, or the time is used up."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import ANSWER_DIFFERS, CANDIDATE_FAILED
from bot.evaluate.lockstep.driver import Announced, ArmFailed, Driver, Side
from bot.evaluate.lockstep.pairs import Coming, Pair, Pairs, Setting, started
from bot.evaluate.lockstep.sample import (
    AnswersDiffer,
    Sample,
    Shape,
    Turns,
    calibrate,
    first_calls,
    repeatable,
    take,
    with_hot,
)
from bot.ports import Progress
from bot.stats import plan

_PLAN_AFTER = 4
_CONTROL_TURNS = 3


@dataclass(slots=True)
class Series:
    """What is known about one benchmark so far; `failure` says why the candidate is wrong, "" where it is not."""

    name: str
    shape: Shape | None = None
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0
    failure: str = ""
    compared: bool = True
    finished: bool = False
    announced: Announced | None = None
    repeatable: bool | None = None

    @property
    def logs(self) -> list[float]:
        """log(candidate time / base time) of each pair, in the order in which they were run."""
        return [math.log(one.candidate.seconds / one.base.seconds) for one in self.samples]


@dataclass(frozen=True, slots=True)
class Stopping:
    """When to stop: `done` after each pair of a benchmark, in any case after `pairs` pairs or `seconds` of time."""

    done: Callable[[Series], bool]
    pairs: int
    seconds: float


class Batch:
    """One comparison of two trees; `unsure` are benchmarks on which the base is known to disagree with itself."""

    def __init__(
        self, setting: Setting, random_source: random.Random, stopping: Stopping, progress: Progress, unsure: set[str]
    ) -> None:
        self._setting = setting
        self._random = random_source
        self._stopping = stopping
        self._progress = progress
        self._unsure = unsure
        self._begun = 0.0
        self._pending = 1

    def run(self, names: Sequence[str]) -> list[Series]:
        """Measure and return one series for each benchmark; Refused where the base cannot run one of them."""
        series = {name: Series(name, compared=name not in self._unsure) for name in names}
        self._begun = time.monotonic()
        try:
            with started(self._setting, self._random) as pairs:
                self._all(pairs, series)
        except ArmFailed as error:
            raise Refused(f"a benchmark does not run on the base: {error.sentence}") from error
        return list(series.values())

    def _all(self, pairs: Pairs, series: dict[str, Series]) -> None:
        pending = list(series)
        coming: Coming | None = pairs.start(pending)
        while pending and coming is not None:
            try:
                pair = pairs.ready(coming)
            except ArmFailed as error:
                self._failed(series[pending[0]], error)
                return
            ahead = pairs.start(pending) if self._setting.cores.overlap else None
            self._pending = len(pending)
            try:
                self._each(pair, [series[name] for name in pending])
            finally:
                pair.close()
            if self._late() or any(one.failure for one in series.values()):
                return
            pending = [name for name in pending if not series[name].finished]
            coming = ahead if ahead is not None or not pending else pairs.start(pending)

    def _late(self) -> bool:
        return time.monotonic() - self._begun > self._stopping.seconds

    def _each(self, pair: Pair, wanted: Sequence[Series]) -> None:
        """Measure the benchmarks in the order in which the base offers them."""
        left = {one.name: one for one in wanted}
        while left and pair.base.current is not None:
            one = left.pop(pair.base.current.name, None)
            if one is not None:
                self._one(pair, one)
                if one.failure or self._late():
                    return
            if left:
                pair.base.advance()
        for name in left:
            _find(pair.base, name)

    def _one(self, pair: Pair, one: Series) -> None:
        begun = time.monotonic()
        try:
            _find(pair.candidate, one.name)
            self._sample(pair, one)
        except ArmFailed as error:
            self._failed(one, error)
        except AnswersDiffer:
            self._differs(one)
        one.seconds += time.monotonic() - begun

    def _sample(self, pair: Pair, one: Series) -> None:
        timeout = self._setting.timeout
        turns = Turns(pair, self._random, timeout, compare_answers=one.compared)
        first = first_calls(turns, pair)
        if one.shape is None:
            one.shape = calibrate(turns, first.seconds)
        begun = time.monotonic()
        sample = take(turns, pair, one.shape, first)
        one.announced = pair.base.current
        if one.repeatable is None:
            one.repeatable = repeatable(turns, pair, one.shape)
        one.samples.append(with_hot(sample, turns, pair, one.shape) if one.repeatable else sample)
        if len(one.samples) == _PLAN_AFTER and one.shape.slices >= plan.FEWEST_SLICES:
            each = (time.monotonic() - begun) / (one.shape.slices + 1)
            whole = (time.monotonic() - self._begun) / len(one.samples) / self._pending
            one.shape = replace(one.shape, slices=_planned(one, whole, each))
        one.finished = self._stopping.done(one) or len(one.samples) >= self._stopping.pairs
        self._progress.step(one.name, "measure", f"pair {len(one.samples)}: {math.exp(-one.logs[-1]):.3f}x")

    def _failed(self, one: Series, error: ArmFailed) -> None:
        """Note that the candidate failed; Refused where the base fails as well, SandboxError where it ran before."""
        if error.side is Side.CANDIDATE:
            try:
                self._control_differs(one)
            except ArmFailed as same:
                error = ArmFailed(Side.BASE, same.sentence)
        if error.side is Side.BASE and one.samples:
            raise SandboxError(f"{one.name} ran on the base before and does not now: {error.sentence}") from error
        if error.side is Side.BASE:
            raise Refused(f"{one.name} does not run on the base: {error.sentence}") from error
        one.failure = f"{CANDIDATE_FAILED}: {error.sentence}"

    def _differs(self, one: Series) -> None:
        if self._control_differs(one):
            self._unsure.add(one.name)
            one.compared = False
            return
        one.failure = f"{ANSWER_DIFFERS}: not what the base gives on the same input"

    def _control_differs(self, one: Series) -> bool:
        """Say whether two processes of the base disagree as well: then answers say nothing about the candidate."""
        base = self._setting.sessions[Side.BASE]
        control = replace(self._setting, sessions=dict.fromkeys(Side, base))
        with started(control, self._random) as pairs:
            pair = pairs.ready(pairs.start([one.name]))
            turns = Turns(pair, self._random, self._setting.timeout, compare_answers=True)
            try:
                for driver in (pair.base, pair.candidate):
                    _find(driver, one.name)
                for number in range(_CONTROL_TURNS):
                    turns.turn(one.shape.calls if one.shape and number else 1, candidate_first=False)
            except AnswersDiffer:
                return True
        return False


def _find(driver: Driver, name: str) -> None:
    """Advance a driver to a benchmark; ArmFailed with the reason where it is not offered."""
    while driver.current is not None and driver.current.name != name:
        driver.advance()
    if driver.current is None:
        reason = driver.errors.get(name) or driver.errors.get(name.partition("::")[0]) or "the benchmark is missing"
        raise ArmFailed(driver.side, reason)


def _planned(one: Series, pair_seconds: float, turn_seconds: float) -> int:
    ratios = [
        [math.log(mine / its) for mine, its in zip(sample.candidate.slices, sample.base.slices, strict=True)]
        for sample in one.samples
    ]
    start_seconds = max(pair_seconds - len(ratios[0]) * turn_seconds, turn_seconds)
    return plan.best_slices(ratios, start_seconds, turn_seconds)
