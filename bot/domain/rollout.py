"""How far the bot goes by itself, for the project and for each kind of change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

OFF = "`rollout: phase:` of the default branch is 'off': nothing is done"


class Phase(StrEnum):
    """From nothing to everything: each phase does what the ones before it do, and one thing more."""

    OFF = "off"
    OBSERVE = "observe"
    SUGGEST = "suggest"
    APPROVE = "approve"
    AUTO = "auto"

    @property
    def step(self) -> int:
        """The place in the order."""
        return list(Phase).index(self)

    def reaches(self, other: "Phase") -> bool:
        """Say whether this phase does what `other` does."""
        return self.step >= other.step


@dataclass(frozen=True, slots=True)
class Rollout:
    """The project's phase, and the phases of kinds of change where they differ from it."""

    phase: Phase = Phase.APPROVE
    kinds: Mapping[str, Phase] = field(default_factory=dict)

    def of(self, kinds: Sequence[str]) -> Phase:
        """Return the phase of a change: the most careful of its kinds decides, and none goes beyond the project's.

        `AUTO` holds for kinds that were opted in by name only; all others stop at `APPROVE`.
        """
        each = [self.kinds.get(kind, min(self.phase, Phase.APPROVE, key=lambda one: one.step)) for kind in kinds]
        return min([self.phase, *each], key=lambda one: one.step)

    def merges(self, kinds: Sequence[str], *, proven: bool, pipeline_sha: str, head_sha: str, succeeded: bool) -> bool:
        """Say whether a merge request is merged without a person: opted in, accepted, and green at the very commit.

        `proven` is an accepted verdict; one that is held for a person never merges itself.
        """
        same = bool(head_sha) and pipeline_sha == head_sha
        return self.of(kinds) is Phase.AUTO and proven and succeeded and same
