"""Where benchmarks stand by convention."""

from pathlib import PurePosixPath

_PLACES = frozenset({"benchmarks", "benchmark", "bench", "perf", "tests", "test"})
_FOREIGN = frozenset({"node_modules", "site-packages", "build", "dist", "venv", "env", "vendor", "_vendor"})


def conventional(path: str) -> bool:
    """Say whether a file stands in a usual place for benchmarks, or is named like one."""
    found = PurePosixPath(path)
    if foreign(path):
        return False
    if len(found.parts) == 1 or _PLACES.intersection(found.parts[:-1]):
        return True
    return found.stem.startswith(("bench_", "benchmark_")) or found.stem.endswith("_bench")


def foreign(path: str) -> bool:
    """Say whether a file stands in a directory that is hidden, built or somebody else's."""
    folders = PurePosixPath(path).parts[:-1]
    return any(part in _FOREIGN or part.startswith(".") for part in folders)
