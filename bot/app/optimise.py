"""The main job on one screen: Trigger -> Targets -> Candidates -> Verdicts -> Merge request -> Lessons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.app import start
from bot.app.checkpoint import Checkpoint
from bot.app.workshop import Workshop
from bot.domain.attempt import Attempt
from bot.domain.code import Snapshot, Target
from bot.domain.evidence import Comparison
from bot.domain.job import Budget, Trigger
from bot.evaluate.judge import Base
from bot.learn.lessons import from_verdicts
from bot.learn.priors import expected, priors
from bot.report.commit import commit_message
from bot.search.agenda import Agenda, left
from bot.search.loop import Search


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did: the last base, every attempt, and the branch that holds the accepted ones.

    `targets` is the first ranking; `overall` compares the base with the branch where it holds several commits.
    """

    base: Base
    targets: tuple[Target, ...]
    attempts: tuple[Attempt, ...]
    branch: str | None
    overall: tuple[Comparison, ...]
    seconds: float


def optimise(trigger: Trigger, shop: Workshop, budget: Budget, checkpoint: Checkpoint, *, dry: bool = False) -> Outcome:
    """Look for proven speed-ups of one commit and leave them on a branch, one commit for each."""
    started = shop.parts.clock.monotonic()
    deadline = None if budget.seconds is None else started + budget.seconds
    lessons = shop.parts.store.lessons()
    rollout = shop.config.rollout.value
    known = priors(shop.parts.feedback(), lessons)
    search = Search(
        shop.parts.proposer,
        shop.parts.progress,
        shop.parts.clock,
        rollout,
        lambda candidate: expected(candidate, known),
    )
    dry = dry or start.only_looks(rollout)

    tree = shop.parts.checkout.snapshot(trigger.head_sha)
    benchmarks = shop.benchmarks(tree)
    targets = shop.targets(tree, trigger.wanted)
    base = shop.base(tree, lambda: _telling(targets, benchmarks))
    base.baseline()  # a repository whose tests cannot be run is told so before anything is tried
    attempts = list(checkpoint.attempts)
    for done in attempts:
        base = shop.advanced(base, done)

    quiet = base.canary().quiet  # a machine that is too noisy answers nothing: say so before hours are spent
    agenda = Agenda(search, lessons)
    while quiet and (most := left(attempts, budget)):
        task = agenda.next(shop.targets(base.tree, trigger.wanted), base.tree, attempts, most)
        if task is None:
            break
        attempt = search.run(task.target, task.candidates, shop.judge(base), deadline)
        attempts.append(attempt if dry else _committed(shop, base.tree, attempt))
        base = shop.advanced(base, attempts[-1])
        shop.parts.store.learn(list(from_verdicts(checkpoint.run, [(t.candidate, t.verdict) for t in attempt.tried])))
        checkpoint.save(attempts)
        if deadline is not None and shop.parts.clock.monotonic() > deadline:
            break

    branch = _publish(shop, attempts)
    kept = [attempt for attempt in attempts if attempt.accepted is not None]
    overall = shop.overall(tree, base.tree, _reached(kept)) if len(kept) > 1 else ()
    seconds = shop.parts.clock.monotonic() - started
    checkpoint.end(shop.parts.clock.now(), branch, seconds, targets)
    return Outcome(base, targets, tuple(attempts), branch, overall, seconds)


def _reached(kept: Sequence[Attempt]) -> tuple[str, ...]:
    timed = [one.benchmark for attempt in kept if attempt.accepted for one in attempt.accepted.verdict.comparisons]
    return tuple(dict.fromkeys(timed))


def _telling(targets: Sequence[Target], benchmarks: Sequence[str]) -> tuple[str, ...]:
    first = next((target.benchmarks for target in targets if target.skip is None and target.benchmarks), ())
    return tuple(dict.fromkeys((*first, *benchmarks)))


def _committed(shop: Workshop, tree: Snapshot, attempt: Attempt) -> Attempt:
    if attempt.accepted is None:
        return attempt
    message = commit_message(attempt.accepted.candidate, attempt.accepted.verdict)
    return replace(attempt, commit=shop.parts.checkout.commit(tree.commit, attempt.accepted.candidate.edits, message))


def _publish(shop: Workshop, attempts: Sequence[Attempt]) -> str | None:
    kept = [attempt for attempt in attempts if attempt.commit is not None]
    if not kept:
        return None
    slugs = list(dict.fromkeys(one.target.function.slug for one in kept))
    name = slugs[0] if len(slugs) == 1 else f"{slugs[0]}-and-{len(slugs) - 1}-more"
    return shop.parts.checkout.branch(f"hotlap/{name}", str(kept[-1].commit))
