"""What a verdict or a reviewer taught, and where it holds."""

from dataclasses import dataclass
from enum import StrEnum


class LessonState(StrEnum):
    """Only active lessons change what is proposed."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence with its scope ("rule:join-strings", "function:<body hash>") and links to its evidence."""

    scope: str
    sentence: str
    evidence: tuple[str, ...] = ()
    state: LessonState = LessonState.PROPOSED
