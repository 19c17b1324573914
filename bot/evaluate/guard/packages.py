"""What a tree uses and declares, and what decides about a candidate: the imports that a change may add."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.domain.code import FileChange, Snapshot
from bot.evaluate.guard.names import imports, parsed, relative_imports
from bot.evaluate.guard.paths import is_test, matches

_BENCHMARKS = ("benchmarks/**", "benchmark/**", "bench/**", "**/benchmarks/**", "bench_*.py", "**/bench_*.py")


class Uses:
    """The packages that a tree's own source imports or its build file declares, and the names of what judges it."""

    def __init__(self, tree: Snapshot, benchmark_paths: frozenset[str]) -> None:
        self._own: set[str] = set()
        self._judges: set[str] = set()
        self._packages = set(_declared(tree))
        for path in tree.paths(".py"):
            judges = is_test(path) or path in benchmark_paths or matches(path, _BENCHMARKS)
            names = set(PurePosixPath(path).with_suffix("").parts) - {"__init__"}
            (self._judges if judges else self._own).update(names)
            if not judges:
                self._packages.update(_imported(tree.data(path)))

    def dependencies(self, change: FileChange, allowed: frozenset[str]) -> list[str]:
        """Return imported top-level packages that are neither in the standard library nor used or declared."""
        known = self._own | self._judges | self._packages | allowed | sys.stdlib_module_names | {"__main__"}
        return sorted(_imported(change.after or b"") - known)

    def judges(self, change: FileChange) -> list[str]:
        """Return the tests and benchmarks that a change imports and its base does not."""
        names = self._judges - self._own
        return sorted((_parts(change.after or b"") - _parts(change.before or b"")) & names)


def _imported(data: bytes) -> set[str]:
    return {name.partition(".")[0] for name in imports(parsed(data))}


def _parts(data: bytes) -> set[str]:
    tree = parsed(data)
    return {part for name in imports(tree) for part in name.split(".")} | set(relative_imports(tree))


def _declared(tree: Snapshot) -> Iterator[str]:
    """Yield the distributions that the build file asks for, spelled as modules are."""
    try:
        data = tomllib.loads(tree.data("pyproject.toml").decode())
        listed = data["project"]["dependencies"]
    except (KeyError, TypeError, ValueError):
        listed = []
    if "requirements.txt" in tree.files and tree.files["requirements.txt"].link is None:
        listed = [*listed, *tree.data("requirements.txt").decode("utf-8", "replace").splitlines()]
    for one in listed:
        if isinstance(one, str) and (found := re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", one)):
            yield re.sub(r"[-.]+", "_", found[1]).lower()
