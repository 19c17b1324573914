"""One `ports.Bench` over two ways of measuring: live Python processes in lock-step, and runs of whole programs."""

import math
from collections.abc import Callable, Sequence

from bot.domain.code import Benchmark, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Comparison, Machine
from bot.ports import Bench

_CANARY_BENCHMARKS = 3


class Routed:
    """Sends benchmarks whose source is one of `program_paths` to `programs`, the others to `python`."""

    def __init__(self, python: Bench, programs: Bench, program_paths: frozenset[str], *, has_python: bool) -> None:
        self._python = python
        self._programs = programs
        self._paths = program_paths
        self._has_python = has_python

    def collect(self, tree: Snapshot) -> tuple[Benchmark, ...]:
        """Return the benchmarks of both ways; Refused with the first refusal where neither has one that runs."""
        found: list[Benchmark] = []
        refusals: list[Refused] = []
        asked = [self._python] * self._has_python + [self._programs] * bool(self._paths)
        for one in asked or [self._python]:
            try:
                found += one.collect(tree)
            except Refused as error:
                refusals.append(error)
        if not found:
            raise refusals[0]
        return tuple(found)

    def canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        """Compare `tree` with itself on up to three benchmarks; the way that is not quiet speaks."""
        names = benchmarks[:_CANARY_BENCHMARKS]
        found = [bench.canary(tree, mine) for bench, mine in self._shared(names)]
        return max(found, key=lambda one: (not one.quiet, one.robust_sd))

    def decide(
        self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str], *, tests: int = 1
    ) -> tuple[Comparison, ...]:
        """Decide each way; all benchmarks share the error rate."""

        def each(bench: Bench, mine: Sequence[str]) -> tuple[Comparison, ...]:
            shared = math.ceil(max(tests, 1) * len(benchmarks) / len(mine))
            return bench.decide(base, candidate, mine, tests=shared)

        return self._merged(benchmarks, each)

    def confirm(self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Confirm each way."""
        return self._merged(benchmarks, lambda bench, mine: bench.confirm(base, candidate, mine))

    def machine(self) -> Machine:
        """Describe the hardware under the times."""
        return (self._python if self._has_python else self._programs).machine()

    def _shared(self, names: Sequence[str]) -> list[tuple[Bench, tuple[str, ...]]]:
        programs = tuple(name for name in names if name.partition("::")[0] in self._paths)
        python = tuple(name for name in names if name.partition("::")[0] not in self._paths)
        parts = [(self._python, python), (self._programs, programs)]
        return [(bench, mine) for bench, mine in parts if mine]

    def _merged(
        self, names: Sequence[str], ask: Callable[[Bench, Sequence[str]], tuple[Comparison, ...]]
    ) -> tuple[Comparison, ...]:
        found = {one.benchmark: one for bench, mine in self._shared(names) for one in ask(bench, mine)}
        return tuple(found[name] for name in names if name in found)
