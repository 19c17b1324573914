"""The borders of the product: everything that is slow, remote, dangerous or random stands behind one of these."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.domain.code import Benchmark, Snapshot, Target
from bot.domain.conversation import Answer, Ask
from bot.domain.evidence import Canary, Comparison, Isolation, Machine, Verdict
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import Lesson


class End(StrEnum):
    """How a run ended; set by the supervisor or the kernel, never read from the candidate's output."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed-out"
    OOM = "oom"
    OUTPUT_LIMIT = "output-limit"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may use: seconds of wall time a run, bytes, processes, bytes of output a stream.

    `tmp_bytes` bounds what its files may hold where they stand in a file system of the sandbox's own; `network` is for
    set-up commands only, and never for a candidate.
    """

    wall_seconds: float = 600.0
    memory_bytes: int = 4 << 30
    pids: int = 512
    output_bytes: int = 1 << 20
    tmp_bytes: int = 2 << 30
    network: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of one run: `code` is the exit code or the signal's number; streams are capped, head and tail kept.

    `seconds` run from the start of the program until it is reaped, and `stdout_bytes` counts what it wrote.
    `cpu_seconds` is of the program and the descendants it waited for, `peak_bytes` the peak resident memory of its
    largest process, `waited_seconds` the time in which it was ready to run and had no core; 0 where not known.
    """

    end: End
    code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    stdout_bytes: int = 0
    waited_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """How a run is laid out: the directory relative to the tree, the cores, whether the memory layout is fixed."""

    cwd: str = ""
    cpus: tuple[int, ...] = ()
    fixed_layout: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process tree has used so far, read by the supervisor: CPU seconds, peak resident bytes, threads."""

    cpu_seconds: float
    peak_bytes: int
    threads: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One framed answer and the seconds between the request's first and the answer's last byte, by our clock."""

    payload: bytes
    seconds: float


class Channel(Protocol):
    """A live driver process that answers framed requests, one at a time."""

    def ask(self, payload: bytes, timeout: float) -> Reply:
        """Send one frame and wait for the answer; SandboxError when it dies, hangs or breaks the framing."""

    def usage(self) -> Usage:
        """Read what the process tree has used, from outside of it."""

    def pin(self, cpus: Sequence[int]) -> None:
        """Move every thread of the process tree to `cpus`; no effect where the system has no affinity."""

    def stderr_tail(self) -> str:
        """Return the end of what it wrote to standard error, made safe to print."""

    def close(self) -> None:
        """Kill the process tree; idempotent."""


class Session(Protocol):
    """One sandbox around one tree; paths are those that processes inside see."""

    @property
    def isolation(self) -> Isolation:
        """How strongly it keeps the code apart from this machine."""

    @property
    def tree(self) -> str:
        """The directory with the files of the snapshot."""

    @property
    def tools(self) -> str:
        """The directory with what is shipped into every sandbox."""

    @property
    def scratch(self) -> str:
        """The directory in which processes may leave files for `take`."""

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,
        stdin: bytes = b"",
        place: Place | None = None,
    ) -> RunResult:
        """Run a program with the tree as its working directory; never raises for what the program does."""

    def talk(self, argv: Sequence[str], *, env: Mapping[str, str], fixed_layout: bool = False) -> Channel:
        """Start a driver; `fixed_layout` asks for address space randomisation to be off."""

    def take(self, name: str, max_bytes: int) -> bytes | None:
        """Read one regular file below `scratch`; None where it is missing, not a regular file, or too large."""


class Sandbox(Protocol):
    """A way of running hostile code."""

    @property
    def isolation(self) -> Isolation:
        """How strongly it keeps the code apart from this machine."""

    @property
    def fixes_layout(self) -> bool:
        """Whether both arms of a comparison can have the same memory layout."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What it does not hold on this machine, one clause each; complete after the first box."""

    def open(self, tree: Snapshot, limits: Limits) -> AbstractContextManager[Session]:
        """Lay `tree` and the shipped tools into a fresh place; everything is removed on exit."""


class Checkout(Protocol):
    """The user's repository; reading never touches the working tree, writing only adds objects and one branch."""

    def resolve(self, revision: str) -> str:
        """Return the full SHA of a commit; Refused where there is none."""

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the SHA of the best common ancestor; None where this clone knows of none."""

    def dirty(self) -> tuple[str, ...]:
        """Return the tracked paths that differ from HEAD."""

    def snapshot(self, revision: str) -> Snapshot:
        """Return the files of a commit."""

    def commit(self, parent: str, edits: EditSet, message: str) -> str:
        """Write a commit on `parent` into the object store and return its SHA; no branch moves."""

    def branch(self, name: str, sha: str) -> str:
        """Point a branch at `sha` without checking it out; returns the name used, another where it is taken."""

    def diff(self, old: str, new: str) -> str:
        """Return the unified diff from the merge base of `old` and `new` to `new`."""


class Cache(Protocol):
    """What can be found out again and need not be; any of it may be forgotten at any time."""

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is known of `keys`; never raises, whatever state the cache is in."""

    def put(self, found: Mapping[str, bytes]) -> None:
        """Remember all of `found` or nothing; where it cannot be kept, it is forgotten."""


class Bench(Protocol):
    """Times code; the only place that owns clocks and cores."""

    def collect(self, tree: Snapshot) -> tuple[Benchmark, ...]:
        """Return the benchmarks that run on `tree`; Refused with the sentence of the first failure where none does."""

    def canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        """Compare `tree` with itself."""

    def decide(
        self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str], *, tests: int = 1
    ) -> tuple[Comparison, ...]:
        """Run pairs until the e-process answers; `tests` is the number of candidates that share the error rate."""

    def confirm(self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Run a fixed number of new pairs; the estimates and intervals to publish."""

    def machine(self) -> Machine:
        """Describe the hardware under the times."""


class Proposer(Protocol):
    """Something that writes candidates."""

    name: str

    def propose(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> Iterator[Candidate]:
        """Yield candidates for one function of `tree`, best guess first."""


class LanguageModel(Protocol):
    """Text in, text out: a model has no tools, sees no secrets and decides nothing."""

    @property
    def name(self) -> str:
        """The model as reports name it."""

    def ask(self, ask: Ask) -> Answer:
        """Return the reply; ModelError where there is none, BudgetError where it may not be asked for.

        Refused where it has nothing to say about this subject, and may about others.
        """


class Judge(Protocol):
    """Decides on candidates, gate by gate."""

    def screen(self, candidate: Candidate, tests: int = 1) -> Verdict:
        """Run the gates up to the first decision on speed; accepted means "worth confirming"."""

    def confirm(self, candidate: Candidate, screened: Verdict) -> Verdict:
        """Measure an accepted candidate again with fresh pairs and look at plausibility."""


class Store(Protocol):
    """What outlives a run."""

    def lessons(self) -> tuple[Lesson, ...]:
        """Return what was learned about this repository."""

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Add lessons; a lesson that is already there is not added twice."""

    def record(self, run: str, name: str, data: bytes) -> str:
        """Write one file of a run atomically and return its path."""


class Progress(Protocol):
    """Who is told how far a run has come."""

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Say that `subject` (a target or the run) is now at `stage`."""


class Clock(Protocol):
    """Time for budgets and records; times of candidates come from `Channel` only."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    def now(self) -> str:
        """Return the current time as ISO 8601 in UTC."""
