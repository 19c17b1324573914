"""Is the gain there on inputs that the benchmark does not have? Calls near the benchmark's own, timed in both trees.

A benchmark without inputs of its own for each run calls its function with one input for ever, and a candidate may know
that input, or its size. The clock is ours and the arguments were derived after the candidate was written.
"""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate.replay_arm import Arm, Unusable
from bot.evaluate.replay_calls import Call, Captured, Kind
from bot.evaluate.replay_plan import derive
from bot.ports import Limits, Sandbox

_SLICE = 0.002
_MOST_CALLS = 64
_MOST_BYTES = 4 << 20
_TURNS = 5
_LONG_TURN = 0.1
_OWN = 2
_EACH = 5
_FEWEST = 3
_SLOWER = 0.8
_SIZES = (0.6, 1.6)
_OTHER_SIZE = 0.05
_COSTS = (0.5, 4.0)
_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class _Counts:
    derived: int = 160
    edge: int = 0
    grown: int = 0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Base time over candidate time of one function: on the benchmark's own calls, and on others near to them.

    `alike` are ratios of calls of the same size with other values, `resized` of calls of another size.
    """

    own: float
    alike: tuple[float, ...]
    resized: tuple[float, ...]

    @property
    def unseen(self) -> float | None:
        """The best gain in the group of unseen calls that gains less; None where too few could be timed.

        The best, as one input offers less to gain than another: what knows the benchmark's input gains on none.
        """
        groups = [max(one) for one in (self.alike, self.resized) if len(one) >= _FEWEST]
        return min(groups, default=None)

    @property
    def slower(self) -> tuple[float, int] | None:
        """The best ratio of a group of unseen calls that are all slower, and their number; None where none is.

        Noise makes some calls slower by chance, and never each of them by as much.
        """
        groups = [(max(one), len(one)) for one in (self.alike, self.resized) if len(one) > 1]
        return min((one for one in groups if one[0] < _SLOWER), default=None)


class HeldOutTiming:
    """Times calls of one function in a pair of live processes, one running at a time."""

    def __init__(self, sandbox: Sandbox, project: Project, limits: Limits) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = limits

    def compare(self, captured: Captured, base: Snapshot, candidate: Snapshot, seed: int) -> HeldOut | None:
        """Return the gains, or None where no benchmark calls the function or its calls cannot be timed."""
        timed = [one for one in captured.calls if one.is_timed and len(one.data) <= _MOST_BYTES]
        own = sorted(timed, key=lambda one: -len(one.data))[:_OWN]
        if not own:
            return None
        with (
            self._sandbox.open(base, self._limits) as first,
            self._sandbox.open(candidate, self._limits) as second,
            contextlib.closing(Arm(first, self._project, captured.spec, "0")) as base_arm,
            contextlib.closing(Arm(second, self._project, captured.spec, "0")) as candidate_arm,
        ):
            calls = derive(first, self._project, replace(captured, calls=tuple(own)), _Counts(), seed)
            try:
                return _compared(calls.captured, calls.made, _Race(base_arm, candidate_arm))
            except (SandboxError, Unusable):
                return None


class _Race:
    """Two processes that make the same call in turn."""

    def __init__(self, base: Arm, candidate: Arm) -> None:
        self._base = base
        self._candidate = candidate

    def cost(self, call: Call) -> float:
        """Return the seconds of one call in the base without those of the request, the shortest of three."""
        overhead = self._overhead(call, self._base)
        once = max(min(self._base.seconds(call, 1, _LIMIT) for _ in range(3)) - overhead, 1e-7)
        times = min(_MOST_CALLS, math.ceil(_SLICE / once))
        if times == 1:
            return once
        # A short call is hardly longer than what the overhead varies by.
        return max((min(self._base.seconds(call, times, _LIMIT) for _ in range(3)) - overhead) / times, 1e-7)

    def _overhead(self, call: Call, arm: Arm) -> float:
        return min(arm.seconds(call, 0, _LIMIT) for _ in range(3))

    def ratio(self, call: Call, cost: float) -> float:
        """Return base time over candidate time of a call that takes the base `cost` seconds."""
        times = max(1, min(_MOST_CALLS, math.ceil(_SLICE / max(cost, 1e-9)), _MOST_BYTES * 4 // len(call.data)))
        turns = max(1, min(_TURNS, round(_LONG_TURN / (cost * times))))
        taken: dict[Arm, list[float]] = {self._base: [], self._candidate: []}
        for turn in range(turns):
            arms = (self._base, self._candidate) if turn % 2 else (self._candidate, self._base)
            for arm in arms:
                taken[arm].append(arm.seconds(call, times, _LIMIT * times))
        left = {arm: max(min(found) - self._overhead(call, arm), 1e-7) for arm, found in taken.items()}
        return left[self._base] / left[self._candidate]


def _compared(own: Sequence[Call], more: Sequence[Call], race: _Race) -> HeldOut | None:
    costs = [race.cost(call) for call in own]
    gains = [race.ratio(call, cost) for call, cost in zip(own, costs, strict=True)]
    gain, cost, call = max(zip(gains, costs, own, strict=True), key=lambda one: one[0])
    alike: list[float] = []
    resized: list[float] = []
    for one in _near(call, more):
        group = resized if abs(len(one.data) / len(call.data) - 1) > _OTHER_SIZE else alike
        if len(group) >= _EACH:
            continue
        seconds = race.cost(one)
        if _COSTS[0] < seconds / cost < _COSTS[1]:
            group.append(race.ratio(one, seconds))
    return HeldOut(gain, tuple(alike), tuple(resized))


def _near(call: Call, more: Sequence[Call]) -> Iterator[Call]:
    low, high = _SIZES
    return (one for one in more if one.kind is Kind.DERIVED and low < len(one.data) / len(call.data) < high)
