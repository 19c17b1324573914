"""The keys of `.hotlap.yml` with their defaults; every key is optional and nothing else is accepted.

Descriptions go into the published JSON Schema, so they are written for whoever edits the file.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from bot.config.commands import Command, CommandLine, distinct, environment
from bot.config.goals import Goal, Score
from bot.config.machines import Machine, Name, known, once
from bot.config.revise import Revise
from bot.config.rollout import Rollout
from bot.config.section import Section

_UNITS = {"": 1, "B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_DAY = 86_400.0


def _version(value: Any) -> Any:
    if value is True or value != 1:
        raise ValueError("must be 1, the only version that this Hotlap reads")
    return value


def _relative(value: str) -> str:
    if not value or value.isspace():
        raise ValueError("must not be empty; '.' is the root of the repository")
    if "\0" in value or value.startswith(("/", "~")) or ".." in value.split("/"):
        raise ValueError("must stay inside the repository: no leading '/' and no '..'")
    return value.removeprefix("./")


def _root(value: str) -> str:
    return "" if value == "." else _relative(value).rstrip("/")


def _bytes(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*([A-Za-z]*)", value.strip())
    if found is None or found[2].upper() not in _UNITS:
        raise ValueError("must be a size such as 512MiB or 4GiB")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _image(value: str) -> str:
    if re.fullmatch(r"([a-z0-9][A-Za-z0-9._:/-]{0,199}@)?sha256:[0-9a-f]{64}", value) is None:
        raise ValueError("must name an image by its digest: NAME@sha256:<64 digits>, or sha256:<64 digits>")
    return value


def _section(value: Any) -> Any:
    """Read a heading with nothing under it as its defaults."""
    return {} if value is None else value


def _list(value: Any) -> Any:
    return [] if value is None else value


_Glob = Annotated[str, StringConstraints(max_length=300), AfterValidator(_relative)]
_Root = Annotated[str, StringConstraints(max_length=300), AfterValidator(_root)]
_Globs = Annotated[tuple[_Glob, ...], Field(strict=False, max_length=200)]
_Seconds = Annotated[float, Field(gt=0, le=_DAY, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
_SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)? *([KMGkmg]i?)?[Bb]?$"
_Bytes = Annotated[
    int,
    Field(ge=1 << 10, le=1 << 42),
    BeforeValidator(_bytes),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _SIZE_PATTERN}, {"type": "integer", "minimum": 1024}]}),
]
_Module = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Tests(Section):
    """How the repository's own tests are run."""

    command: CommandLine | None = Field(
        default=None, description="Test command; 'python' stands for the target's interpreter."
    )
    junit: _Glob | None = Field(
        default=None, description="Where that command writes JUnit XML; not needed with pytest."
    )
    timeout: _Seconds = Field(default=600.0, description="Seconds of wall time for one run of the tests.")


class Benchmarks(Section):
    """Which benchmarks are run."""

    paths: _Globs | None = Field(default=None, description="Files that hold benchmarks; detected where this is absent.")
    exclude: _Globs = Field(default=(), description="Files that are left out.")
    timeout: _Seconds = Field(default=60.0, description="Seconds of wall time for one slice of a benchmark.")
    commands: Annotated[tuple[Command, ...], Field(strict=False, max_length=100), AfterValidator(distinct)] = Field(
        default=(), description="Commands that are benchmarks: each run of one is timed from start to end."
    )


class Targets(Section):
    """Which functions may be changed."""

    include: _Globs | None = Field(default=None, description="Files whose functions may be changed; all where absent.")
    exclude: _Globs = Field(default=(), description="Files that are never changed.")


class Accept(Section):
    """When a candidate is good enough for a merge request."""

    margin: _Share = Field(default=0.01, description="The interval must show a gain above this share (0.01 is 1%).")
    confidence: Annotated[float, Field(ge=0.9, lt=1, allow_inf_nan=False)] = Field(
        default=0.99, description="Confidence of the published interval."
    )
    min_gain: _Share = Field(default=0.05, description="Smallest confirmed gain worth a reviewer's time (0.05 is 5%).")
    memory_margin: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = Field(
        default=0.10, description="Peak memory may grow by this share."
    )
    import_margin: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = Field(
        default=0.10, description="Import time may grow by this share."
    )
    first_call_margin: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = Field(
        default=0.10, description="The first call in a process may take longer by this share."
    )
    hardware: Literal["all", "any", "weighted", "named"] = Field(
        default="all",
        description="Which machines of `hardware:` must show the gain: all of them, any one while none gets slower, "
        "their weighted mean, or those under `named`.",
    )
    named: Annotated[tuple[Name, ...], Field(strict=False, max_length=20)] = Field(
        default=(), description="The machines that must show the gain where `hardware` is `named`."
    )


class Check(Section):
    """When `hotlap check` stops a merge request."""

    margin: _Share = Field(
        default=0.05, description="A slowdown stops the merge request where it is proven to exceed this share."
    )


class Guard(Section):
    """What a candidate's text may hold, besides what is always forbidden."""

    max_lines: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=800, description="Lines that a candidate may change at most."
    )
    allow_imports: Annotated[tuple[_Module, ...], Field(strict=False, max_length=200)] = Field(
        default=(), description="Packages and modules that a candidate may begin to import, such as numpy."
    )


