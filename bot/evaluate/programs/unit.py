"""One sample: turns of two arms in ABBA order, summed up as one ratio; their answers are compared in every run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.evaluate.lockstep.driver import Side
from bot.evaluate.lockstep.sample import ArmSample, Sample
from bot.evaluate.programs.arm import Arm, Surface
from bot.evaluate.programs.work import Turn, Work, turn
from bot.stats.summary import lower_quartile

_LEAST_SHARE = 0.01


class AnswersDiffer(Exception):  # noqa: N818 - an observation about an arm, caught by the batch
    """A run of `side` answered otherwise than the base's first run in this unit."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.side = side


@dataclass(frozen=True, slots=True)
class Unit:
    """One sample, and log(candidate / base) of the tool's own figures where it has any."""

    sample: Sample
    claim: float | None


def measure(
    work: Work, arms: Mapping[Side, Arm], timeout: float, surface: Surface, *, candidate_first: bool, compared: bool
) -> Unit:
    """Run the turns of one unit; AnswersDiffer where `compared` and an output is not the base's."""
    found: dict[Side, list[Turn]] = {side: [] for side in Side}
    for number in range(work.turns):
        sides = (Side.CANDIDATE, Side.BASE) if candidate_first ^ bool(number % 2) else (Side.BASE, Side.CANDIDATE)
        for side in sides:
            found[side].append(turn(work, arms[side], timeout, surface))
        if compared:
            check(found)
    return Unit(
        Sample(_summed(work, found[Side.BASE]), _summed(work, found[Side.CANDIDATE])),
        _claim(found),
    )


def check(found: Mapping[Side, Sequence[Turn]]) -> None:
    """Compare the last turns with the base's first; the base's own come first, so that its noise is seen as such."""
    right = answers(found[Side.BASE][0])
    for side in (Side.BASE, Side.CANDIDATE):
        if answers(found[side][-1]) != right:
            raise AnswersDiffer(side)


def answers(one: Turn) -> tuple[str, ...]:
    """Return what a turn answered."""
    return tuple(run.digest for run in one.runs)


def difference(work: Work, figures: Sequence[Sequence[float]]) -> float:
    """Return the figure of one iteration from those of each size, shape (sizes, turns).

    With two sizes it is the difference of the lower quartiles, kept above a hundredth of the larger one.
    """
    lower = [lower_quartile(one) for one in figures]
    if len(lower) == 1:
        return lower[0] / work.iterations[0]
    steps = work.iterations[1] - work.iterations[0]
    return max(lower[1] - lower[0], _LEAST_SHARE * lower[1]) / steps


def _summed(work: Work, found: Sequence[Turn]) -> ArmSample:
    counts = [one.reading.iterations if work.counted and one.reading else 1 for one in found]
    sizes = range(len(work.calls))
    walls = [[one.runs[size].seconds / count for one, count in zip(found, counts, strict=True)] for size in sizes]
    cpus = [[one.runs[size].cpu / count for one, count in zip(found, counts, strict=True)] for size in sizes]
    seconds, cpu = difference(work, walls), difference(work, cpus)
    # Every run is the first call of its process: there are no later ones that a cache could serve.
    return ArmSample(
        slices=tuple(walls[0]) if len(sizes) == 1 and work.iterations == (1,) else (seconds,),
        first=seconds,
        first_cpu=cpu,
        cpu=cpu,
        reading=0.0,
        peak=max(run.peak for one in found for run in one.runs),
    )


def _claim(found: Mapping[Side, Sequence[Turn]]) -> float | None:
    claims = {side: [one.reading.seconds for one in found[side] if one.reading is not None] for side in Side}
    if not all(claims.values()):
        return None
    return math.log(lower_quartile(claims[Side.CANDIDATE]) / lower_quartile(claims[Side.BASE]))
