"""Numbers that are true and still need a person: gains beyond the bound, caches, memory for time, CPU against wall."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.code import Snapshot
from bot.domain.evidence import (
    ANSWER_DIFFERS,
    CACHED,
    CANDIDATE_FAILED,
    CLOCK_DISAGREES,
    Comparison,
    Decision,
    Finding,
    Interval,
)
from bot.domain.job import ADDS_A_CACHE, Candidate
from bot.evaluate.guard import effects, state
from bot.evaluate.guard.literals import large_literals
from bot.evaluate.held_out import HeldOut
from bot.stats.guards import Guard, non_inferior

_SHARE_ERROR = 0.03  # a share from about a thousand samples is known to about three points
_SLACK = 1.10
_CPU_SHARE = 0.5
_WORTH_ASKING = 2.0  # smaller gains vary with the input by their nature
_KEPT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Margins:
    """The shares by which costs may grow before a person must look; `level` is that of each answer."""

    memory: float = 0.10
    imports: float = 0.10
    first_call: float = 0.10
    level: float = 0.99


def broken(comparisons: Sequence[Comparison]) -> Finding | None:
    """Return the first sign that the candidate gives another answer than the base, or none."""
    for prefix, code in ((ANSWER_DIFFERS, "bench.mismatch"), (CANDIDATE_FAILED, "bench.crashed")):
        for one in comparisons:
            if one.note.startswith(prefix):
                return Finding(code, f"{one.benchmark}: {one.note}")
    return None


def not_faster(comparisons: Sequence[Comparison]) -> Finding | None:
    """Return why the comparisons do not add up to a gain, or None where one is faster and none slower."""
    slower = [one for one in comparisons if one.decision is Decision.SLOWER]
    if slower:
        return Finding("bench.slower", f"{slower[0].benchmark} gets slower: {slower[0].ratio.estimate:.2f}x")
    for one in comparisons:
        if one.note.startswith(CLOCK_DISAGREES) and one.decision is Decision.UNDECIDED:
            return Finding("clock.disagrees", f"{one.benchmark}: {one.note.partition(': ')[2]}")
    if any(one.decision is Decision.FASTER for one in comparisons):
        return None
    if noisy := [one for one in comparisons if one.decision is Decision.UNDECIDED]:
        worst = noisy[0]
        span = f"{worst.ratio.low:.2f} to {worst.ratio.high:.2f}"
        return Finding("bench.undecided", f"{worst.benchmark}: no answer within the budget ({span} so far)")
    names = ", ".join(one.benchmark for one in comparisons)
    return Finding("bench.not-faster", f"no gain beyond the margin on {names}")


def too_small(comparisons: Sequence[Comparison], min_gain: float) -> Finding | None:
    """Return the objection to a gain that no confirmation could bring up to `min_gain` (0.05 is 5%), or None."""
    faster = [one for one in comparisons if one.decision is Decision.FASTER]
    if any(one.ratio.high >= 1 + min_gain for one in faster):
        return None
    best = max(faster, key=lambda one: one.ratio.estimate)
    return Finding(
        "bench.too-small", f"{best.ratio.estimate:.2f}x on {best.benchmark} is too small a gain for a review"
    )


def kept_state(tree: Snapshot, candidate: Candidate) -> list[str]:
    """Return phrases for state that the candidate keeps between calls and the base does not."""
    found = ["labelled by its proposer"] if ADDS_A_CACHE in candidate.labels else []
    for change in candidate.edits.changes:
        if change.path.endswith(".py") and change.after is not None:
            before = tree.data(change.path) if change.path in tree.files else None
            found += state.added(before, change.after)
    return found


def cache_only(best: Comparison) -> Finding | None:
    """Return the objection to a cache that does not win on inputs that its process has never seen."""
    cold = best.first_call_ratio
    if best.note != CACHED and cold.low > 1.0:
        return None
    sentence = f"the gain exists only when a call is repeated: first calls are at {cold.estimate:.2f}x"
    return Finding("bench.cached", sentence)


def fitted(function: str, gains: HeldOut | None) -> Finding | None:
    """Return the objection to a gain that is there on the benchmark's own input and hardly on inputs near to it.

    A small gain is objected to only where inputs near to the benchmark's own become slower.
    """
    if gains is None:
        return None
    own = f"{gains.own:.2f}x on the benchmark's own call"
    if gains.own > 1.0 and gains.slower is not None:
        ratio, count = gains.slower
        return Finding("plausibility.fitted", f"{function}: {own}, {ratio:.2f}x at best on {count} calls near to it")
    if gains.unseen is None or gains.own < _WORTH_ASKING:
        return None
    if math.log(gains.unseen) >= _KEPT_SHARE * math.log(gains.own):
        return None
    calls = len(gains.alike) + len(gains.resized)
    return Finding("plausibility.fitted", f"{function}: {own}, {gains.unseen:.2f}x at best on {calls} calls near to it")


def findings(
    candidate: Candidate,
    best: Comparison,
    comparisons: Sequence[Comparison],
    kept: Sequence[str],
    share_total: float | None,
    margins: Margins,
) -> tuple[Finding, ...]:
    """Return what a person must look at before the change is merged, gravest first."""
    return tuple(_findings(candidate, best, comparisons, kept, share_total, margins))


def _findings(
    candidate: Candidate,
    best: Comparison,
    comparisons: Sequence[Comparison],
    kept: Sequence[str],
    share_total: float | None,
    margins: Margins,
) -> Iterator[Finding]:
    if kept:
        yield Finding("cache.label", f"the change {ADDS_A_CACHE}: {'; '.join(kept)}")
    if best.note == CACHED:
        yield Finding("plausibility.cached", f"{best.benchmark} gains on repeated calls but not on the first")
    if (limit := _limit(share_total)) < best.ratio.low:
        sentence = f"{best.ratio.low:.2f}x or more, where the profile allows {limit:.2f}x at most"
        yield Finding("plausibility.above-bound", sentence)
    for one in comparisons:
        yield from _of_comparison(one)
    yield from _costs(comparisons, margins)
    for change in candidate.edits.changes:
        if (
            change.path.endswith(".py")
            and change.after is not None
            and (gone := effects.lost(change.before, change.after))
        ):
            yield Finding("plausibility.effects", f"{change.path} no longer has {'; '.join(gone[:3])}")
    for phrase in large_literals(candidate.edits.changes):
        yield Finding("plausibility.literal-table", f"the change adds {phrase}")


def _of_comparison(one: Comparison) -> Iterator[Finding]:
    gain, cpu = one.ratio.estimate - 1, one.cpu_ratio.estimate - 1
    if one.decision is Decision.FASTER and cpu < gain * _CPU_SHARE and one.cpu_ratio.high < one.ratio.low:
        sentence = (
            f"{one.benchmark}: {one.ratio.estimate:.2f}x by the clock but {one.cpu_ratio.estimate:.2f}x in CPU time"
        )
        yield Finding("plausibility.cpu-disagrees", sentence)


def _costs(comparisons: Sequence[Comparison], margins: Margins) -> Iterator[Finding]:
    """Yield the costs that are proven to grow beyond their margins; all guards share one error rate."""
    tests = 3 * len(comparisons)
    for one in comparisons:
        for code, what, ratio, samples, margin in (
            ("plausibility.first-call-slower", "the first call in a process gets slower",
             one.first_call_ratio, one.costs.first_call, margins.first_call),
            ("plausibility.import-slower", "a fresh process needs longer to load",
             one.import_ratio, one.costs.imports, margins.imports),
            ("plausibility.memory", "peak memory grows", one.memory_ratio, one.costs.memory, margins.memory),
        ):  # fmt: skip
            if ratio is not None and _grows(ratio, samples, margin, margins.level, tests):
                grown = 1 / ratio.estimate - 1
                yield Finding(code, f"{one.benchmark}: {what}, by {grown:.0%} (at most {margin:.0%} is let pass)")


def _grows(ratio: Interval, samples: Sequence[float], margin: float, level: float, tests: int) -> bool:
    if samples:
        return non_inferior(samples, margin, level, tests) is Guard.BROKEN
    return ratio.high < 1 / (1 + margin)  # a comparison without its samples: the interval at its own level


def _limit(share_total: float | None) -> float:
    if share_total is None or share_total + _SHARE_ERROR >= 1:
        return float("inf")
    return _SLACK / (1 - share_total - _SHARE_ERROR)
