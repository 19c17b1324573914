"""Google Benchmark: C++ files with BENCHMARK(...), each linked into a program that lists, filters and reports in JSON.

Format: docs/user_guide.md and src/json_reporter.cc of google/benchmark.
"""

# ruff: noqa: ARG002 - the contract of a program names arguments that not every tool needs

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.cpp_targets import Target, targets
from bot.evaluate.benchmarks.output import add, literal, named, some, text
from bot.evaluate.benchmarks.places import foreign
from bot.evaluate.benchmarks.program import Call, Reading

_SUFFIXES = (".cc", ".cpp", ".cxx")
_HEADER = re.compile(rb'^\s*#\s*include\s*[<"]benchmark/benchmark\.h[>"]', re.MULTILINE)
_REGISTERED = re.compile(rb"^\s*(?:BENCHMARK\w*\s*\(|(?:::)?(?:benchmark::)?RegisterBenchmark\s*\()", re.MULTILINE)
_BEGIN = re.compile(r'^\{\n  "context": \{$', re.MULTILINE)
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
# Counts ("Nx") are understood since 1.8; before, a repetition of a run of no minimal time is one iteration.
_PROBE = 'if "$0" --benchmark_min_time=1x --benchmark_list_tests >/dev/null 2>&1; then : >"$0.counts"; fi'
_RUN = (
    'if [ -e "$0.counts" ]; then set -- "--benchmark_min_time=$1x" --benchmark_repetitions=1 "$2"; '
    'else set -- --benchmark_min_time=0 "--benchmark_repetitions=$1" '
    '--benchmark_display_aggregates_only=true "$2"; fi; '
    'exec "$0" --benchmark_format=json --benchmark_color=false "$@"'
)


class GoogleBenchmark:
    """C++ files that include benchmark/benchmark.h and register something; a source is such a file."""

    NAME = "google-benchmark"
    FIXED_ITERATIONS = True

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the files for which a program is known; of several in one program, the first."""
        taken: set[Target] = set()
        for path in sorted(path for suffix in _SUFFIXES for path in tree.paths(suffix)):
            target = None if foreign(path) or not _registers(tree.data(path)) else _target(tree, path)
            if target is not None and target not in taken:
                taken.add(target)
                yield path

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return the build of the one program, and a look at whether its library takes counts of iterations."""
        target = _known(tree, source)
        return (*target.build, Call(("sh", "-c", _PROBE, f"./{target.program}")))

    def listing(self, tree: Snapshot, source: str) -> Call:
        """Return the program's own list."""
        return Call((f"./{_known(tree, source).program}", "--benchmark_list_tests"))

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the lines of the list."""
        return named(text(output).splitlines())

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return one run; the library's own ->Iterations(n) and ->Repetitions(n) win over `iterations`."""
        program = f"./{_known(tree, source).program}"
        return Call(("sh", "-c", _RUN, program, str(iterations), f"--benchmark_filter={literal(name)}"))

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return the wall time of one iteration by benchmark: its mean where it was repeated."""
        found: dict[str, Reading] = {}
        for entry in _entries(text(output)):
            name, kind = entry.get("run_name"), entry.get("run_type")
            if not isinstance(name, str) or not isinstance(kind, str):
                raise ValueError("an entry has no name")  # noqa: TRY004 - what is wrong is the text
            if entry.get("error_occurred") or entry.get("skipped"):
                raise ValueError(f"{name} says: {entry.get('error_message') or entry.get('skip_message') or 'skipped'}")
            single = kind == "iteration" and entry.get("repetitions") in {None, 0, 1}
            if single or (kind == "aggregate" and entry.get("aggregate_name") == "mean"):
                add(found, name, *_figure(name, entry))
        return some(found)


def _entries(printed: str) -> Iterator[Mapping[str, Any]]:
    begins = list(_BEGIN.finditer(printed))
    if len(begins) != 1:
        raise ValueError(f"there are {len(begins)} reports in JSON instead of one")
    try:
        report, _ = json.JSONDecoder().raw_decode(printed, begins[0].start())
    except (ValueError, RecursionError) as error:
        raise ValueError("the report is not JSON: does the benchmark print while it is timed?") from error
    entries = report.get("benchmarks")
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ValueError("the report holds no list of benchmarks")
    yield from entries


def _figure(name: str, entry: Mapping[str, Any]) -> tuple[float, int]:
    time, unit, count = entry.get("real_time"), entry.get("time_unit"), entry.get("iterations")
    if not isinstance(time, float) or type(count) is not int or not isinstance(unit, str) or unit not in _UNITS:
        raise ValueError(f"the figure for {name} is not a time")
    return time * _UNITS[unit], count


def _registers(source: bytes) -> bool:
    return _HEADER.search(source) is not None and _REGISTERED.search(source) is not None


def _target(tree: Snapshot, source: str) -> Target | None:
    return next(targets(tree, PurePosixPath(source)), None)


def _known(tree: Snapshot, source: str) -> Target:
    found = _target(tree, source)
    if found is None:
        raise KeyError(source)
    return found
