"""What a benchmark tool must tell us where each of its runs is a process: commands, and tools of other languages.

Knowledge about a tool is pure: argument vectors out, bytes in. `bot.evaluate.programs` runs them, and in which order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.domain.code import Snapshot


@dataclass(frozen=True, slots=True)
class Call:
    """One process to start: its argument vector, its directory relative to the tree ("" is the root), its variables.

    The program "python" stands for the target's interpreter.
    """

    argv: tuple[str, ...]
    directory: str = ""
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tool says of one benchmark in one run: seconds for one iteration, and how many iterations it made."""

    seconds: float
    iterations: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is run around the timed runs of one benchmark and is not timed itself.

    `setup` comes before the first run in a tree, `prepare` before and `conclude` after every run; what they start is
    ended with them, and the tree is thrown away in the end. `smaller` is the same work at a smaller size: the
    difference of the two is then what is compared, and what both have in common, such as starting up, drops out.
    `warmups` are runs that are not counted.
    """

    setup: Call | None = None
    prepare: Call | None = None
    conclude: Call | None = None
    smaller: Call | None = None
    warmups: int = 1


@runtime_checkable
class Surrounded(Protocol):
    """A tool that has more to say on a run than its call; optional."""

    def surroundings(self, tree: Snapshot, source: str, name: str) -> Surroundings:
        """Return what surrounds the runs of one benchmark."""


class Program(Protocol):
    """One benchmark tool whose benchmarks run as processes of their own.

    A `source` is a path in the tree that `sources` has found: a script, a package directory, a manifest.
    """

    NAME: str
    FIXED_ITERATIONS: bool
    """Whether `run` makes exactly as many iterations as it is told; otherwise one run is one call."""

    def sources(self, tree: Snapshot) -> Iterator[str]:
        """Yield the sources of this tool's benchmarks in `tree`, by reading it only."""

    def build(self, tree: Snapshot, source: str) -> Sequence[Call]:
        """Return what is run once in each tree before anything is timed; empty where nothing is."""

    def listing(self, tree: Snapshot, source: str) -> Call | None:
        """Return the call whose output names the benchmarks; None where `names` reads them from the tree."""

    def names(self, tree: Snapshot, source: str, output: bytes) -> Sequence[str]:
        """Return the names of the benchmarks in the order of the source, unique within it."""

    def run(self, tree: Snapshot, source: str, name: str, iterations: int) -> Call:
        """Return one run of one benchmark."""

    def readings(self, output: bytes) -> dict[str, Reading]:
        """Return the tool's own figures by benchmark, from standard output; ValueError where they cannot be read.

        Empty for tools without figures of their own (commands): then the time from start to end is the figure.
        """
