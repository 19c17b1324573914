"""Benchmarks of Go packages: `go test -c` builds a test program once, which is then run without the go command.

Format: the testing package's BenchmarkResult.String, and "Proposal: Go Benchmark Data Format" (golang/proposal, 14313).
"""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.output import add, literal, named, some, text
from bot.evaluate.benchmarks.places import foreign
from bot.evaluate.benchmarks.program import Call, Reading

_PROGRAM = "hotlap-bench.test"
_DEFINED = re.compile(rb"^func Benchmark(?:[^a-z\W]\w*)?\(\s*\w+\s+\*testing\.B\s*\)", re.MULTILINE)
_LINE = re.compile(r"^(Benchmark\S*)[ \t]*\t")
_RESULT = re.compile(r"^(Benchmark\S*)[ \t]+([0-9]{1,18})\t(.*)$")
_BARE = re.compile(r"^[ \t]*[0-9]+\t[ \t]*[0-9.]+ ns/op")
_TIME = re.compile(r"(?:^|\t)[ ]*([0-9]{1,18}(?:\.[0-9]{1,18})?) ns/op(?:\t|$)")
# Nothing is fetched: modules come from vendor/ or from the module cache that the configuration names.
_OFFLINE = (("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off"))


class Go:
    """`func BenchmarkX(b *testing.B)` in test files; a source is the directory of a package, "." at the root."""

    NAME = "go-test"
    FIXED_ITERATIONS = True

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the directories of packages with a benchmark, below a go.mod."""
        folders: dict[str, None] = {}
        for path in tree.paths("_test.go"):
            if not _ignored(path) and _DEFINED.search(tree.data(path)) and _module(tree, path):
                folders[posixpath.dirname(path) or "."] = None
        yield from folders

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return the compilation of the package's test program; -trimpath keeps the tree's own place out of it."""
        return (Call(("go", "test", "-c", "-trimpath", "-o", _PROGRAM, "."), _directory(source), _OFFLINE),)

    def listing(self, tree: Snapshot, source: str) -> Call:
        """Return a run of one iteration of every benchmark: parts of one (b.Run) are known only while it runs."""
        return _call(source, ".", 1)

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the names that stand at the beginning of lines, also where printing tore their figures away."""
        return named(found[1] for line in text(output).splitlines() if (found := _LINE.match(line)))

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return one run; Go makes one more iteration before those it times."""
        return _call(source, "/".join(map(literal, name.split("/"))), iterations)

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return ns/op by benchmark; ValueError where one has two figures, or a figure has no name."""
        found: dict[str, Reading] = {}
        for line in text(output).splitlines():
            if _BARE.match(line):
                raise ValueError("a figure stands without a name: the benchmark prints while it is timed")
            result = _RESULT.match(line)
            time = _TIME.search(result[3]) if result else None
            if result and time:
                add(found, result[1], float(time[1]) / 1e9, int(result[2]))
        return some(found)


def _call(source: str, pattern: str, iterations: int) -> Call:
    # One processor also means that no "-8" is added to the names.
    flags = ("-test.run=^$", f"-test.bench={pattern}", f"-test.benchtime={iterations}x", "-test.count=1", "-test.cpu=1")
    return Call((f"./{_PROGRAM}", *flags), _directory(source))


def _directory(source: str) -> str:
    return "" if source == "." else source


def _ignored(path: str) -> bool:
    folders = PurePosixPath(path).parts[:-1]
    return foreign(path) or any(part == "testdata" or part.startswith("_") for part in folders)


def _module(tree: Snapshot, path: str) -> bool:
    return any(posixpath.normpath(f"{folder}/go.mod") in tree.files for folder in PurePosixPath(path).parents)
