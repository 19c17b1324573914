"""What several comparisons come to: one score, and a table of the goals that the configuration sets."""

from collections.abc import Sequence

from bot.app.workshop import Workshop
from bot.domain.allocation import Allocation
from bot.domain.code import FunctionId, Snapshot
from bot.domain.criterion import Covered, Criterion
from bot.domain.evidence import Comparison
from bot.domain.goal import Goal, Metric
from bot.domain.score import Score
from bot.evaluate import goals
from bot.evaluate.allocations import AllocationCount
from bot.evaluate.coverage import LineCoverage
from bot.evaluate.guard.paths import is_test
from bot.evaluate.score import Ask, ScoreSettings, score
from bot.evaluate.score_function import ScoreFunction
from bot.localize.index import Index
from bot.ports import Limits

_FUNCTIONS = 50


def scored(shop: Workshop, base: Snapshot, comparisons: Sequence[Comparison]) -> Score:
    """Return the score of `comparisons`; a function of the user's is taken from `base`, never from a candidate."""
    wanted = shop.config.score
    settings = ScoreSettings(wanted.method, wanted.weights, wanted.sizes, shop.config.accept.confidence)
    ask: Ask | None = None
    if wanted.path is not None and wanted.name is not None:
        ask = ScoreFunction(shop.parts.untimed, shop.project, _limits(shop), base, wanted.path, wanted.name)
    return score(comparisons, settings, ask)


def criteria(
    shop: Workshop, base: Snapshot, candidate: Snapshot, comparisons: Sequence[Comparison]
) -> tuple[Criterion, ...]:
    """Return the goals with what became of them; tests run under a tracer only where a goal asks for coverage."""
    wanted = tuple(one.value for one in shop.config.goals)
    return goals.criteria(wanted, comparisons, _covered(shop, base, candidate, wanted))


def allocations(shop: Workshop, base: Snapshot, candidate: Snapshot, names: Sequence[str]) -> tuple[Allocation, ...]:
    """Return what a call of each benchmark allocates."""
    shop.parts.progress.step("run", "allocations", f"{len(names)} benchmark(s), in processes of their own")
    count = AllocationCount(shop.parts.untimed, shop.project, _limits(shop), shop.config.benchmarks.timeout)
    return count(base, candidate, names)


def _covered(shop: Workshop, base: Snapshot, candidate: Snapshot, wanted: Sequence[Goal]) -> Covered:
    if all(one.metric is not Metric.COVERAGE for one in wanted):
        return Covered(reason="no goal asks for it")
    old, new = _changed(base, candidate)
    measure = LineCoverage(shop.parts.untimed, shop.project, _limits(shop))
    shop.parts.progress.step("run", "coverage", "the tests of both revisions under a tracer")
    now = measure(candidate, new)
    return Covered(measure(base, old).value if now.value is not None else None, now.value, now.reason)


def _changed(base: Snapshot, candidate: Snapshot) -> tuple[list[FunctionId], list[FunctionId]]:
    """Return the functions whose text differs, as they stand in each tree; new ones stand in the second only."""
    files = [
        path for path in candidate.paths(".py") if candidate.files[path] != base.files.get(path) and not is_test(path)
    ]
    indexes = Index(base), Index(candidate)
    old, new = (
        {(path, one.qualname): one for path in files if path in tree.files for one in index.functions(path)}
        for tree, index in zip((base, candidate), indexes, strict=True)
    )
    changed = [key for key, one in new.items() if key not in old or old[key].body_hash != one.body_hash][:_FUNCTIONS]
    return [old[key] for key in changed if key in old], [new[key] for key in changed]


def _limits(shop: Workshop) -> Limits:
    config = shop.config
    wanted = config.limits
    return Limits(config.tests.timeout, wanted.memory, wanted.pids, wanted.output, config.sandbox.tmp)
