"""Finds the benchmarks of a tree by reading it; nothing of the target is imported or run."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from bot.domain.code import Snapshot
from bot.domain.errors import Refused
from bot.evaluate.benchmarks import asv, functions, pytest_benchmark
from bot.evaluate.guard.paths import matches

_PLACES = frozenset({"benchmarks", "benchmark", "bench", "perf", "tests", "test"})
_FOREIGN = frozenset({"node_modules", "site-packages", "build", "dist", "venv", "env", "vendor", "_vendor"})


class Kind(Protocol):
    """One benchmark tool."""

    NAME: str

    def holds(self, source: bytes) -> bool:
        """Say whether a Python file holds benchmarks of this kind."""


_KINDS: tuple[Kind, ...] = (functions, pytest_benchmark)


def detect(
    tree: Snapshot, paths: Sequence[str] | None = None, exclude: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return (kind, path) of every source of benchmarks in `tree`, in the order of their paths.

    `paths` are globs or directories that replace the conventions (benchmarks/, benchmark/, bench/, perf/, tests/,
    the root, and files named bench_*.py, benchmark_*.py or *_bench.py anywhere); `exclude` are globs to leave out.
    Refused where `paths` are given and one of them holds nothing.
    """
    suites = tuple(asv.suites(tree))
    candidates = [path for path in tree.paths(".py") if not _within(path, tuple(exclude)) and not _foreign(path)]
    if paths is None:
        return tuple(sorted(_sources(tree, [path for path in candidates if _conventional(path)], suites), key=_order))
    found: set[tuple[str, str]] = set()
    for pattern in paths:
        chosen = [path for path in candidates if _within(path, (pattern,))]
        here = set(_sources(tree, chosen, [one for one in suites if _within(one, (pattern,))]))
        if not here:
            raise Refused(f"{pattern} holds no benchmark: no bench_* function, pytest-benchmark test or asv suite")
        found |= here
    return tuple(sorted(found, key=_order))


def _sources(tree: Snapshot, paths: Sequence[str], suites: Sequence[str]) -> Iterator[tuple[str, str]]:
    for suite in suites:
        yield asv.NAME, suite
    for path in paths:
        source = tree.data(path)
        yield from ((kind.NAME, path) for kind in _KINDS if kind.holds(source))


def _order(source: tuple[str, str]) -> tuple[str, str]:
    return source[1], source[0]


def _within(path: str, patterns: tuple[str, ...]) -> bool:
    return matches(path, patterns) or any(path.startswith(pattern.rstrip("/") + "/") for pattern in patterns)


def _conventional(path: str) -> bool:
    found = PurePosixPath(path)
    if len(found.parts) == 1 or _PLACES.intersection(found.parts[:-1]):
        return True
    return found.name.startswith(("bench_", "benchmark_")) or found.name.endswith("_bench.py")


def _foreign(path: str) -> bool:
    folders = PurePosixPath(path).parts[:-1]
    return any(part in _FOREIGN or part.startswith(".") for part in folders)
