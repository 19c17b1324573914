"""Shapes of edits that recur, and how they fared: the members of a shape become one pattern."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bot.domain.attempt import Attempt
from bot.domain.evidence import Outcome
from bot.domain.kind import kinds_of
from bot.domain.pattern import Pattern, PatternKind
from bot.learn.shapes import shape

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Member:
    """One edit that was decided on: by the judge, or by reviewers, who have the last word.

    `shape` is what recurs, `gain` the measured ratio (None where nothing was measured), `at` is ISO 8601.
    """

    shape: str
    accepted: bool
    at: str
    gain: float | None = None
    reviewed: bool = False
    about: str = ""


def edit_patterns(members: Iterable[Member], least: int = 2) -> tuple[Pattern, ...]:
    """Return the shapes that occur at least `least` times, the most promising first."""
    groups: dict[str, list[Member]] = {}
    for one in members:
        if one.shape:
            groups.setdefault(one.shape, []).append(one)
    found = [_pattern(canonical, group) for canonical, group in groups.items() if len(group) >= least]
    return tuple(sorted(found, key=lambda one: (-worth(one), one.id)))


def worth(pattern: Pattern) -> float:
    """Return what trying the pattern once more may bring: confidence times the logarithm of its gain."""
    return pattern.confidence * math.log(max(pattern.improvement, 1.0))


def wilson(successes: int, trials: int) -> float:
    """Return the lower end of the 95% score interval of a share; 0 without trials.

    Wilson, E. B.: Probable inference, the law of succession, and statistical inference. JASA 22 (1927).
    """
    if trials == 0:
        return 0.0
    share, square = successes / trials, _Z * _Z
    centre = share + square / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return max(0.0, (centre - spread) / (1 + square / trials))


def members_of(attempts: Iterable[Attempt], at: str) -> tuple[Member, ...]:
    """Return the edits that the judge decided on in a run at `at` (ISO 8601)."""
    found = []
    for tried in (one for attempt in attempts for one in attempt.tried):
        if tried.verdict.outcome is not Outcome.UNKNOWN:
            accepted = tried.verdict.outcome is Outcome.ACCEPTED
            gain = max((one.ratio.estimate for one in tried.verdict.comparisons), default=None)
            edits = shape(tried.candidate.edits.changes)
            found.append(Member(edits, accepted, at, gain, about=kinds_of(tried.candidate)[0]))
    return tuple(found)


def joined(known: Sequence[Pattern], found: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Return `found`, the patterns of one more run, with what was known of the same shapes before."""
    before: Mapping[str, Pattern] = {one.id: one for one in known}
    return tuple(_together(before[one.id], one) if one.id in before else one for one in found)


def _together(one: Pattern, other: Pattern) -> Pattern:
    good, more = _accepted(one), _accepted(other)
    count = one.frequency + other.frequency
    mean = (good * math.log(one.improvement) + more * math.log(other.improvement)) / max(good + more, 1)
    what = other.description.partition(":")[0]
    return replace(
        other,
        description=f"{what}: {good + more} of {count} accepted",
        confidence=round(wilson(good + more, count), 6),
        improvement=round(math.exp(mean), 6),
        frequency=count,
        first_seen=min(one.first_seen, other.first_seen),
        last_seen=max(one.last_seen, other.last_seen),
        validations=one.validations + other.validations,
    )


def _accepted(pattern: Pattern) -> int:
    """Return how many members were accepted: the count whose interval has this lower end, which grows with it."""
    counts = range(pattern.frequency + 1)
    return min(counts, key=lambda count: abs(wilson(count, pattern.frequency) - pattern.confidence))


def _pattern(canonical: str, group: Sequence[Member]) -> Pattern:
    accepted = [one for one in group if one.accepted]
    gains = [one.gain for one in accepted if one.gain is not None and one.gain > 0]
    times = sorted(one.at for one in group)
    what = next((one.about for one in reversed(group) if one.about), "an edit")
    return Pattern(
        id=hashlib.sha256(f"{PatternKind.EDIT}\0{canonical}".encode()).hexdigest()[:12],
        kind=PatternKind.EDIT,
        shape=canonical,
        description=f"{what}: {len(accepted)} of {len(group)} accepted",
        confidence=round(wilson(len(accepted), len(group)), 6),
        improvement=round(median(gains), 6) if gains else 1.0,
        frequency=len(group),
        first_seen=times[0],
        last_seen=times[-1],
        validations=sum(one.reviewed for one in group),
    )
