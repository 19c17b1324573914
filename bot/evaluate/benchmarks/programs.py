"""The tools whose benchmarks run as processes of their own, in the order in which they are looked for."""

from collections.abc import Sequence

from bot.config import Config
from bot.evaluate.benchmarks.command import Commands
from bot.evaluate.benchmarks.criterion import Criterion
from bot.evaluate.benchmarks.go import Go
from bot.evaluate.benchmarks.google_benchmark import GoogleBenchmark
from bot.evaluate.benchmarks.hyperfine import Hyperfine
from bot.evaluate.benchmarks.jmh import Jmh
from bot.evaluate.benchmarks.program import Program


def found_by_reading() -> tuple[Program, ...]:
    """Return the tools that are recognised from a tree alone."""
    return (Hyperfine(), Go(), Criterion(), GoogleBenchmark(), Jmh())


def sourced(config: Config, sources: Sequence[tuple[str, str]]) -> tuple[tuple[Program, str], ...]:
    """Return those of (kind, path) `sources` that belong to such tools, each with its tool."""
    tools: dict[str, Program] = {one.NAME: one for one in (Commands(config), *found_by_reading())}
    return tuple((tools[kind], path) for kind, path in sources if kind in tools)
