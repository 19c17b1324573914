"""The judge: gates in the order guard, syntax, tests, replay, bench, confirm; each can only say no."""

import functools
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.code import FunctionId, Snapshot
from bot.domain.errors import HotlapError, SandboxError
from bot.domain.evidence import (
    Canary,
    Comparison,
    Decision,
    Finding,
    Gate,
    Isolation,
    Outcome,
    ReplayEvidence,
    Verdict,
)
from bot.domain.job import Candidate
from bot.evaluate import evidence, plausibility, syntax
from bot.evaluate.guard import check
from bot.evaluate.replay import Captured, Replay
from bot.evaluate.tests_gate import Baseline, TestsGate
from bot.ports import Bench, Progress

log = logging.getLogger(__name__)


_TELLING = 2
_HELD_OUT = 3


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What the judge asks for beyond a proof.

    `min_gain` is the smallest gain worth a reviewer's time (0.05: 5%), `margins` the growth of costs that is let
    pass, `guard` what may be touched.
    """

    guard: check.GuardSettings = field(default_factory=check.GuardSettings)
    min_gain: float = 0.05
    margins: plausibility.Margins = field(default_factory=plausibility.Margins)


class Base:
    """The tree that candidates are judged against; its tests and its canary are run once, when first asked for."""

    def __init__(
        self, tree: Snapshot, run_tests: Callable[[], Baseline | None], run_canary: Callable[[], Canary]
    ) -> None:
        self.tree = tree
        self.baseline = functools.cache(run_tests)
        self.canary = functools.cache(run_canary)

    def moved_to(self, tree: Snapshot) -> "Base":
        """Return the base after an accepted candidate, whose tests were just seen to equal those of this base."""
        return Base(tree, self.baseline, self.canary)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a candidate can influence: functions whose calls are replayed, benchmarks that are timed.

    `share_total` is the largest share of a benchmark's time that those functions and their callees have, or None.
    """

    functions: tuple[FunctionId, ...]
    benchmarks: tuple[str, ...]
    share_total: float | None = None


