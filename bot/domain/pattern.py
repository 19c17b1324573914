"""Recurring shapes of edits and of metrics, and how they have fared: what suggestions are ranked by."""

from dataclasses import dataclass
from enum import StrEnum


class PatternKind(StrEnum):
    """What recurs: the shape of an edit, or a group of similar measurements."""

    EDIT = "edit"
    METRIC = "metric"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One recurring shape.

    `shape` is its canonical text and `id` a digest of it. `confidence` (0 to 1) is the lower bound of the share of
    members that were accepted, or of what a density cluster is sure of; `improvement` the typical gain as a ratio of
    base time over candidate time. `frequency` counts members, `validations` those that a judge or a reviewer decided.
    Times are ISO 8601.
    """

    id: str
    kind: PatternKind
    shape: str
    description: str
    confidence: float
    improvement: float
    frequency: int
    first_seen: str
    last_seen: str
    validations: int = 0
