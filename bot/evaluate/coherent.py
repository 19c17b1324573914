"""Evidence from another job, held against itself: a verdict must follow from the samples that come with it.

Whoever could forge samples and verdict alike is not found out here; what keeps code from that is the sandbox that it
ran in, and the report names it.
"""

import math
from collections.abc import Iterator

from bot.domain.evidence import (
    ANSWER_DIFFERS,
    CANDIDATE_FAILED,
    CLOCK_DISAGREES,
    Comparison,
    Decision,
    Gate,
    Interval,
    Outcome,
    Verdict,
)
from bot.evaluate import evidence
from bot.stats import compare

_EXACT = 1e-6
_MOST_SAMPLES, _MOST_COMPARISONS = 400, 500
"""Far above what any run takes; the time for the figures grows with the cube of the samples."""


def objection(verdict: Verdict, confidence: float, margin: float, min_gain: float) -> str | None:
    """Return the first thing in which a verdict contradicts its own evidence, as a clause; None where nothing does."""
    return next(_objections(verdict, confidence, margin, min_gain), None)


def remeasured(one: Comparison, confidence: float) -> Interval | None:
    """Return the interval of a comparison's samples; None where they prove nothing, or its figures are not theirs."""
    wrong = one.note.startswith((ANSWER_DIFFERS, CANDIDATE_FAILED, CLOCK_DISAGREES)) or next(_of_figures(one), None)
    if wrong or len(one.samples) < compare.FEWEST_PAIRS:
        return None
    found = compare.ratio(one.samples, confidence)
    return Interval(found.estimate, found.low, found.high) if math.isfinite(found.high) else None


def _objections(verdict: Verdict, confidence: float, margin: float, min_gain: float) -> Iterator[str]:
    if len(verdict.comparisons) > _MOST_COMPARISONS:
        yield f"{len(verdict.comparisons)} comparisons are more than a run makes"
    for one in verdict.comparisons:
        yield from _of_figures(one)
    if verdict.outcome in {Outcome.ACCEPTED, Outcome.HELD}:
        for said in (*_of_gates(verdict), *_of_gain(verdict, confidence, margin, min_gain)):
            yield f"it is {verdict.outcome} although {said}"


def _of_gates(verdict: Verdict) -> Iterator[str]:
    if verdict.gate is not Gate.CONFIRM:
        yield f"the gate {verdict.gate} cannot say so"
    if verdict.tests is not None and (found := evidence.of_tests(verdict.tests)) is not None:
        yield found.sentence
    if verdict.replay is not None and verdict.replay.mismatches:
        yield "a replayed call differs"
    if verdict.canary is not None and not verdict.canary.quiet:
        yield "the machine is too noisy"


def _of_gain(verdict: Verdict, confidence: float, margin: float, min_gain: float) -> Iterator[str]:
    proven = [one for one in verdict.comparisons if one.decision is Decision.FASTER and one.confirmed]
    for one in proven:
        yield from _of_samples(one, confidence, margin)
    if not proven:
        yield "no gain was confirmed"
    elif max(one.ratio.estimate for one in proven) < 1 + min_gain:
        yield f"the gain is below {min_gain:.0%}"


def _of_figures(one: Comparison) -> Iterator[str]:
    ratio = one.ratio
    if len(one.samples) > _MOST_SAMPLES:
        yield f"{len(one.samples)} samples of {one.benchmark} are more than a run takes"
    elif not all(math.isfinite(figure) for figure in (ratio.estimate, ratio.low, ratio.high, *one.samples)):
        yield f"a figure of {one.benchmark} is no number"
    elif not 0 < ratio.low <= ratio.estimate <= ratio.high:
        yield f"the interval of {one.benchmark} does not hold its estimate"
    elif one.pairs < len(one.samples):
        yield f"{one.benchmark} has more samples than pairs"


def _of_samples(one: Comparison, confidence: float, margin: float) -> Iterator[str]:
    """Yield where the figures of a confirmed gain are not those of its samples."""
    if not one.samples:
        yield f"the gain on {one.benchmark} has no samples"
        return
    again = compare.ratio(one.samples, confidence)
    if abs(math.log(again.estimate / one.ratio.estimate)) > _EXACT or abs(math.log(again.low / one.ratio.low)) > _EXACT:
        yield f"the ratio of {one.benchmark} is not that of its samples"
    elif compare.confirm(one.samples, margin, confidence) is not compare.Answer.FASTER:
        yield f"the samples of {one.benchmark} prove no gain"
