"""Groups of measurements that look alike, by density: which situations recur, and how edits fare in them.

scikit-learn comes with the extra `analysis` and is imported when it is asked for.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bot.domain.errors import Refused
from bot.domain.pattern import Pattern, PatternKind
from bot.learn.patterns import wilson

_FEWEST = 10
"""Fewer measurements than this have no density."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One decided candidate as numbers: `features` by name (any scale), `gain` the ratio, `at` ISO 8601."""

    features: Mapping[str, float]
    accepted: bool
    gain: float
    at: str


def metric_patterns(observations: Sequence[Observation], smallest: int = 5) -> tuple[Pattern, ...]:
    """Return one pattern for each dense group of at least `smallest` observations, the largest first.

    Features are standardised; what has the same value everywhere, or is not known everywhere, tells nothing and is left
    out. HDBSCAN finds the groups (Campello, Moulavi, Sander 2013), so that no distance has to be chosen. Refused where
    scikit-learn is not installed.
    """
    names = _telling(observations)
    if len(observations) < max(_FEWEST, smallest) or not names:
        return ()
    labels, certain = _clustered(observations, names, smallest)
    groups = {label: [place for place, own in enumerate(labels) if own == label] for label in set(labels) - {-1}}
    found = [
        _pattern([observations[place] for place in places], names, [certain[place] for place in places])
        for places in groups.values()
    ]
    return tuple(sorted(found, key=lambda one: (-one.frequency, one.id)))


def _telling(observations: Sequence[Observation]) -> tuple[str, ...]:
    shared = set.intersection(*(set(one.features) for one in observations)) if observations else set()
    kept = (
        name
        for name in sorted(shared)
        if all(math.isfinite(one.features[name]) for one in observations)
        and len({one.features[name] for one in observations}) > 1
    )
    return tuple(kept)


def _clustered(
    observations: Sequence[Observation], names: Sequence[str], smallest: int
) -> tuple[list[int], list[float]]:
    """Return each observation's group (-1: none) and how sure its membership is, 0 to 1."""
    try:
        from sklearn.cluster import HDBSCAN
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        raise Refused("patterns of metrics need scikit-learn: install hotlap with the extra 'analysis'") from None
    table = StandardScaler().fit_transform([[one.features[name] for name in names] for one in observations])
    # A single group is an answer too: all situations are alike.
    model: Any = HDBSCAN(min_cluster_size=smallest, allow_single_cluster=True, copy=True).fit(table)
    return [int(one) for one in model.labels_], [float(one) for one in model.probabilities_]


def _pattern(group: Sequence[Observation], names: Sequence[str], certain: Sequence[float]) -> Pattern:
    middle = {name: median(one.features[name] for one in group) for name in names}
    shape = ", ".join(f"{name} about {value:.3g}" for name, value in middle.items())
    accepted = [one for one in group if one.accepted]
    times = sorted(one.at for one in group)
    kept = wilson(len(accepted), len(group))
    return Pattern(
        id=hashlib.sha256(f"{PatternKind.METRIC}\0{shape}".encode()).hexdigest()[:12],
        kind=PatternKind.METRIC,
        shape=shape,
        description=f"{len(accepted)} of {len(group)} candidates accepted where {shape}",
        confidence=round(kept * sum(certain) / len(certain), 6),
        improvement=round(median([one.gain for one in accepted]), 6) if accepted else 1.0,
        frequency=len(group),
        first_seen=times[0],
        last_seen=times[-1],
        validations=len(group),
    )
