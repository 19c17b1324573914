"""How likely a kind of edit is to be taken, before it is tried: what orders rules and feeds a bandit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.feedback import Feedback, Reception
from bot.domain.job import Candidate
from bot.domain.kind import kinds_of, rules_of
from bot.domain.lesson import Lesson, LessonState, Polarity, Reach

_WEIGHT = {Reception.ACCEPTED: 1.0, Reception.REVISED: 0.5, Reception.REJECTED: 0.0}
_LESSON = 3.0
"""A standing word of a reviewer counts as much as three merge requests."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A beta distribution over "a reviewer takes it": `successes` and `failures` come on top of one of each."""

    successes: float = 0.0
    failures: float = 0.0

    @property
    def mean(self) -> float:
        """The expected share, 0.5 where nothing is known."""
        return (self.successes + 1) / (self.successes + self.failures + 2)

    def plus(self, good: float, bad: float) -> "Prior":
        """Return the prior after further evidence."""
        return Prior(self.successes + good, self.failures + bad)


def priors(feedback: Iterable[Feedback], lessons: Iterable[Lesson]) -> Mapping[str, Prior]:
    """Return the prior of each "rule:<name>" and "kind:<kind>" that somebody has said or done something about."""
    found: dict[str, Prior] = {}
    for one in feedback:
        names = [f"{Reach.RULE}:{rule}" for rule in one.change.rules]
        for name in names + ([f"{Reach.KIND}:{one.change.kind}"] if one.change.kind else []):
            good, bad = _counted(one)
            found[name] = found.get(name, Prior()).plus(good, bad)
    for lesson in lessons:
        if lesson.state is LessonState.ACTIVE and lesson.reach in {Reach.RULE, Reach.KIND}:
            good = _LESSON if lesson.polarity is Polarity.PREFER else 0.0
            bad = _LESSON if lesson.polarity is Polarity.AVOID else 0.0
            found[lesson.scope] = found.get(lesson.scope, Prior()).plus(good, bad)
    return found


def _counted(one: Feedback) -> tuple[float, float]:
    """Return how much a merge request speaks for and against its kind; what nobody looked at says nothing."""
    weight = _WEIGHT.get(one.reception)
    good, bad = (0.0, 0.0) if weight is None else (weight, 1.0 - weight)
    votes = one.thumbs_up + one.thumbs_down
    return (good + 0.5 * one.thumbs_up / votes, bad + 0.5 * one.thumbs_down / votes) if votes else (good, bad)


def expected(candidate: Candidate, known: Mapping[str, Prior]) -> float:
    """Return how likely a candidate is to be taken: what is known of its rules and kinds, the worst word counting."""
    names = [f"{Reach.RULE}:{rule}" for rule in rules_of(candidate)]
    names += [f"{Reach.KIND}:{kind}" for kind in kinds_of(candidate)]
    return min((known[name].mean for name in names if name in known), default=Prior().mean)
