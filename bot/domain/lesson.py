"""What a verdict or a reviewer taught, and where it holds."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class LessonState(StrEnum):
    """Only active lessons change what is proposed."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


class Polarity(StrEnum):
    """What a lesson asks for; `INFO` states a fact and asks for nothing."""

    AVOID = "avoid"
    PREFER = "prefer"
    REQUIRE = "require"
    INFO = "info"


class Reach(StrEnum):
    """What a reviewer's lesson is about; lessons from verdicts are about one candidate."""

    PROJECT = "project"
    PATH = "path"
    RULE = "rule"
    KIND = "kind"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence with its scope and links to its evidence.

    `scope` is "<reach>:<value>": "path:src/legacy/", "rule:join-strings", "kind:cache", "project:group/name" or
    "candidate:<id>". `subjects` is what a program can act on: "module:numba", "name:functools.lru_cache",
    "function:<qualified name>", "reviewer:alice". `evidence` names notes ("<project>!<mr>#note_<id>") and runs.
    """

    scope: str
    sentence: str
    evidence: tuple[str, ...] = ()
    state: LessonState = LessonState.PROPOSED
    polarity: Polarity = Polarity.INFO
    subjects: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A short stable name: the same sentence with the same scope and polarity is the same lesson."""
        words = " ".join(self.sentence.lower().split())
        return hashlib.sha256(f"{self.scope}\0{self.polarity}\0{words}".encode()).hexdigest()[:10]

    @property
    def reach(self) -> str:
        """The part of the scope before the colon."""
        return self.scope.partition(":")[0]

    @property
    def value(self) -> str:
        """The part of the scope after the colon."""
        return self.scope.partition(":")[2]

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the subjects of one kind, such as "module", without it."""
        return tuple(one.partition(":")[2] for one in self.subjects if one.startswith(f"{kind}:"))
