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

    def next(self, targets: Sequence[Target], tree: Snapshot, attempts: Sequence[Attempt], most: int) -> Task | None:
        """Return what to work on now, with at most `most` candidates, or None where nothing is left.

        Targets come hottest first. Candidates that only polish wait until the others of all targets are done: they
        can win a little, and trying them costs as much.
        """
        done = {(_identity(one.target.function), tried.candidate.polish) for one in attempts for tried in one.tried}
        open_targets = [one for one in targets if one.skip is None]
        # Less work can also mean fewer calls of others: what counts then is the share with all callees.
        widest = sorted(open_targets, key=lambda one: -round(one.share_total or 0.0, 1))
        for polish, order in ((False, widest), (True, open_targets)):
            for target in order[:_ASKED]:
                if (_identity(target.function), polish) in done:
                    continue
                written = self._candidates(target, tree)
                if kind := tuple(one for one in written if one.polish is polish):
                    return Task(target, kind[:most])
        return None

    def _candidates(self, target: Target, tree: Snapshot) -> tuple[Candidate, ...]:
        # Candidates hold whole files on a base commit: any change of the tree makes them stale.
        key = (target.function, tree.digest())
        if key not in self._written:
            self._written[key] = self.search.candidates(target, tree, self.lessons)
        return self._written[key]


def left(attempts: Sequence[Attempt], budget: Budget) -> int:
    """Return how many candidates may be tried still; 0 where the budget is used up, in whatever it counts."""
    functions = {str(one.target.function) for one in attempts if one.tried}
    changes = [one for one in attempts if one.accepted is not None]
    if len(functions) >= budget.targets or len(changes) >= budget.changes:
        return 0
    return max(budget.candidates - sum(len(one.tried) for one in attempts), 0)


def _identity(function: FunctionId) -> tuple[str, str, str]:
    # Lines move when a function above is changed; the function is the same.
    return function.path, function.qualname, function.body_hash
