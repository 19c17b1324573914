"""Shapes of edits that recur, and how they fared: the members of a shape become one pattern."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bot.domain.pattern import Pattern, PatternKind

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
    found = [_pattern(shape, group) for shape, group in groups.items() if len(group) >= least]
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


def renewed(known: Sequence[Pattern], found: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Return `found` with what was known before: when a pattern was first seen does not move."""
    before: Mapping[str, Pattern] = {one.id: one for one in known}
    return tuple(_since(one, before.get(one.id)) for one in found)


def _since(one: Pattern, known: Pattern | None) -> Pattern:
    return one if known is None else replace(one, first_seen=min(one.first_seen, known.first_seen))


def _pattern(shape: str, group: Sequence[Member]) -> Pattern:
    accepted = [one for one in group if one.accepted]
    gains = [one.gain for one in accepted if one.gain is not None and one.gain > 0]
    times = sorted(one.at for one in group)
    what = next((one.about for one in reversed(group) if one.about), "an edit")
    return Pattern(
        id=hashlib.sha256(f"{PatternKind.EDIT}\0{shape}".encode()).hexdigest()[:12],
        kind=PatternKind.EDIT,
        shape=shape,
        description=f"{what}: {len(accepted)} of {len(group)} accepted",
        confidence=round(wilson(len(accepted), len(group)), 6),
        improvement=round(median(gains), 6) if gains else 1.0,
        frequency=len(group),
        first_seen=times[0],
        last_seen=times[-1],
        validations=sum(one.reviewed for one in group),
    )
