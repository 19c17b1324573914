"""Profiles as values: for each benchmark its folded stacks and how often each function was called."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """One code object: file, first line and name, as profilers know it.

    `path` is relative to the tree, or "" for code outside of it (libraries, C functions, the interpreter).
    `exact` says whether `line` is the code object's first line, or just some line of it.
    """

    path: str
    line: int
    name: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """How one code object was called in one run: all calls, those that are not recursive, and where its time went.

    `seconds` is the time in its own body, `native_seconds` that in the C functions it calls itself; both are
    distorted by counting and good for their proportion only.
    """

    count: int
    primitive: int
    seconds: float = 0.0
    native_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class BenchmarkProfile:
    """One benchmark's profile.

    `stacks` maps stacks, outermost frame first, to their weight; only proportions matter. `samples` is the number
    of observations behind them. `totals` are weights of code objects with all that they call, where the stacks do not
    tell. `error` says why there is no profile, or is None.
    """

    name: str
    stacks: Mapping[tuple[Frame, ...], float] = field(default_factory=dict)
    calls: Mapping[Frame, Calls] = field(default_factory=dict)
    seconds_per_call: float | None = None
    samples: int = 0
    cpu_seconds_per_call: float | None = None
    waits_per_call: float = 0.0
    threads: int = 1
    totals: Mapping[Frame, float] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What was seen of every benchmark, and what a reader must know about it."""

    benchmarks: tuple[BenchmarkProfile, ...] = ()
    notes: tuple[str, ...] = ()
