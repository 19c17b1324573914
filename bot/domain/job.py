"""What was asked, what it may cost, what the target repository looks like, and what was proposed."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.code import FileChange, Target, to_bytes
from bot.domain.command import Command
from bot.domain.conversation import Spent


class TriggerKind(StrEnum):
    """Who asked."""

    COMMAND_LINE = "command-line"
    MERGE_REQUEST = "merge-request"
    COMMAND = "command"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One request: who asked, in which project, for which commit, and for which targets (none: all).

    `merge_request` is the number of the one that it is about; `note` and `thread` say where a command stands, and
    `command` what it says.
    """

    kind: TriggerKind
    actor: str
    project: str
    head_sha: str
    wanted: tuple[str, ...] = ()
    merge_request: int | None = None
    note: int | None = None
    thread: str = ""
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may use at most; `seconds` is wall time, None for no limit; `changes` are accepted ones."""

    seconds: float | None = None
    targets: int = 5
    candidates: int = 40
    changes: int = 5


PYTHON_KINDS = frozenset({"functions", "pytest-benchmark", "asv", "pyperf"})
"""Kinds of benchmarks whose calls are made inside a driver in the target's interpreter; the others are processes."""


@dataclass(frozen=True, slots=True)
class Project:
    """How the target repository is run: detected or configured, and said in the report.

    `python` is an absolute path of the target's interpreter; `import_roots` are directories relative to the
    tree, in PYTHONPATH order ("" is the root); `tests` is the argv of the test command, whose first element
    "python" stands for the interpreter; `junit` is where that command writes JUnit XML, or None where
    pytest's own flag can be appended. `benchmark_sources` are (kind, path) pairs.
    """

    python: str
    import_roots: tuple[str, ...]
    tests: tuple[str, ...] | None
    benchmark_sources: tuple[tuple[str, str], ...]
    junit: str | None = None
    tests_timeout: float = 600.0
    env: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def python_sources(self) -> tuple[tuple[str, str], ...]:
        """The sources of benchmarks that can be profiled, and whose calls can be captured."""
        return tuple(one for one in self.benchmark_sources if one[0] in PYTHON_KINDS)


@dataclass(frozen=True, slots=True)
class EditSet:
    """File changes and the SEARCH/REPLACE reply that they came from ("" where they came as a patch)."""

    changes: tuple[FileChange, ...]
    reply: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over paths and resulting bytes: the identity of an edit on one base."""
        total = hashlib.sha256()
        for change in sorted(self.changes, key=lambda item: item.path):
            body = b"\0deleted" if change.after is None else change.after
            total.update(to_bytes(change.path) + b"\0" + str(len(body)).encode() + b"\0" + body)
        return total.hexdigest()


ADDS_A_CACHE = "adds a cache"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edit set on a base commit, why it should be faster, and who proposed it.

    `polish` says that the change only makes the same steps cheaper, where others change how many there are.

    `target` is None for a change that somebody else wrote without naming a function. `labels` hold side
    conditions that a reviewer must know, such as `ADDS_A_CACHE`. `spent` is what a language model used for it, None
    where none was asked.
    """

    edits: EditSet
    base: str
    rationale: str
    proposer: str
    target: Target | None = None
    parents: tuple[str, ...] = ()
    labels: frozenset[str] = field(default_factory=frozenset)
    polish: bool = False
    spent: Spent | None = None

    @property
    def id(self) -> str:
        """A short stable name of the edit on its base."""
        return hashlib.sha256(f"{self.base}:{self.edits.digest}".encode()).hexdigest()[:12]
