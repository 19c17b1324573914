"""Finds the benchmarks of a tree by reading it; nothing of the target is imported or run."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.evaluate.benchmarks import asv, functions, pyperf, pytest_benchmark
from bot.evaluate.benchmarks.places import conventional, foreign
from bot.evaluate.benchmarks.programs import found_by_reading
from bot.evaluate.guard.paths import matches


class Kind(Protocol):
    """One benchmark tool."""

    NAME: str

    def holds(self, source: bytes) -> bool:
        """Say whether a Python file holds benchmarks of this kind."""


_KINDS: tuple[Kind, ...] = (functions, pytest_benchmark, pyperf)


def detect(
    tree: Snapshot, paths: Sequence[str] | None = None, exclude: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return (kind, path) of every source of benchmarks in `tree`, in the order of their paths.

    `paths` are globs or directories that replace the conventions (benchmarks/, benchmark/, bench/, perf/, tests/,
    the root, and files named bench_*.py, benchmark_*.py or *_bench.py anywhere); `exclude` are globs to leave out.
    Refused where `paths` are given and one of them holds nothing.
    """
    suites = [(asv.NAME, path) for path in asv.suites(tree)]
    suites += [(tool.NAME, path) for tool in found_by_reading() for path in tool.sources(tree)]
    suites = [one for one in suites if not _within(one[1], tuple(exclude))]
    candidates = [path for path in tree.paths(".py") if not _within(path, tuple(exclude)) and not foreign(path)]
    if paths is None:
        return tuple(sorted(_sources(tree, [path for path in candidates if conventional(path)], suites), key=_order))
    found: set[tuple[str, str]] = set()
    for pattern in paths:
        chosen = [path for path in candidates if _within(path, (pattern,))]
        here = set(_sources(tree, chosen, [one for one in suites if _within(one[1], (pattern,))]))
        if not here:
            raise Refused(f"{pattern} holds no benchmark of a kind that is known; docs/benchmark-kinds.md lists them")
        found |= here
    return tuple(sorted(found, key=_order))


def _sources(tree: Snapshot, paths: Sequence[str], suites: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from suites
    for path in paths:
        source = tree.data(path)
        yield from ((kind.NAME, path) for kind in _KINDS if kind.holds(source))


def _order(source: tuple[str, str]) -> tuple[str, str]:
    return source[1], source[0]


def _within(path: str, patterns: tuple[str, ...]) -> bool:
    return matches(path, patterns) or any(path.startswith(pattern.rstrip("/") + "/") for pattern in patterns)
