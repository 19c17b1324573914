"""`hotlap measure`: two revisions, the benchmarks of the first, one answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bot.app import account
from bot.app.ruler import measured_alike
from bot.app.workshop import Workshop
from bot.domain.allocation import Allocation
from bot.domain.code import Snapshot
from bot.domain.criterion import Criterion
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Comparison, Decision, Machine
from bot.domain.score import Score


@dataclass(frozen=True, slots=True)
class Measurement:
    """The answer over all benchmarks, with the evidence, the score of the ratios and what became of the goals."""

    decision: Decision
    comparisons: tuple[Comparison, ...]
    canary: Canary
    machine: Machine
    score: Score
    sentence: str
    goals: tuple[Criterion, ...] = ()
    allocations: tuple[Allocation, ...] = ()


def measure(
    shop: Workshop, base: Snapshot, candidate: Snapshot, wanted: Sequence[str] = (), *, allocations: bool = False
) -> Measurement:
    """Compare two trees on the base's benchmarks (those named by `wanted`, globs allowed; all where empty).

    `allocations` asks for what a call allocates, which is counted in further processes that are not timed.
    """
    candidate = measured_alike(base, candidate, shop.project.benchmark_sources)
    names = chosen(shop.benchmarks(base), wanted)
    found = _timed(shop, base, candidate, names)
    return replace(found, allocations=account.allocations(shop, base, candidate, names)) if allocations else found


def _timed(shop: Workshop, base: Snapshot, candidate: Snapshot, names: Sequence[str]) -> Measurement:
    canary = shop.base(base, lambda: names).canary()
    if not canary.quiet:
        return _too_noisy(shop, base, canary)
    shop.parts.progress.step("run", "bench", f"{len(names)} benchmark(s)")
    found = shop.parts.bench.decide(base, candidate, names)
    changed = [one.benchmark for one in found if one.decision in {Decision.FASTER, Decision.SLOWER}]
    if changed:
        shop.parts.progress.step("run", "confirm", f"{len(changed)} benchmark(s)")
        fresh = {one.benchmark: one for one in shop.parts.bench.confirm(base, candidate, changed)}
        found = tuple(confirmed(one, fresh[one.benchmark]) if one.benchmark in fresh else one for one in found)
    decision = overall(found)
    score = account.scored(shop, base, found)
    sentence = f"{decision}: {_figure(score)} over {len(found)} benchmark(s)"
    goals = account.criteria(shop, base, candidate, found)
    return Measurement(decision, found, canary, shop.parts.bench.machine(), score, sentence, goals)


def _too_noisy(shop: Workshop, base: Snapshot, canary: Canary) -> Measurement:
    machine, score = shop.parts.bench.machine(), account.scored(shop, base, ())
    return Measurement(
        Decision.UNDECIDED, (), canary, machine, score, canary.sentence, account.criteria(shop, base, base, ())
    )


def _figure(score: Score) -> str:
    if score.value is None:
        return f"no score ({score.sentence})"
    unit = "" if score.method == "function" else "x"
    return f"{score.value.estimate:.3f}{unit}{f' ({score.sentence})' if score.sentence else ''}"


def chosen(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the names that match `wanted`: a whole name, its part after "::", or a glob of either."""
    if not wanted:
        return tuple(names)
    kept = tuple(name for name in names if any(_matches(name, pattern) for pattern in wanted))
    unknown = [pattern for pattern in wanted if not any(_matches(name, pattern) for name in names)]
    if unknown:
        raise Refused(f"no benchmark is named {unknown[0]!r}; there are: {', '.join(names[:10])}")
    return kept


def overall(comparisons: Sequence[Comparison]) -> Decision:
    """Return one answer: slower where one is slower, faster where one is faster and none slower."""
    decisions = {one.decision for one in comparisons}
    for decision in (Decision.SLOWER, Decision.FASTER, Decision.UNDECIDED):
        if decision in decisions:
            return decision
    return Decision.EQUIVALENT


def _matches(name: str, pattern: str) -> bool:
    return any(fnmatchcase(part, pattern) for part in (name, name.rpartition("::")[2]))


def confirmed(first: Comparison, fresh: Comparison) -> Comparison:
    """Return the second measurement of a benchmark; undecided where it does not say what the first one said."""
    agreed = fresh.decision is first.decision
    return replace(
        fresh,
        decision=fresh.decision if agreed else Decision.UNDECIDED,
        confirmed=agreed,
        pairs=first.pairs + fresh.pairs,
        seconds=first.seconds + fresh.seconds,
        note=fresh.note or first.note,
    )
