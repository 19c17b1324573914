"""Runs units on several benchmarks in turn until each has its answer, its number of units, or the time is used up."""

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.errors import Refused, SandboxError
from bot.domain.evidence import ANSWER_DIFFERS, CANDIDATE_FAILED
from bot.evaluate.lockstep.batch import Series, Stopping
from bot.evaluate.lockstep.driver import ArmFailed, Side
from bot.evaluate.lockstep.sample import Shape
from bot.evaluate.programs import catalogue, unit
from bot.evaluate.programs.arm import Arm, Surface
from bot.evaluate.programs.unit import AnswersDiffer
from bot.evaluate.programs.work import Bench, Turn, Work, first_look, turn, turns, warm
from bot.ports import Progress
from bot.stats import plan

_PAD = 4096
_CONTROLS = 3
_SIZES_DIFFER = 0.2


@dataclass(slots=True)
class ProgramSeries(Series):
    """What is known about one benchmark; `claims` are the ratios by the tool's own clock, `counted` see `Work`."""

    claims: list[float] = field(default_factory=list)
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What all units of one comparison have in common; `timeout` is for one run."""

    arms: Mapping[Side, Arm]
    timeout: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall time that the turns of both arms have taken."""

    seconds: float
    turns: int


class Batch:
    """One comparison of two trees; `unsure` are benchmarks on which the base is known to disagree with itself."""

    def __init__(
        self,
        setting: Setting,
        random_source: random.Random,
        stopping: Stopping,
        progress: Progress,
        unsure: set[str],
    ) -> None:
        self._setting = setting
        self._random = random_source
        self._stopping = stopping
        self._progress = progress
        self._unsure = unsure
        self._orders: dict[str, list[plan.Order]] = {}
        self._works: dict[str, Work] = {}
        self._benches: Mapping[str, Bench] = {}
        self._spent: dict[str, Spent] = {}
        self._built: set[tuple[Side, str]] = set()
        self._surface = Surface()
        self._begun = 0.0

    def run(self, benches: Mapping[str, Bench]) -> list[ProgramSeries]:
        """Measure and return one series for each benchmark; Refused where the base cannot run one of them."""
        self._benches = benches
        series = [ProgramSeries(name, compared=name not in self._unsure) for name in benches]
        for step in (self._build, self._plan):
            for one in series:
                self._tried(one, step)
                if one.failure:
                    return series
        pending = series
        while pending:
            for one in pending:
                self._tried(one, self._sample)
                if one.failure or time.monotonic() - self._begun > self._stopping.seconds:
                    return series
            pending = [one for one in pending if not one.finished]
        return series

    def _tried(self, one: ProgramSeries, step: Callable[[ProgramSeries], None]) -> None:
        begun = time.monotonic()
        try:
            step(one)
        except ArmFailed as error:
            self._failed(one, error)
        except AnswersDiffer as error:
            self._differs(one, error)
        if step != self._build:
            one.seconds += time.monotonic() - begun

    def _build(self, one: ProgramSeries) -> None:
        bench = self._benches[one.name]
        setup = bench.around.setup
        for arm in self._setting.arms.values():
            if (arm.side, bench.source) not in self._built:
                self._progress.step(one.name, "build", arm.side)
                catalogue.build(bench.program, bench.tree, bench.source, arm)
                self._built.add((arm.side, bench.source))
            if setup is not None:
                arm.run(setup, arm.limits.wall_seconds, what="its setup")
        self._begun = time.monotonic()

    def _plan(self, one: ProgramSeries) -> None:
        """Warm both arms, see whether the base repeats its answer, and choose the turns of a unit."""
        base, timeout = self._setting.arms[Side.BASE], self._setting.timeout
        work = first_look(self._benches[one.name], base, timeout)
        begun = time.monotonic()
        warmed = warm(work, base, timeout)
        seconds = (time.monotonic() - begun) / len(warmed)
        _sizes(one.name, work, warmed[-1])
        begun = time.monotonic()
        seconds += (time.monotonic() - begun) / len(warm(work, self._setting.arms[Side.CANDIDATE], timeout))
        work = replace(work, turns=turns(seconds, self._stopping.pairs))
        self._works[one.name] = work
        self._spent[one.name] = Spent(seconds * work.turns, work.turns)
        one.counted = work.counted
        one.shape = Shape(work.iterations[-1], work.turns, 0.0, seconds / 2, not work.figures)

    def _sample(self, one: ProgramSeries) -> None:
        work = self._works[one.name]
        orders = self._orders.setdefault(one.name, [])
        if not orders:
            orders += plan.orders(self._random)
        first = orders.pop().candidate_first
        self._surface = Surface(str(self._random.getrandbits(32)), "x" * self._random.randrange(_PAD))
        compared = one.compared and not work.figures
        timeout, arms = self._setting.timeout, self._setting.arms
        begun = time.monotonic()
        found = unit.measure(work, arms, timeout, self._surface, candidate_first=first, compared=compared)
        self._replan(one.name, time.monotonic() - begun)
        one.samples.append(found.sample)
        if found.claim is not None:
            one.claims.append(found.claim)
        one.finished = self._stopping.done(one) or len(one.samples) >= self._stopping.pairs
        self._progress.step(one.name, "measure", f"unit {len(one.samples)}: {math.exp(-one.logs[-1]):.3f}x")

    def _replan(self, name: str, seconds: float) -> None:
        """Choose the turns of the next unit from what all of them cost until now: both arms, waiting included."""
        work, spent = self._works[name], self._spent[name]
        spent = self._spent[name] = Spent(spent.seconds + seconds, spent.turns + work.turns)
        self._works[name] = replace(work, turns=turns(spent.seconds / spent.turns, self._stopping.pairs))

    def _failed(self, one: ProgramSeries, error: ArmFailed) -> None:
        """Note that the candidate failed; Refused where the base fails as well, SandboxError where it ran before."""
        if error.side is Side.CANDIDATE and one.name in self._works:
            try:
                self._again(one)
            except ArmFailed as same:
                error = same
        if error.side is Side.BASE and one.samples:
            raise SandboxError(f"{one.name} ran on the base before and does not now: {error.sentence}") from error
        if error.side is Side.BASE:
            raise Refused(f"{one.name} does not run on the base: {error.sentence}") from error
        one.failure = f"{CANDIDATE_FAILED}: {error.sentence}"

    def _differs(self, one: ProgramSeries, error: AnswersDiffer) -> None:
        if error.side is Side.BASE or len({unit.answers(self._again(one)) for _ in range(_CONTROLS)}) > 1:
            self._unsure.add(one.name)
            one.compared = False
            return
        one.failure = f"{ANSWER_DIFFERS}: its output is not what the base prints"

    def _again(self, one: ProgramSeries) -> Turn:
        return turn(self._works[one.name], self._setting.arms[Side.BASE], self._setting.timeout, self._surface)


def _sizes(name: str, work: Work, found: Turn) -> None:
    """Refuse two sizes of a command that take nearly the same time: their difference would be noise."""
    small, large = found.runs[0].seconds, found.runs[-1].seconds
    if work.around.smaller is not None and large - small < _SIZES_DIFFER * large:
        raise Refused(
            f"{name}: the larger of its sizes takes {large:.3g} s and the smaller {small:.3g} s; "
            "a difference of a fifth or more is needed, so make the larger one larger"
        )
