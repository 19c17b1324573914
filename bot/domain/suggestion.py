"""An opportunity that was found and not yet taken."""

from dataclasses import dataclass
from enum import StrEnum


class SuggestionState(StrEnum):
    """Open until somebody takes or declines it, or the code that it is about is gone."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One opportunity: where, what, and what it may bring.

    `target` is "path::qualified name", `kind` the kind of change or "" where only the place is known. `gain` is the
    expected ratio of base time over new time, `confidence` and `priority` lie between 0 and 1. `found` is ISO 8601.
    """

    id: str
    project: str
    target: str
    kind: str
    description: str
    gain: float
    confidence: float
    priority: float
    found: str
    state: SuggestionState = SuggestionState.OPEN
