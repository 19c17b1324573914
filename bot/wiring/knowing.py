"""What a job that proposes knows of a project: lessons, how people took what was proposed before, what is urgent."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.clock import SystemClock
from bot.app.opportunities import urgency
from bot.app.ticks import heeded
from bot.domain.exchange import Survey
from bot.domain.job import Candidate
from bot.domain.lesson import Lesson
from bot.learn.priors import Prior, expected, priors
from bot.learn.suggestions import Seen
from bot.ports.forge import Forge
from bot.report import dashboard
from bot.wiring.stores import Remembered


@dataclass(frozen=True, slots=True)
class Knowing:
    """The memory as it stood when the job began."""

    remembered: Remembered
    lessons: tuple[Lesson, ...]
    taken: Mapping[str, Prior]

    @classmethod
    def of(cls, remembered: Remembered, forge: Forge | None) -> "Knowing":
        """Read the memory; with `forge`, boxes that a maintainer ticked on the dashboard count already."""
        if forge is not None:
            heeded(forge, remembered.lessons, forge.issues.standing(dashboard.TOPIC))
        lessons = remembered.lessons.lessons()
        return cls(remembered, lessons, priors(remembered.memory.feedback(), lessons))

    def expected(self, candidate: Candidate) -> float:
        """Return how likely people are to take a candidate, 0 to 1."""
        return expected(candidate, self.taken)

    def urgency(self, survey: Survey) -> Mapping[str, float]:
        """Return how urgent the functions of a survey are, by name."""
        seen = Seen(self.remembered.project, SystemClock().now(), survey.targets)
        return urgency(seen, self.lessons, self.remembered.memory)
