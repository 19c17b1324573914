"""What is written down of a run, apart from what was found: who asked for it, how it ended, what it cost the bot."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.job import TriggerKind


class RunState(StrEnum):
    """Where a run stands; one that was killed stays `running`, and `optimize --resume` goes on with it."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it began: `id` is its name, times are ISO 8601 in UTC, as those of `Clock.now`."""

    id: str
    project: str
    kind: TriggerKind
    actor: str
    head_sha: str
    started: str
    version: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended: the branch that it left, if any, and seconds of wall time."""

    at: str
    branch: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run as lists show it; `accepted` counts accepted candidates, `best_ratio` is 1 where none was measured."""

    run: Run
    state: RunState
    branch: str | None
    seconds: float | None
    candidates: int
    accepted: int
    best_ratio: float


@dataclass(frozen=True, slots=True)
class Point:
    """One figure about the bot itself.

    A span has `milliseconds`; a counter has `value`. `context` holds plain JSON values. `id` is unique everywhere.
    """

    id: str
    at: str
    component: str
    operation: str
    milliseconds: float | None = None
    value: float | None = None
    memory_mb: float | None = None
    cpu_percent: float | None = None
    success: bool = True
    error: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hour:
    """One operation in one hour (UTC): times in milliseconds, shares from 0 to 1."""

    component: str
    operation: str
    hour: str
    count: int
    mean_ms: float
    p95_ms: float
    success: float


@dataclass(frozen=True, slots=True)
class Total:
    """One operation since a time: how often, how well, how long; `value` is the sum of a counter."""

    component: str
    operation: str
    count: int
    success: float
    mean_ms: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event of GitLab; `key` is the idempotency key, or another name that a repetition shares."""

    key: str
    event: str
    project: str
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit: who did what to which subject; `details` holds plain JSON values."""

    at: str
    actor: str
    action: str
    subject: str
    project: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def identity(*parts: str) -> str:
    """Return a name of 24 hexadecimal digits that is the same for equal parts, wherever it is computed."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
