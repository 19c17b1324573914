"""One decision from several machines: what each of them says, weighed by the policy of the project."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.evidence import Comparison, Decision, Gate, Outcome, Verdict
from bot.domain.hardware import Agreement, Column, Policy

_BEHAVIOUR = frozenset({Gate.APPLY, Gate.GUARD, Gate.SYNTAX, Gate.TESTS, Gate.REPLAY})
_WRONG = frozenset({"bench.mismatch", "bench.crashed"})


@dataclass(frozen=True, slots=True)
class Across:
    """The answer over all machines, with a reason code, a sentence, and the column that speaks for it, if any does."""

    outcome: Outcome
    reason: str
    sentence: str
    lead: Column | None = None


def across(columns: Sequence[Column], policy: Policy) -> Across:
    """Return what the columns of one candidate come to.

    Wrong behaviour on any machine rejects under every policy, and what a person must look at on a machine that counts
    is held. A machine without a verdict is no vote: with it missing, "all" and "named" cannot be answered, "weighted"
    takes it for one without a gain.
    """
    counted = [one for one in columns if policy.agreement is not Agreement.NAMED or one.hardware.name in policy.names]
    for one in columns:
        if one.verdict is not None and _wrong(one.verdict):
            return _of(one, Outcome.REJECTED, len(columns))
    for one in counted:
        if one.verdict is not None and one.verdict.outcome is Outcome.HELD:
            return _of(one, Outcome.HELD, len(columns))
    if policy.agreement is Agreement.WEIGHTED:
        return _weighted(counted, policy)
    slower = next((one for one in counted if one.verdict and _slower(one.verdict)), None)
    if slower is not None:
        return _of(slower, Outcome.REJECTED, len(columns))
    accepted = [one for one in counted if _accepted(one)]
    enough = len(accepted) == len(counted) if policy.agreement is not Agreement.ANY else bool(accepted)
    if enough and accepted:
        lead = max(accepted, key=lambda one: one.hardware.weight)
        return _of(lead, Outcome.ACCEPTED, len(columns))
    return _short_of(counted, len(columns))


def _short_of(counted: Sequence[Column], columns: int) -> Across:
    """Return why there are not enough machines with a gain: one that says no goes before one that says nothing."""
    for outcome in (Outcome.REJECTED, Outcome.UNKNOWN):
        found = next((one for one in counted if one.verdict is not None and one.verdict.outcome is outcome), None)
        if found is not None:
            return _of(found, outcome, columns)
    missing = [one for one in counted if one.verdict is None]
    said = "; ".join(f"{one.hardware.name}: {one.why}" for one in missing) or "no machine was asked"
    return Across(Outcome.UNKNOWN, "hardware.missing", f"no evidence from {said}")


def _weighted(counted: Sequence[Column], policy: Policy) -> Across:
    """Weigh the ratios of the benchmark that gains most; interval ends are weighed alike, which is on the safe side."""
    accepted = [one for one in counted if _accepted(one)]
    if not accepted:
        return _short_of(counted, len(counted))
    lead = max(accepted, key=lambda one: one.hardware.weight)
    best = _best(lead)
    total = sum(one.hardware.weight for one in counted)
    figures = [(one.hardware.weight, _on(one, best.benchmark)) for one in counted]
    estimate, low = (math.exp(sum(weight * math.log(pair[end]) for weight, pair in figures) / total) for end in (0, 1))
    said = f"{estimate:.2f}x ({low:.2f} or more) on {best.benchmark}, weighted over {len(counted)} machines"
    if estimate < 1 + policy.min_gain or low <= 1 + policy.margin:
        return Across(Outcome.REJECTED, "hardware.weighted", f"{said}, is not enough", lead)
    return Across(Outcome.ACCEPTED, "accepted", said, lead)


def _on(column: Column, benchmark: str) -> tuple[float, float]:
    """Return estimate and lower end of a ratio on one machine; no gain where it was not measured there."""
    found = [] if column.verdict is None else [c for c in column.verdict.comparisons if c.benchmark == benchmark]
    usable = [one for one in found if one.samples and one.ratio.low > 0]
    return (usable[0].ratio.estimate, usable[0].ratio.low) if usable else (1.0, 1.0)


def _of(column: Column, outcome: Outcome, columns: int) -> Across:
    verdict = column.verdict
    if verdict is None:  # only columns with a verdict speak
        return Across(outcome, "hardware.missing", column.why, column)
    where = f"on {column.hardware.name}: " if columns > 1 else ""
    return Across(outcome, verdict.reason, f"{where}{verdict.message}", column)


def _accepted(column: Column) -> bool:
    return column.verdict is not None and column.verdict.outcome is Outcome.ACCEPTED


def _wrong(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.REJECTED and (verdict.gate in _BEHAVIOUR or verdict.reason in _WRONG)


def _slower(verdict: Verdict) -> bool:
    return any(one.decision is Decision.SLOWER for one in verdict.comparisons)


def _best(column: Column) -> Comparison:
    comparisons = column.verdict.comparisons if column.verdict else ()
    return max(comparisons, key=lambda one: (one.decision is Decision.FASTER and one.confirmed, one.ratio.estimate))