class Budget(Section):
    """What one run may use."""

    seconds: _Seconds | None = Field(default=None, description="Seconds of wall time; no limit where absent.")
    targets: Annotated[int, Field(ge=1, le=1000)] = Field(default=5, description="Functions to work on.")
    candidates: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=40, description="Candidates to try, over all functions."
    )
    changes: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="Accepted changes in one branch, after which the run ends."
    )
    merge_requests: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="Open merge requests of the bot, beyond which the nightly sweep opens none."
    )
    checks: Annotated[int, Field(ge=0, le=100)] = Field(
        default=2, description="Merged gains that a nightly sweep measures again, the longest unseen first; 0 for none."
    )
    wait: _Seconds = Field(
        default=1800.0, description="Seconds to wait for runners; then the report says which machines are missing."
    )


class Limits(Section):
    """What one process tree of the repository may use; only what the default branch says counts."""

    memory: _Bytes = Field(default=4 << 30, description="Memory, such as 4GiB.")
    pids: Annotated[int, Field(ge=1, le=1 << 20)] = Field(default=512, description="Processes and threads.")
    output: _Bytes = Field(default=1 << 20, description="Output kept of each stream, such as 1MiB.")


class Sandbox(Section):
    """Where the repository's code runs; of the whole section only what the default branch says counts."""

    image: Annotated[str, AfterValidator(_image)] | None = Field(
        default=None,
        description="Image for isolation by docker, by digest: NAME@sha256:..., or sha256:... of one that is here.",
    )
    tmp: _Bytes = Field(default=1 << 30, description="Room for the files of one process tree, such as 1GiB.")
    network: bool = Field(
        default=False, description="Whether the set-up commands may use the network; nothing else ever may."
    )
    setup_timeout: _Seconds = Field(default=600.0, description="Seconds of wall time for one set-up command.")


class Config(Section):
    """Configuration of a target repository; all keys are optional."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(default=1, description="Version of this format.")
    python: Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")] | None = Field(
        default=None,
        description="Interpreter of the repository, absolute or relative to it; detected where absent. "
        "Only what the default branch says counts.",
    )
    import_roots: Annotated[tuple[_Root, ...], Field(strict=False, max_length=50)] | None = Field(
        default=None, description="Directories for PYTHONPATH, such as src; detected where absent."
    )
    tests: Annotated[Tests, BeforeValidator(_section)] = Tests()
    benchmarks: Annotated[Benchmarks, BeforeValidator(_section)] = Benchmarks()
    targets: Annotated[Targets, BeforeValidator(_section)] = Targets()
    accept: Annotated[Accept, BeforeValidator(_section)] = Accept()
    check: Annotated[Check, BeforeValidator(_section)] = Check()
    score: Annotated[Score, BeforeValidator(_section)] = Score()
    goals: Annotated[tuple[Goal, ...], Field(strict=False, max_length=100), BeforeValidator(_list)] = Field(
        default=(), description="What is to be reached: a table of success criteria in the report."
    )
    hardware: Annotated[
        tuple[Machine, ...], Field(strict=False, max_length=20), BeforeValidator(_list), AfterValidator(once)
    ] = Field(
        default=(),
        validate_default=True,
        description="Machines on which candidates are judged in GitLab CI, each by a job of its own. "
        "Only what the default branch says counts.",
    )
    guard: Annotated[Guard, BeforeValidator(_section)] = Guard()
    rollout: Annotated[Rollout, BeforeValidator(_section)] = Rollout()
    revise: Annotated[Revise, BeforeValidator(_section)] = Revise()
    budget: Annotated[Budget, BeforeValidator(_section)] = Budget()
    limits: Annotated[Limits, BeforeValidator(_section)] = Limits()
    isolation: Literal["auto", "docker", "namespace", "process"] = Field(
        default="auto",
        description="'auto' takes 'docker' or 'namespace', the strongest that works here; 'process' isolates nothing. "
        "Only what the default branch says counts.",
    )
    sandbox: Annotated[Sandbox, BeforeValidator(_section)] = Sandbox()
    setup: Annotated[tuple[CommandLine, ...], Field(strict=False, max_length=20), BeforeValidator(_list)] = Field(
        default=(),
        description="Command lines that are run once for each base, in the sandbox; what they leave in the tree is "
        "laid into every other sandbox. Only what the default branch says counts.",
    )
    protected: _Globs = Field(default=(), description="Files that no candidate may touch, besides the built-in ones.")
    env: Annotated[Mapping[str, str], AfterValidator(environment)] = Field(
        default_factory=dict, description="Variables for the repository's processes; nothing else is passed on."
    )

    @field_validator("hardware", mode="after")
    @classmethod
    def _as_accepted(cls, value: tuple[Machine, ...], info: ValidationInfo) -> tuple[Machine, ...]:
        """Hold the machines against `accept: named:`, which stands before them."""
        accept = info.data.get("accept")
        if isinstance(accept, Accept):
            known(value, accept.named, accept.hardware)
        return value
