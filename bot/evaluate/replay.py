"""The replay gate: calls that tests and benchmarks make, and calls derived from them, answered by base and candidate.

The two run one after the other in sandboxes of their own; what is compared here are digests, so that a candidate
neither sees an answer of the base nor has its objects touched by the comparison.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.code import FunctionId, Snapshot
from bot.domain.evidence import ReplayEvidence
from bot.domain.job import Project
from bot.evaluate import replay_rules
from bot.evaluate.held_out import HeldOut, HeldOutTiming
from bot.evaluate.replay_arm import Arm, Unusable
from bot.evaluate.replay_calls import Call, Captured, How, Kind, Observation, State, Status
from bot.evaluate.replay_capture import Capture
from bot.evaluate.replay_comparison import Comparison, Expected, agreed
from bot.evaluate.replay_plan import derive, planned
from bot.ports import Limits, Sandbox, Session

__all__ = ["Captured", "Replay", "ReplaySettings"]

_SEEDS = ("0", "4242")
_ARMS = 4
_SLOWEST_START = 5.0
_LEAST_LIMIT = 1.0
_PATIENCE = 4
_DEAR_SHARE = 8
_GROWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """How many calls of each kind at most, and for how long.

    `seconds` is for all calls of a comparison together, `call_seconds` for one call of the base, `capture_seconds`
    for the benchmarks and again for the tests, `least` the number of calls that are made even if they take four times
    as long.
    """

    captured: int = 64
    derived: int = 200
    edge: int = 60
    grown: int = 12
    seconds: float = 4.0
    call_seconds: float = 2.0
    capture_seconds: float = 60.0
    call_bytes: int = 8 << 20
    total_bytes: int = 48 << 20
    least: int = 24
    limits: Limits = field(default_factory=Limits)


class Replay:
    """Captures calls of a function once and compares candidates on them."""

    def __init__(self, sandbox: Sandbox, project: Project, settings: ReplaySettings) -> None:
        self._sandbox = sandbox
        self._project = project
        self._settings = settings

    def capture(self, tree: Snapshot, target_function: FunctionId, benchmarks: Sequence[str]) -> Captured:
        """Run `benchmarks` and the repository's tests on the base and keep a sample of the function's calls."""
        started = time.monotonic()
        with self._sandbox.open(tree, self._settings.limits) as session:
            capture = Capture(session, self._project, self._settings, target_function)
            return capture.run(benchmarks, started)

    def compare(self, captured: Captured, base: Snapshot, candidate: Snapshot, seed: int) -> ReplayEvidence:
        """Make the captured calls, and calls derived from them by `seed`, on both trees."""
        started = time.monotonic()
        if not captured.calls:
            return ReplayEvidence(0, 0, 0, uncaptured=captured.uncaptured, seconds=time.monotonic() - started)
        with self._sandbox.open(base, self._settings.limits) as session:
            expected = self._expected(session, captured, seed)
        with self._sandbox.open(candidate, self._settings.limits) as session:
            found = Comparison(expected, replay_rules.added_attributes(base, candidate))
            self._compared(session, captured, found)
        return found.evidence(captured, time.monotonic() - started)

    def held_out(self, captured: Captured, base: Snapshot, candidate: Snapshot, seed: int) -> HeldOut | None:
        """Time calls near to those that benchmarks make; None where there are none."""
        timing = HeldOutTiming(self._sandbox, self._project, self._settings.limits)
        return timing.compare(captured, base, candidate, seed)

    def _expected(self, session: Session, captured: Captured, seed: int) -> Expected:
        arms = [Arm(session, self._project, captured.spec, hash_seed) for hash_seed in _SEEDS]
        try:
            derived = derive(session, self._project, captured, self._settings, seed)
            calls = planned(derived.captured, derived.made)
            before = arms[0].state()
            first = self._first_run(arms[0], calls)
            second = [arms[1].observe(call, self._limit(call)) for call, _ in first]
            expected = agreed(first, second, (before, arms[0].state(), arms[1].state()), derived.notes)
            started = max(arm.start_seconds for arm in arms)
            return replace(expected, underived=derived.why_none, start_seconds=started)
        except Unusable as error:
            why = f"on the base, {error}"
            empty = State({}, {})
            return Expected((), Counter({why: len(captured.calls)}), 0, empty, empty, empty)
        finally:
            for arm in arms:
                arm.close()

    def _first_run(self, arm: Arm, calls: Sequence[Call]) -> list[tuple[Call, Observation]]:
        """Make calls until a quarter of the time is over: the same calls are made three times more.

        After one dear call (two captured ones) no more are made of that size: the time goes to many smaller ones. What
        counts is CPU time, and four times as long by the clock: on a busy machine no less is compared.
        """
        made: list[tuple[Call, Observation]] = []
        spent, waited, grown_spent, stumbled, budget = 0.0, 0.0, 0.0, 0, self._settings.seconds / _ARMS
        dear: list[int] = []
        for call in calls:
            if (spent > budget and len(made) >= self._settings.least) or waited > budget * _ARMS:
                break
            if call.kind is Kind.EDGE and stumbled > 1:
                continue
            if call.kind is Kind.GROWN:
                # The smallest come first: after one that is too dear there is none that is cheaper.
                if grown_spent > budget * _GROWN_SHARE:
                    continue
                seen = arm.observe(call, budget)
                grown_spent += seen.seconds
                made.append((call, seen))
                continue
            is_captured = call.kind is Kind.CAPTURED and call.how is How.ONCE
            if len(dear) > is_captured and len(call.data) >= min(dear):
                continue
            seen, cost = _counted(arm, call, self._limit(call))
            spent, waited = spent + cost, waited + seen.seconds
            # By several threads a call is made many times over: that says nothing of its size.
            if cost > budget / _DEAR_SHARE and call.how is not How.THREADS:
                dear.append(len(call.data) * 4 // 5)
            stumbled += seen.status in (Status.OVERRUN, Status.DIED)
            made.append((call, seen))
        return made

    def _limit(self, call: Call) -> float:
        return self._settings.call_seconds if call.kind is Kind.CAPTURED else self._settings.call_seconds / 2

    def _compared(self, session: Session, captured: Captured, found: Comparison) -> None:
        known = found.known()
        limit = _SLOWEST_START + 10 * found.expected.start_seconds
        arms = [Arm(session, self._project, captured.spec, hash_seed, known, limit) for hash_seed in _SEEDS]
        try:
            for arm in arms:
                before = arm.state()
                for call, seen, _ in found.expected.calls:
                    found.add(call, _patiently(arm, call, seen.seconds))
                    if found.is_settled:
                        return
                found.add_state(before, arm.state())
        except Unusable as error:
            found.mismatches.append(f"with the change, {error}")
        finally:
            for arm in arms:
                arm.close()


def _counted(arm: Arm, call: Call, limit: float) -> tuple[Observation, float]:
    """Make a call and return with it the CPU seconds that it took, or those of the clock where nobody counts."""
    before = arm.cpu_seconds()
    seen = arm.observe(call, limit)
    after = arm.cpu_seconds()
    return seen, min(seen.seconds, max(after - before, 0.0)) if after else seen.seconds


def _patiently(arm: Arm, call: Call, base_seconds: float) -> Observation:
    """Make a call, and again with more time where it overran: a busy machine must not fail a candidate."""
    limit = max(_LEAST_LIMIT, 10 * base_seconds)
    seen = arm.observe(call, limit)
    return arm.observe(call, _PATIENCE * limit) if seen.status is Status.OVERRUN else seen