class GateJudge:
    """Implements `ports.Judge` for one base; captured calls are kept for each target."""

    def __init__(
        self,
        base: Base,
        tests: TestsGate,
        replay: Replay,
        bench: Bench,
        settings: JudgeSettings,
        progress: Progress,
        isolation: Isolation,
        reach: Callable[[Candidate], Reach],
        seed: Callable[[], int],
        first_tests: Callable[[Base, Candidate], Sequence[str]] = lambda _base, _candidate: (),
    ) -> None:
        self._base = base
        self._tests = tests
        self._replay = replay
        self._bench = bench
        self._settings = settings
        self._progress = progress
        self._isolation = isolation
        self._reach = reach
        self._seed = seed
        self._first_tests = first_tests
        self._captured: dict[FunctionId, Captured] = {}

    def screen(self, candidate: Candidate, tests: int = 1) -> Verdict:
        """Run the gates up to the first decision on speed; accepted means "worth confirming"."""
        started = time.monotonic()
        verdict = self._screened(candidate, tests)
        if verdict.reason == "infrastructure":
            verdict = self._screened(candidate, tests)  # once more, in fresh sandboxes
        return replace(verdict, seconds=time.monotonic() - started)

    def _screened(self, candidate: Candidate, tests: int) -> Verdict:
        verdict = Verdict(Outcome.ACCEPTED, Gate.BENCH, "accepted", "", self._isolation, candidate.id)
        tree = self._base.tree.with_changes(candidate.edits.changes)
        try:
            for gate in (self._guard, self._syntax, self._run_tests, self._run_replay):
                verdict = gate(candidate, tree, verdict)
                if verdict.outcome is not Outcome.ACCEPTED:
                    break
            else:
                verdict = self._run_bench(candidate, tree, verdict, tests)
        except Exception as error:  # noqa: BLE001 - the boundary around one candidate: what fails here is our fault
            verdict = _unknown(verdict, error)
        return verdict

    def confirm(self, candidate: Candidate, screened: Verdict) -> Verdict:
        """Measure the benchmarks that were called faster again with fresh pairs, then look at plausibility."""
        started = time.monotonic()
        faster = [one.benchmark for one in screened.comparisons if one.decision is Decision.FASTER][:_TELLING]
        self._say(candidate, Gate.CONFIRM, f"{len(faster)} benchmark(s)")
        tree = self._base.tree.with_changes(candidate.edits.changes)
        try:
            fresh = {one.benchmark: one for one in self._bench.confirm(self._base.tree, tree, faster)}
            merged = tuple(evidence.merged(one, fresh.get(one.benchmark)) for one in screened.comparisons)
            verdict = replace(screened, gate=Gate.CONFIRM, comparisons=merged, machine=self._bench.machine())
            verdict = self._decided(candidate, verdict)
        except Exception as error:  # noqa: BLE001 - the same boundary
            verdict = _unknown(replace(screened, gate=Gate.CONFIRM), error)
        return replace(verdict, seconds=screened.seconds + time.monotonic() - started)

    def _decided(self, candidate: Candidate, verdict: Verdict) -> Verdict:
        best = max(verdict.comparisons, key=lambda one: (one.decision is Decision.FASTER, one.ratio.estimate))
        if failed := plausibility.broken(verdict.comparisons):
            return replace(verdict, outcome=Outcome.REJECTED, reason=failed.code, message=failed.sentence)
        if best.decision is not Decision.FASTER:
            message = f"the gain on {best.benchmark} was not confirmed ({evidence.ratio(best)})"
            return replace(verdict, outcome=Outcome.REJECTED, reason="confirm.not-confirmed", message=message)
        if best.ratio.estimate < 1 + self._settings.min_gain:
            message = f"{evidence.ratio(best)} on {best.benchmark} is below the smallest gain worth a review"
            return replace(verdict, outcome=Outcome.REJECTED, reason="bench.too-small", message=message)
        kept = plausibility.kept_state(self._base.tree, candidate)
        if kept and (refused := plausibility.cache_only(best)):
            return replace(verdict, outcome=Outcome.REJECTED, reason=refused.code, message=refused.sentence)
        findings = (
            *verdict.plausibility,
            *self._findings(candidate, best, verdict, kept),
        )
        findings = findings or self._fitted(candidate)
        if findings:
            message = f"{evidence.ratio(best)} on {best.benchmark}, but a person must look: {findings[0].sentence}"
            return replace(
                verdict, outcome=Outcome.HELD, reason=findings[0].code, message=message, plausibility=findings
            )
        return replace(verdict, reason="accepted", message=f"{evidence.ratio(best)} on {best.benchmark}")

    def _fitted(self, candidate: Candidate) -> tuple[Finding, ...]:
        """Time calls near to the benchmark's own; asked last, as it takes seconds."""
        tree = self._base.tree.with_changes(candidate.edits.changes)
        for function in self._reach(candidate).functions[:_HELD_OUT]:
            if function in self._captured:
                self._say(candidate, Gate.CONFIRM, f"{function.qualname} on inputs that no benchmark has")
                gains = self._replay.held_out(self._captured[function], self._base.tree, tree, self._seed())
                if found := plausibility.fitted(function.qualname, gains):
                    return (found,)
        return ()

    def _findings(
        self, candidate: Candidate, best: Comparison, verdict: Verdict, kept: list[str]
    ) -> tuple[Finding, ...]:
        share, margins = self._reach(candidate).share_total, self._settings.margins
        return plausibility.findings(candidate, best, verdict.comparisons, kept, share, margins)

    def _guard(self, candidate: Candidate, _tree: Snapshot, verdict: Verdict) -> Verdict:
        self._say(candidate, Gate.GUARD)
        changes = candidate.edits.changes
        found = next(check.objections(self._base.tree, changes, self._settings.guard, candidate.target), None)
        return _rejected(verdict, Gate.GUARD, found)

    def _syntax(self, candidate: Candidate, _tree: Snapshot, verdict: Verdict) -> Verdict:
        self._say(candidate, Gate.SYNTAX)
        return _rejected(verdict, Gate.SYNTAX, syntax.objection(candidate.edits.changes, candidate.target))

    def _run_tests(self, candidate: Candidate, tree: Snapshot, verdict: Verdict) -> Verdict:
        self._say(candidate, Gate.TESTS)
        baseline = self._base.baseline()
        if baseline is None:
            finding = Finding("tests.none", "the repository has no tests that could have failed")
            return replace(verdict, gate=Gate.TESTS, plausibility=(*verdict.plausibility, finding))
        found = self._tests.check(baseline, tree, self._first_tests(self._base, candidate))
        return _rejected(replace(verdict, tests=found), Gate.TESTS, evidence.of_tests(found))

    def _run_replay(self, candidate: Candidate, tree: Snapshot, verdict: Verdict) -> Verdict:
        self._say(candidate, Gate.REPLAY)
        reach = self._reach(candidate)
        parts = [self._replayed(function, reach, candidate, tree) for function in reach.functions]
        found = evidence.added(parts)
        verdict = replace(verdict, gate=Gate.REPLAY, replay=found)
        for function, part in zip(reach.functions, parts, strict=True):
            if found.captured and evidence.lost_calls(part):
                sentence = f"no call of {function.qualname} could be compared: {evidence.why_none(part)}"
                verdict = replace(verdict, plausibility=(*verdict.plausibility, Finding("replay.nothing", sentence)))
        if found.mismatches:
            return _rejected(verdict, Gate.REPLAY, Finding("replay.mismatch", found.mismatches[0]))
        if found.captured == 0:
            return self._without_replay(verdict, found)
        if found.underived:
            finding = Finding("replay.captured-only", found.underived)
            verdict = replace(verdict, plausibility=(*verdict.plausibility, finding))
        if found.edge_mismatches:
            finding = Finding("replay.edge", f"differs on values that nothing here uses: {found.edge_mismatches[0]}")
            return replace(verdict, plausibility=(*verdict.plausibility, finding))
        return verdict

    def _without_replay(self, verdict: Verdict, found: ReplayEvidence) -> Verdict:
        why = found.uncaptured[0] if found.uncaptured else "no test or benchmark calls it"
        if found.nondeterministic:
            message = f"the base disagrees with itself on all {found.nondeterministic} calls that were replayed"
            return replace(verdict, outcome=Outcome.UNKNOWN, reason="replay.nondeterministic", message=message)
        finding = Finding("replay.nothing", f"no call could be replayed: {why}")
        return replace(verdict, plausibility=(*verdict.plausibility, finding))

    def _replayed(self, function: FunctionId, reach: Reach, candidate: Candidate, tree: Snapshot) -> ReplayEvidence:
        if function not in self._captured:
            self._say(candidate, Gate.REPLAY, f"capturing calls of {function.qualname}")
            self._captured[function] = self._replay.capture(self._base.tree, function, reach.benchmarks)
        self._say(candidate, Gate.REPLAY, function.qualname)
        return self._replay.compare(self._captured[function], self._base.tree, tree, self._seed())

    def _run_bench(self, candidate: Candidate, tree: Snapshot, verdict: Verdict, tests: int) -> Verdict:
        benchmarks = self._reach(candidate).benchmarks
        verdict = replace(verdict, gate=Gate.BENCH)
        if not benchmarks:
            return _rejected(verdict, Gate.BENCH, Finding("bench.no-benchmark", "no benchmark reaches the change"))
        self._say(candidate, Gate.BENCH, f"{len(benchmarks)} benchmark(s)")
        canary = self._base.canary()
        verdict = replace(verdict, canary=canary)
        if not canary.quiet:
            return replace(verdict, outcome=Outcome.UNKNOWN, reason="bench.noisy", message=canary.sentence)
        # The two most affected benchmarks decide whether there is a gain; only then the others may object.
        telling, others = benchmarks[:_TELLING], benchmarks[_TELLING:]
        shared = tests * (2 if others else 1)
        found = self._bench.decide(self._base.tree, tree, telling, tests=shared)
        objection = plausibility.broken(found) or plausibility.not_faster(found)
        if objection is None and others:
            self._say(candidate, Gate.BENCH, f"{len(others)} more")
            found += self._bench.decide(self._base.tree, tree, others, tests=shared)
            objection = plausibility.broken(found) or plausibility.not_faster(found)
        verdict = replace(verdict, comparisons=found, machine=self._bench.machine())
        objection = objection or plausibility.too_small(found, self._settings.min_gain)
        return _rejected(verdict, Gate.BENCH, objection)

    def _say(self, candidate: Candidate, gate: Gate, detail: str = "") -> None:
        subject = str(candidate.target.function) if candidate.target else "change"
        self._progress.step(subject, gate, detail)


def _unknown(verdict: Verdict, error: Exception) -> Verdict:
    if isinstance(error, HotlapError) and not isinstance(error, SandboxError):
        raise error  # a sentence for the user, such as a benchmark that fails on the base
    if not isinstance(error, SandboxError):
        log.error("the judge failed on candidate %s", verdict.candidate_id, exc_info=error)
    sentence = str(error) or type(error).__name__
    return replace(verdict, outcome=Outcome.UNKNOWN, reason="infrastructure", message=sentence)


def _rejected(verdict: Verdict, gate: Gate, finding: Finding | None) -> Verdict:
    if finding is None:
        return replace(verdict, gate=gate)
    return replace(verdict, outcome=Outcome.REJECTED, gate=gate, reason=finding.code, message=finding.sentence)
