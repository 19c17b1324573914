"""Attempts as rows: each is named after what it is about, so that the same attempt always gives the same rows."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.adapters.store import tables
from bot.adapters.store.merge import Row
from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FileChange, Target
from bot.domain.evidence import Comparison, Machine, Verdict
from bot.domain.job import Candidate
from bot.domain.plain import plain
from bot.domain.record import identity

Rows = Iterator[tuple[sa.Table, Row]]
_LONGEST_DIFF = 200_000


@dataclass(frozen=True, slots=True)
class Writing:
    """For which run rows are made, when, and by which version of the bot."""

    run: str
    at: str
    version: str


def attempted(writing: Writing, attempts: Iterable[Attempt]) -> Rows:
    """Yield the rows of attempts, each after those that it refers to."""
    generations: dict[str, int] = {}
    for attempt in attempts:
        yield tables.TARGETS, target_row(writing.run, attempt.target)
        kept = None if attempt.accepted is None or attempt.commit is None else attempt.accepted.candidate.id
        for tried in attempt.tried:
            yield from _tried(writing, attempt.target, tried)
            candidate = tried.candidate
            # A parent of another run counts as the first of its line.
            generation = max((generations.get(one, 0) + 1 for one in candidate.parents), default=0)
            generations[candidate.id] = generation
            for parent in candidate.parents or (None,):
                yield (
                    tables.EVOLUTION,
                    _evolution_row(writing, tried, parent, generation, committed=candidate.id == kept),
                )


def target_row(run: str, target: Target) -> Row:
    """Return the row of one ranked function."""
    function = target.function
    return {
        "id": _target_id(run, target),
        "run_id": run,
        "path": function.path,
        "qualname": function.qualname,
        "language": function.language,
        "body_hash": function.body_hash,
        "start_line": function.span.start,
        "end_line": function.span.end,
        "share_self": target.share_self,
        "share_total": target.share_total,
        "bound": plain(target.bound),
        "calls": target.calls,
        "why": target.why,
        "skip": target.skip,
        "benchmarks": list(target.benchmarks),
    }


def _tried(writing: Writing, target: Target, tried: Tried) -> Rows:
    candidate, verdict = tried.candidate, tried.verdict
    child = identity(writing.run, candidate.id)
    yield tables.CANDIDATES, _candidate_row(writing, child, _target_id(writing.run, target), candidate)
    evaluation = identity(child, "evaluation")
    yield tables.EVALUATIONS, _evaluation_row(writing, child, evaluation, verdict)
    for comparison in verdict.comparisons:
        yield tables.MEASUREMENTS, _measurement_row(writing.run, evaluation, comparison, verdict.machine)


def _evolution_row(writing: Writing, tried: Tried, parent: str | None, generation: int, *, committed: bool) -> Row:
    child = identity(writing.run, tried.candidate.id)
    return {
        "id": identity(child, parent or ""),
        "run_id": writing.run,
        "child_id": child,
        "parent": parent,
        "generation": generation,
        "strategy": tried.candidate.proposer,
        "improvement": {"best_ratio": plain(tried.verdict.best_ratio)},
        "validation_status": tried.verdict.outcome.value,
        "deployment_status": "branch" if committed else "none",
        "at": writing.at,
    }


def _candidate_row(writing: Writing, row_id: str, target: str, candidate: Candidate) -> Row:
    spent = candidate.spent
    return {
        "id": row_id,
        "run_id": writing.run,
        "target_id": target,
        "candidate": candidate.id,
        "base": candidate.base,
        "digest": candidate.edits.digest,
        "proposer": candidate.proposer,
        "rationale": candidate.rationale,
        "diff": "".join(_diff(candidate.edits.changes))[:_LONGEST_DIFF],
        "labels": sorted(candidate.labels),
        "polish": candidate.polish,
        "prompt_tokens": None if spent is None else spent.prompt_tokens,
        "reply_tokens": None if spent is None else spent.reply_tokens,
        "cost": None if spent is None else spent.cost,
        "created_at": writing.at,
    }


def _evaluation_row(writing: Writing, candidate: str, row_id: str, verdict: Verdict) -> Row:
    return {
        "id": row_id,
        "run_id": writing.run,
        "candidate_id": candidate,
        "outcome": verdict.outcome.value,
        "gate": verdict.gate.value,
        "reason": verdict.reason,
        "message": verdict.message,
        "isolation": verdict.isolation.value,
        "best_ratio": plain(verdict.best_ratio) or 1.0,
        "seconds": verdict.seconds,
        "version": writing.version,
        "evidence": {
            "tests": plain(verdict.tests),
            "replay": plain(verdict.replay),
            "canary": plain(verdict.canary),
            "machine": plain(verdict.machine),
            "plausibility": plain(verdict.plausibility),
        },
        "at": writing.at,
    }


def _measurement_row(run: str, evaluation: str, one: Comparison, machine: Machine | None) -> Row:
    return {
        "id": identity(evaluation, one.benchmark),
        "run_id": run,
        "evaluation_id": evaluation,
        "benchmark": one.benchmark,
        "hardware": "" if machine is None else f"{machine.cpu_model}, {machine.cores} cores",
        "decision": one.decision.value,
        "ratio": plain(one.ratio.estimate),
        "ratio_low": plain(one.ratio.low),
        "ratio_high": plain(one.ratio.high),
        "base_seconds": plain(one.base.wall_seconds),
        "candidate_seconds": plain(one.candidate.wall_seconds),
        "cpu_ratio": plain(one.cpu_ratio.estimate),
        "memory_ratio": plain(one.memory_ratio.estimate),
        "pairs": one.pairs,
        "seconds": plain(one.seconds),
        "confirmed": one.confirmed,
        "detail": plain(one),
    }


def _target_id(run: str, target: Target) -> str:
    return identity(run, target.function.path, target.function.qualname, target.function.body_hash)


def _diff(changes: Sequence[FileChange]) -> Iterator[str]:
    for change in changes:
        old, new = (
            (body or b"").decode("utf-8", "replace").splitlines(keepends=True) for body in (change.before, change.after)
        )
        yield from difflib.unified_diff(old, new, f"a/{change.path}", f"b/{change.path}")
