"""From a profile to targets: who costs the most, what a change could gain at most, and who cannot pay."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.code import FunctionId, Span, Target
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.languages import language
from bot.localize.stacks import BenchmarkProfile, Calls, Frame, Profile

MANY_CALLS = 100
"""Calls a run from which the cost of a call itself is worth attacking."""
LIBRARY_WEIGHT = 0.5
"""How much of the library time that a body calls for is counted as the body's to win: it can call less or other."""
STRAIGHT_WEIGHT = 0.7
"""What a body without loops that is called rarely keeps of its score: there is little in it to rewrite."""

UNLIMITED = 100.0
"""From this bound on a profile of some hundred samples says no more than that nothing else takes time."""


@dataclass(frozen=True, slots=True)
class RankSettings:
    """`noise` is the relative spread of one comparison, `minimum_gain` the smallest gain worth a merge request."""

    noise: float = 0.013
    minimum_gain: float = 0.03

    @property
    def floor(self) -> float:
        """The smallest possible gain for which a function is still looked at."""
        return max(2 * self.noise, self.minimum_gain)


@dataclass(frozen=True, slots=True)
class Shares:
    """One function in one benchmark: fractions of the run time, and calls in one run (None: not counted)."""

    benchmark: str
    body: float
    own: float
    total: float
    calls: int | None
    score: float


@dataclass(slots=True)
class _Weights:
    """Sums of stack weights while folding."""

    leaf: float = 0.0
    own: float = 0.0
    total: float = 0.0


class Ranker:
    """Ranks the functions of one tree by what a change of their bodies can win end to end.

    `index` and `exclusions` are those of the tree, for whoever finds its functions in another way.
    """

    def __init__(self, index: Index, exclusions: Exclusions, settings: RankSettings | None = None) -> None:
        self.index = index
        self.exclusions = exclusions
        self._settings = settings or RankSettings()

    def rank(self, profile: Profile) -> tuple[Target, ...]:
        """Return every function that was seen, best first; those with a `skip` reason come last."""
        seen: dict[FunctionId, list[Shares]] = {}
        for one in profile.benchmarks:
            for function, shares in self.shares(one).items():
                seen.setdefault(function, []).append(shares)
        targets = [(self._target(function, shares), shares) for function, shares in seen.items()]
        targets.sort(key=lambda one: _order(*one))
        return tuple(target for target, _ in targets)

    def shares(self, profile: BenchmarkProfile) -> dict[FunctionId, Shares]:
        """Return the shares of each function on one benchmark's stacks.

        Time outside of the repository's functions is the nearest repository function's own; a recursive function
        counts once a stack in the total.
        """
        weights: dict[FunctionId, _Weights] = {}
        known = {frame: self._function(frame) for stack in profile.stacks for frame in stack}
        for stack, weight in profile.stacks.items():
            _add(stack, weight, weights, known)
        for frame, weight in profile.totals.items():
            function = self._function(frame)
            if function is not None:
                found = weights.setdefault(function, _Weights())
                found.total = max(found.total, weight)
        everything = max(sum(profile.stacks.values()), max(profile.totals.values(), default=0.0))
        calls = self._calls(profile.calls)
        return {
            function: self._shares(profile.name, function, one, everything, calls.get(function))
            for function, one in weights.items()
        }

    def _function(self, frame: Frame) -> FunctionId | None:
        if not frame.path:
            return None
        if language(frame.path) is None:
            suffix = frame.path.rpartition(".")[2]
            return FunctionId(frame.name, Span(frame.path, frame.line, frame.line), "", suffix)
        if frame.exact or frame.name == "<module>":
            return self.index.entry(frame.path, frame.line, frame.name)
        return self.index.at(frame.path, frame.line)

    def _calls(self, counts: Mapping[Frame, Calls]) -> dict[FunctionId, Calls]:
        """Return the counts of the functions themselves, with the times of their lambdas and comprehensions."""
        found: dict[FunctionId, Calls] = {}
        for frame, one in counts.items():
            function = self._function(frame)
            if function is None:
                continue
            itself = function.qualname.rpartition(".")[2] == frame.name
            old = found.get(function, Calls(0, 0))
            found[function] = Calls(
                old.count + one.count * itself,
                old.primitive + one.primitive * itself,
                old.seconds + one.seconds,
                old.native_seconds + one.native_seconds,
            )
        return found

    def _shares(
        self, benchmark: str, function: FunctionId, weights: _Weights, everything: float, calls: Calls | None
    ) -> Shares:
        own, total = weights.own / everything, weights.total / everything
        body = weights.leaf / everything
        if calls is not None and calls.seconds + calls.native_seconds > 0:
            body *= calls.seconds / (calls.seconds + calls.native_seconds)
        definition = self.index.definition(function)
        many = calls is not None and calls.count >= MANY_CALLS
        loops = definition is not None and definition.loops > 0
        score = (body + LIBRARY_WEIGHT * (own - body)) * (1.0 if many or loops else STRAIGHT_WEIGHT)
        return Shares(benchmark, body, own, total, None if calls is None else calls.count, score)

    def _target(self, function: FunctionId, shares: list[Shares]) -> Target:
        most = max(shares, key=lambda one: (one.total, one.own))
        reaching = [one for one in shares if one.total > self._settings.noise]
        reaching.sort(key=lambda one: (-one.total, one.benchmark))
        return Target(
            function,
            tuple(one.benchmark for one in reaching),
            max(one.body for one in shares),
            max(one.own for one in shares),
            most.total,
            most.calls,
            bound(most.total),
            _why(max(shares, key=lambda one: (one.own, one.total))),
            self.exclusions.reason(function.path) or self._cannot_pay(most),
        )

    def _cannot_pay(self, most: Shares) -> str | None:
        gain = bound(most.total) - 1
        if gain >= self._settings.floor:
            return None
        return f"cannot pay: {gain:.1%} at most, and {self._settings.floor:.1%} is needed to be seen"


