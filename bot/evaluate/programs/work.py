"""One benchmark of a tool made ready to be run in two arms: its calls at one or two sizes, and how often each is made.

With two sizes the difference is compared, so that the start of the process drops out.
"""

import math
from dataclasses import dataclass, field

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.program import Call, Program, Reading, Surrounded, Surroundings
from bot.evaluate.lockstep.driver import ArmFailed
from bot.evaluate.programs.arm import Arm, Ran, Surface

BATCH_SECONDS = 7.5
MOST_TURNS = 4
_WORK_SECONDS = 0.05
_LONGEST_WORK = 1.0
_SMALLER = 8
_BESIDE = 4
_FIRST_MOST = 1000
_GROWTH = 16
_NEAR = 1.5
_MOST_LOOKS = 6
_MOST_ITERATIONS = 1 << 30
_MOST_WARMUPS = 10


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark: `source` holds it, `ident` is its name there."""

    program: Program
    tree: Snapshot
    source: str
    ident: str

    @property
    def around(self) -> Surroundings:
        """What is run around it."""
        if isinstance(self.program, Surrounded):
            return self.program.surroundings(self.tree, self.source, self.ident)
        return Surroundings()

    def call(self, iterations: int) -> Call:
        """Return one run."""
        return self.program.run(self.tree, self.source, self.ident, iterations)

    def reading(self, arm: Arm, output: bytes) -> Reading | None:
        """Return the tool's own figure, None for one without figures; ArmFailed where it cannot be read."""
        try:
            found = self.program.readings(output)
        except ValueError as error:
            raise ArmFailed(arm.side, f"the tool's figures cannot be read: {error}") from error
        if not found:
            return None
        if self.ident not in found:
            raise ArmFailed(arm.side, f"the tool gave no figure for {self.ident}")
        reading = found[self.ident]
        if not (math.isfinite(reading.seconds) and reading.seconds > 0 and reading.iterations > 0):
            raise ArmFailed(arm.side, f"the tool's figure for {self.ident} is not a time")
        return reading


@dataclass(frozen=True, slots=True)
class Work:
    """What one turn of an arm runs: `calls` from small to large, `iterations` of each.

    `figures` says that the tool prints times, so that output is not compared; `counted` that it alone knows how many
    iterations it made; `turns` are the turns of each arm in a unit.
    """

    bench: Bench
    calls: tuple[Call, ...]
    iterations: tuple[int, ...] = (1,)
    figures: bool = False
    counted: bool = False
    turns: int = 1
    around: Surroundings = field(default_factory=Surroundings)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one arm: a run of each size, and the tool's figure in the largest."""

    runs: tuple[Ran, ...]
    reading: Reading | None = None


def turn(work: Work, arm: Arm, timeout: float, surface: Surface | None = None) -> Turn:
    """Run every size once, each between its preparation and its conclusion."""
    runs = []
    for call in work.calls:
        if work.around.prepare is not None:
            arm.run(work.around.prepare, timeout, surface, "its preparation")
        runs.append(arm.run(call, timeout, surface))
        if work.around.conclude is not None:
            arm.run(work.around.conclude, timeout, surface, "its conclusion")
    reading = work.bench.reading(arm, runs[-1].output)
    if work.figures and reading is None:
        raise ArmFailed(arm.side, "the tool gave no figures")
    return Turn(tuple(runs), reading)


def first_look(bench: Bench, arm: Arm, timeout: float) -> Work:
    """Run the base's benchmark once and return how it is measured, before its turns are planned."""
    around = bench.around
    single = Work(bench, (bench.call(1),), around=around)
    seen = turn(single, arm, timeout)
    if around.smaller is not None:
        return Work(bench, (around.smaller, bench.call(1)), (0, 1), around=around)
    if seen.reading is None:
        return single
    if not bench.program.FIXED_ITERATIONS:
        return Work(bench, single.calls, figures=True, counted=True, around=around)
    each = seen.reading.seconds
    start = max(seen.runs[0].seconds - each, 0.0)
    # The difference must stand out from the spread of starting up, which grows with it.
    length = min(max(_WORK_SECONDS, start / 2), _LONGEST_WORK)
    large = _enough(bench, arm, timeout, length, start, each)
    small = max(1, large // _SMALLER)
    return Work(bench, (bench.call(small), bench.call(large)), (small, large), figures=True, around=around)


def _enough(bench: Bench, arm: Arm, timeout: float, length: float, start: float, each: float) -> int:
    """Return the iterations that take `length` seconds after `start`, from the seconds of `each` of a first few.

    Where caches are cold or a compiler is at work, first iterations are many times slower than later ones: what is
    added from one size to the next tells what later ones take. What a tool does beside its own clock bounds it.
    """
    count, total = 1, each
    large = min(max(2, math.ceil(length / each)), _FIRST_MOST)
    for _ in range(_MOST_LOOKS):
        seen = turn(Work(bench, (bench.call(large),)), arm, timeout)
        if seen.reading is None:
            break
        now = seen.reading.seconds * large
        more = (now - total) / (large - count) if large != count else 0.0
        ours = max(seen.runs[0].seconds - start, 0.0) / large
        wanted = math.ceil(length / max(more if more > 0 else now / large, ours / _BESIDE))
        count, total = large, now
        large = max(2, min(wanted, _GROWTH * count, _MOST_ITERATIONS))
        if count / _NEAR <= large <= count * _NEAR:
            break
    return large


def warm(work: Work, arm: Arm, timeout: float) -> list[Turn]:
    """Run the turns that are not counted, at least one."""
    return [turn(work, arm, timeout) for _ in range(min(max(work.around.warmups, 1), _MOST_WARMUPS))]


def turns(seconds: float, units: int) -> int:
    """Return the turns of each arm in a unit, from the seconds of a turn of both and the `units` that are planned.

    As many as let all units fit into 7.5 s, from one to four. More units of fewer turns tell more in the same time:
    turns that follow each other share what disturbs them.
    """
    return max(1, min(MOST_TURNS, int(BATCH_SECONDS / max(units * seconds, 1e-9))))
