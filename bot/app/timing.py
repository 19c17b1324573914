"""How a check times its benchmarks: a benchmark that fails on head does not keep the others from an answer."""

import math
from collections.abc import Sequence

from bot.app.measure import confirmed
from bot.domain.check import Standing
from bot.domain.code import Snapshot
from bot.domain.evidence import CANDIDATE_FAILED, Canary, Comparison, Decision
from bot.evaluate.lockstep.publish import UNSURE
from bot.ports import Bench, Progress

__all__ = ["Canary", "compare", "remark", "standing"]

_FAILURES = 5
"""After so many failures on head the other benchmarks are left undecided: the answer is known, and each costs time."""


def compare(
    bench: Bench, progress: Progress, base: Snapshot, head: Snapshot, names: Sequence[str]
) -> tuple[Comparison, ...]:
    """Decide on each benchmark, and measure those that look slower again; in the order of `names`."""
    progress.step("run", "bench", f"{len(names)} benchmark(s)")
    found: dict[str, Comparison] = {}
    rest = list(names)
    for _ in range(_FAILURES):
        # What is left after a failure shares the error rate with what was decided before it.
        tests = math.ceil(len(names) / len(rest))
        found |= {one.benchmark: one for one in bench.decide(base, head, rest, tests=tests)}
        failed = any(_failed(found[name]) for name in rest)
        rest = [name for name in rest if failed and not _answered(found[name])]
        if not rest:
            break
    slower = [name for name in names if found[name].decision is Decision.SLOWER]
    if slower:
        progress.step("run", "confirm", f"{len(slower)} benchmark(s)")
        fresh = bench.confirm(base, head, slower)
        found |= {one.benchmark: confirmed(found[one.benchmark], one) for one in fresh}
    return tuple(found[name] for name in names)


def standing(one: Comparison, margin: float) -> Standing:
    """Return what a comparison says of a change that may cost `margin` (0.05: 5%).

    Slower only where the whole interval of a confirmation lies beyond it; not slower where the whole interval lies on
    this side of it.
    """
    if _failed(one):
        return Standing.FAILED
    if one.decision is Decision.SLOWER and one.confirmed:
        return Standing.SLOWER
    if one.decision is Decision.FASTER:
        return Standing.FASTER
    return Standing.NOT_SLOWER if one.samples and one.ratio.low > 1 / (1 + margin) else Standing.UNDECIDED


def remark(one: Comparison) -> str:
    """Return what a reader must know; that answers were not compared is no news in a check."""
    return "" if one.note == UNSURE else one.note


def _failed(one: Comparison) -> bool:
    return one.note.startswith(CANDIDATE_FAILED)


def _answered(one: Comparison) -> bool:
    return _failed(one) or one.decision is not Decision.UNDECIDED