def bound(share: float) -> float:
    """Return the largest end-to-end speed-up from making a share of the run time free: 1 / (1 - share)."""
    return math.inf if share >= 1 else 1 / (1 - share)


def _add(
    stack: tuple[Frame, ...],
    weight: float,
    weights: dict[FunctionId, _Weights],
    known: Mapping[Frame, FunctionId | None],
) -> None:
    """Add one stack: once to the total of each function in it, and to what the innermost one costs itself."""
    for function in {known[frame] for frame in stack}:
        if function is not None:
            weights.setdefault(function, _Weights()).total += weight
    nearest = next((frame for frame in reversed(stack) if frame.path), None)
    owner = None if nearest is None else known[nearest]
    if owner is not None:
        weights[owner].own += weight
        weights[owner].leaf += weight * (stack[-1] is nearest)


def _order(target: Target, shares: list[Shares]) -> tuple[bool, float, float, str]:
    score = max(one.score for one in shares)
    return target.skip is not None, -score, -(target.share_total or 0.0), str(target.function)


def _why(shares: Shares) -> str:
    """Say the figures of the benchmark on which the function costs most: what its body costs, calls, and the bound."""
    library = shares.own - shares.body
    body = "under 1%" if shares.body < 0.005 else f"{shares.body:.0%}"
    parts = [f"{body} of {shares.benchmark.rpartition('::')[2]} in its own body"]
    if library >= 0.005:
        parts.append(f"{library:.0%} in library and C code that it calls")
    if shares.total - shares.own >= 0.005:
        parts.append(f"{shares.total:.0%} with the functions that it calls")
    if shares.calls is not None:
        parts.append(f"{shares.calls:,} call{'s' * (shares.calls != 1)} a run")
    limit = bound(shares.total)
    gain = "no limit from the rest of the benchmark" if limit >= UNLIMITED else f"at most {limit:.3g}x end to end"
    return f"{', '.join(parts)}; {gain}"
