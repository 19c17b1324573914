"""Which candidates of one target are tried, in which order, and which is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import Snapshot, Target
from bot.domain.evidence import Outcome
from bot.domain.job import Candidate
from bot.domain.kind import kinds_of
from bot.domain.lesson import Lesson, LessonState
from bot.domain.restraint import Restraints
from bot.domain.rollout import Phase, Rollout
from bot.ports import Clock, Judge, Progress, Proposer

_TRIED = 5
"""How many rewrites are tried for one function: each costs a run of the tests and up to half a minute."""


@dataclass(frozen=True, slots=True)
class Search:
    """Tries the candidates of one proposer one after the other, in the proposer's order.

    The first that is confirmed is kept: what is left to gain in the same function is found again from a new profile
    of the new base, so that every change in a branch has paid for itself. `expected` says how likely people are to take
    a candidate, 0 to 1. `least` is the phase that a kind of change needs in order to be tried: where nothing is shown
    but merge requests, what may not be one is left out.
    """

    proposer: Proposer
    progress: Progress
    clock: Clock
    rollout: Rollout = field(default_factory=Rollout)
    expected: Callable[[Candidate], float] = lambda _: 0.5
    least: Phase = Phase.APPROVE

    def run(self, target: Target, candidates: Sequence[Candidate], judge: Judge, deadline: float | None) -> Attempt:
        """Try `candidates` in their order until one is confirmed or `deadline` (monotonic seconds) has passed."""
        subject = str(target.function)
        tried: list[Tried] = []
        for number, candidate in enumerate(candidates, 1):
            if deadline is not None and self.clock.monotonic() > deadline:
                return Attempt(target, tuple(tried), untried=len(candidates) - len(tried))
            self.progress.step(subject, "candidate", f"{number} of {len(candidates)}: {candidate.proposer}")
            verdict = judge.screen(candidate, tests=len(candidates))
            if verdict.outcome is Outcome.ACCEPTED:
                verdict = judge.confirm(candidate, verdict)
            tried.append(Tried(candidate, verdict))
            self.progress.step(subject, "verdict", f"{verdict.outcome}: {verdict.message}")
            if verdict.outcome is Outcome.ACCEPTED:
                return Attempt(target, tuple(tried), accepted=tried[-1])
        return Attempt(target, tuple(tried))

    def candidates(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> tuple[Candidate, ...]:
        """Return what is worth trying for one function, in the order of the proposer."""
        self.progress.step(str(target.function), "propose")
        active = {lesson.scope for lesson in lessons if lesson.state is LessonState.ACTIVE}
        restraints, unique = Restraints.of(lessons), dict[str, Candidate]()
        for candidate in self.proposer.propose(target, tree, lessons):
            if f"candidate:{candidate.id}" in active:
                continue
            if why := self._left_out(candidate, restraints):
                self.progress.step(str(target.function), "left out", f"{candidate.proposer}: {why}")
                continue
            unique.setdefault(candidate.edits.digest, candidate)
        # What people take comes first; among equals the proposer's order stands.
        return tuple(sorted(unique.values(), key=lambda one: -round(self.expected(one), 1)))[:_TRIED]

    def only_shown(self, candidate: Candidate) -> bool:
        """Say whether a candidate may be suggested and is no merge request, where others are."""
        return self.rollout.of(kinds_of(candidate)).step < min(Phase.APPROVE.step, self.rollout.phase.step)

    def _left_out(self, candidate: Candidate, restraints: Restraints) -> str:
        """Return why a candidate is not tried, "" where it is: what reviewers forbid, what the configuration stops."""
        if lesson := restraints.refuses(candidate):
            return f"lesson {lesson.id}: {lesson.sentence}"
        # A project that only looks tries everything.
        phase = self.rollout.of(kinds_of(candidate))
        stopped = phase.step < min(self.least.step, self.rollout.phase.step)
        return f"rollout: this kind of change stops at '{phase}'" if stopped else ""
