"""What is shown of a benchmark of processes: the comparison by our clock, and whether the tool's clock agrees."""

import math
from dataclasses import replace

from bot.domain.evidence import CLOCK_DISAGREES, Comparison, Costs, Decision
from bot.evaluate.lockstep import publish
from bot.evaluate.lockstep.batch import Series
from bot.evaluate.programs.batch import ProgramSeries
from bot.stats import compare

DISAGREEMENT = 0.05


def comparison(one: Series, answer: compare.Answer, level: float, *, confirmed: bool) -> Comparison:
    """Return the comparison of a series; a gain on which the two clocks disagree is none."""
    found = publish.comparison(one, answer, level, confirmed=confirmed)
    if not found.samples:
        return found
    bare = replace(found, import_ratio=None, cold_ratio=None, hot_ratio=None, costs=Costs(found.costs.memory))
    base, candidate = (
        replace(arm, import_seconds=None, cold_seconds=None, hot_seconds=None) for arm in (found.base, found.candidate)
    )
    note = clocks(one) if isinstance(one, ProgramSeries) else ""
    decision = Decision.UNDECIDED if note and found.decision is Decision.FASTER else found.decision
    return replace(bare, base=base, candidate=candidate, decision=decision, note=note or found.note)


def clocks(one: ProgramSeries) -> str:
    """Return how the tool's clock disagrees with ours by more than 5%, or ""."""
    if one.counted:
        return f"{CLOCK_DISAGREES}: only the tool knows how many iterations it made, so that its figure has no check"
    if len(one.claims) < len(one.samples) or not one.claims:
        return ""
    ours, tools = compare.ratio(one.logs), compare.ratio(one.claims)
    gap = compare.ratio([claim - log for claim, log in zip(one.claims, one.logs, strict=True)]).estimate
    if abs(math.log(gap)) <= math.log1p(DISAGREEMENT):
        return ""
    return f"{CLOCK_DISAGREES}: {tools.estimate:.2f}x by the tool's clock, {ours.estimate:.2f}x by ours"
