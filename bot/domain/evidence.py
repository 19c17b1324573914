"""What was found out about a candidate: comparisons, tests, replay, and the verdict that they add up to."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The answer of one comparison."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


class Outcome(StrEnum):
    """The answer of the judge."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Gate(StrEnum):
    """The judge's gates in their order."""

    APPLY = "apply"
    GUARD = "guard"
    SYNTAX = "syntax"
    TESTS = "tests"
    REPLAY = "replay"
    BENCH = "bench"
    CONFIRM = "confirm"


class Isolation(StrEnum):
    """How strongly the candidate was kept apart from the host."""

    VM = "vm"
    CONTAINER = "container"
    NAMESPACE = "namespace"
    PROCESS = "process"

    @property
    def said(self) -> str:
        """The level as people read it: none is named as such."""
        return f"{self}, NOT ISOLATED" if self is Isolation.PROCESS else str(self)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; ratios are base over candidate, so 1.25 means 25% faster."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Arm:
    """Medians over the processes of one arm: seconds per call, bytes of peak memory; docs/metrics.md defines each.

    `import_seconds` is from the request to load until the benchmark stands ready, `cold_seconds` a call on an input
    that the process has not seen, `hot_seconds` a call on one that it has; None where a figure was not measured.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    first_call_seconds: float
    import_seconds: float | None = None
    cold_seconds: float | None = None
    hot_seconds: float | None = None


CACHED = "cached"
ANSWER_DIFFERS = "answer differs"
CANDIDATE_FAILED = "candidate failed"
CLOCK_DISAGREES = "clock.disagrees"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a benchmark says of one of its calls: rows and features that it processes, the size of its input."""

    rows: float | None = None
    features: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """log(candidate / base) of what must not grow, one for each pair of processes; empty where it was not measured."""

    memory: tuple[float, ...] = ()
    imports: tuple[float, ...] = ()
    first_call: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Base against candidate on one benchmark and machine.

    `samples` are log(candidate time / base time), one for each process pair of the batch that is reported
    (the confirmation where there was one); `pairs` counts all pairs that were run, `seconds` their wall time.
    `first_call_ratio` compares the first call in each fresh process. `confirmed` says whether the ratio comes
    from a confirmation batch. `note` says what a reader must know: it is `CACHED`, or begins with
    `ANSWER_DIFFERS` or `CANDIDATE_FAILED` (the candidate is wrong; the decision is then undecided and the ratio 1),
    or with `CLOCK_DISAGREES` (a tool's figure is not ours: never faster), or is a plain sentence. `import_ratio`,
    `cold_ratio` and `hot_ratio` are None where they were not measured; `fresh_inputs` says that every timed call had
    an input of its own. `wall` and `peak` are the candidate's seconds per call and bytes with the interval over its
    processes.
    """

    benchmark: str
    decision: Decision
    ratio: Interval
    base: Arm
    candidate: Arm
    cpu_ratio: Interval
    memory_ratio: Interval
    first_call_ratio: Interval
    samples: tuple[float, ...]
    pairs: int
    seconds: float
    confirmed: bool = False
    calls_per_slice: int = 1
    unit: str = "s/call"
    note: str = ""
    import_ratio: Interval | None = None
    cold_ratio: Interval | None = None
    hot_ratio: Interval | None = None
    fresh_inputs: bool = False
    wall: Interval | None = None
    peak: Interval | None = None
    costs: Costs = Costs()
    declared: Declared = Declared()


@dataclass(frozen=True, slots=True)
class Canary:
    """Base against base before anything is believed; `robust_sd` is that of the log ratios."""

    pairs: int
    robust_sd: float
    decision: Decision
    quiet: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The hardware and the settings under which times were taken."""

    cpu_model: str
    cores: int
    kernel: str
    governor: str
    python: str
    layout: str
    load: float = 0.0


@dataclass(frozen=True, slots=True)
class TestsEvidence:
    """The candidate's run of the repository's tests against the base's two runs; tuples hold test ids."""

    total: int
    passed: int
    failed: int
    skipped: int
    flaky: tuple[str, ...] = ()
    newly_failing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    newly_skipped: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ReplayEvidence:
    """Captured and derived calls, replayed on base and candidate in separate processes.

    `captured`, `derived` and `edge` count the calls compared of each kind; `mismatches` describe differences
    on captured and derived calls, `edge_mismatches` on values that no test or benchmark uses (NaN, empty, huge).
    `uncaptured` says what could not be captured and why; `nondeterministic` counts calls on which the base
    disagrees with itself. `underived` says why no calls could be derived from the captured ones, "" where they were.
    """

    captured: int
    derived: int
    edge: int
    mismatches: tuple[str, ...] = ()
    edge_mismatches: tuple[str, ...] = ()
    uncaptured: tuple[str, ...] = ()
    nondeterministic: int = 0
    underived: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person must look at before the change is merged: stable code and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge decided, by which gate, and on what evidence."""

    outcome: Outcome
    gate: Gate
    reason: str
    message: str
    isolation: Isolation
    candidate_id: str = ""
    tests: TestsEvidence | None = None
    replay: ReplayEvidence | None = None
    comparisons: tuple[Comparison, ...] = ()
    canary: Canary | None = None
    machine: Machine | None = None
    plausibility: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def best_ratio(self) -> float:
        """The largest estimated ratio over the benchmarks; 1.0 where none was measured."""
        return max((one.ratio.estimate for one in self.comparisons), default=1.0)
