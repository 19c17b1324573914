"""Which target comes next: the hottest one for which there is a rewrite that changes how much work is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.attempt import Attempt
from bot.domain.code import FunctionId, Snapshot, Target
from bot.domain.job import Budget, Candidate
from bot.domain.lesson import Lesson
from bot.search.loop import Search

_ASKED = 15
"""For how many of the hottest functions candidates are written before one is chosen."""


@dataclass(frozen=True, slots=True)
class Task:
    """One target with the candidates to try for it."""

    target: Target
    candidates: tuple[Candidate, ...]


@dataclass(slots=True)
class Agenda:
    """Chooses among targets; candidates are written once for each state of a file."""

    search: Search
    lessons: Sequence[Lesson]
    _written: dict[tuple[FunctionId, str], tuple[Candidate, ...]] = field(default_factory=dict)

    def next(
        self, targets: Sequence[Target], tree: Snapshot, attempts: Sequence[Attempt], budget: Budget
    ) -> Task | None:
        """Return what to work on now, or None where nothing is left or the budget is used up.

        Targets come hottest first. One whose candidates only polish waits until the others are done: it can win a
        little, and trying it costs as much.
        """
        left = budget.candidates - sum(len(one.tried) for one in attempts)
        if left <= 0 or len({str(one.target.function) for one in attempts if one.tried}) >= budget.targets:
            return None
        done = {_identity(attempt.target.function) for attempt in attempts}
        open_targets = [one for one in targets if one.skip is None and _identity(one.function) not in done]
        tasks = [Task(one, self._candidates(one, tree)[:left]) for one in open_targets[:_ASKED]]
        worth = [task for task in tasks if task.candidates]
        return min(worth, key=lambda task: all(one.polish for one in task.candidates), default=None)

    def _candidates(self, target: Target, tree: Snapshot) -> tuple[Candidate, ...]:
        # Candidates hold whole files on a base commit: any change of the tree makes them stale.
        key = (target.function, tree.digest())
        if key not in self._written:
            self._written[key] = self.search.candidates(target, tree, self.lessons)
        return self._written[key]


def _identity(function: FunctionId) -> tuple[str, str, str]:
    # Lines move when a function above is changed; the function is the same.
    return function.path, function.qualname, function.body_hash
