"""Ports with a clock or a counter around them: the rooms of the flow know nothing of being watched."""

import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentelemetry.metrics import Counter, Meter
from opentelemetry.trace import Span, SpanContext, Status, StatusCode, Tracer, set_span_in_context

from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.domain.record import Run, RunEnd, RunSummary
from bot.ports import Cache, Progress
from bot.ports.store import History

_RUN = "run"


@dataclass(slots=True)
class _Open:
    """A step that has begun: its span, and the CPU seconds of the bot and of what it waited for until then."""

    stage: str
    span: Span
    cpu: float
    began: float


class TracedProgress:
    """Implements `ports.Progress`: a step lasts until the next step of the same subject.

    Steps of the run and of its targets are spans under one span of the whole command.
    """

    def __init__(self, progress: Progress, tracer: Tracer, command: str) -> None:
        self._progress = progress
        self._tracer = tracer
        self._whole = tracer.start_span(command, attributes={"hotlap.component": "command"})
        self._context = set_span_in_context(self._whole)
        self._open: dict[str, _Open] = {}

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Pass the step on; another stage than before ends that of the same subject."""
        self._progress.step(subject, stage, detail)
        if subject in self._open and self._open[subject].stage == stage:
            return
        self._end(subject)
        if not self._whole.is_recording():
            return
        component = _RUN if subject == _RUN else "target"
        attributes = {"hotlap.component": component, "hotlap.subject": subject}
        span = self._tracer.start_span(stage, self._context, attributes=attributes)
        self._open[subject] = _Open(stage, span, _cpu_seconds(), time.monotonic())

    def close(self, error: BaseException | None = None) -> SpanContext:
        """End all that is open; with `error`, the last steps and the command count as failed."""
        for subject in list(self._open):
            self._end(subject, error)
        _failed(self._whole, error)
        self._whole.end()
        return self._whole.get_span_context()

    def _end(self, subject: str, error: BaseException | None = None) -> None:
        step = self._open.pop(subject, None)
        if step is None:
            return
        wall = time.monotonic() - step.began
        if wall > 0:
            step.span.set_attribute("hotlap.cpu_percent", 100 * (_cpu_seconds() - step.cpu) / wall)
        step.span.set_attribute("hotlap.memory_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        _failed(step.span, error)
        step.span.end()


class CountedCache:
    """Implements `ports.Cache` and counts hits and misses."""

    def __init__(self, cache: Cache, name: str, meter: Meter) -> None:
        self._cache = cache
        self._attributes = {"hotlap.component": "cache", "cache": name}
        self._hits = meter.create_counter("hits")
        self._misses = meter.create_counter("misses")

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is known of `keys`."""
        found = self._cache.get(keys)
        self._hits.add(len(found), self._attributes)
        self._misses.add(len(set(keys)) - len(found), self._attributes)
        return found

    def put(self, found: Mapping[str, bytes]) -> None:
        """Remember all of `found` or nothing."""
        self._cache.put(found)


class CountedHistory:
    """Implements `ports.store.History` and counts candidates by proposer and outcome, and what they cost."""

    def __init__(self, history: History, meter: Meter) -> None:
        self._history = history
        self._candidates = meter.create_counter("candidates")
        self._tokens: Counter = meter.create_counter("tokens")
        self._cost: Counter = meter.create_counter("cost", unit="USD")
        self._seen: set[tuple[str, str]] = set()

    def begin(self, run: Run) -> None:
        """Write down that a run began."""
        self._history.begin(run)

    def tried(self, run: str, attempts: Sequence[Attempt]) -> None:
        """Write down attempts of a run, and count those that are new."""
        self._history.tried(run, attempts)
        for tried in (one for attempt in attempts for one in attempt.tried):
            candidate, verdict = tried.candidate, tried.verdict
            if (run, candidate.id) in self._seen:
                continue
            self._seen.add((run, candidate.id))
            about = {"hotlap.component": "search", "strategy": candidate.proposer}
            self._candidates.add(1, about | {"outcome": verdict.outcome.value, "gate": verdict.gate.value})
            if candidate.spent is not None:
                self._tokens.add(candidate.spent.tokens, about)
                self._cost.add(candidate.spent.cost or 0.0, about)

    def end(self, run: str, end: RunEnd, ranked: Sequence[Target] = ()) -> None:
        """Write down how a run ended."""
        self._history.end(run, end, ranked)

    def runs(self, project: str, most: int = 50) -> tuple[RunSummary, ...]:
        """Return the latest runs of a project."""
        return self._history.runs(project, most)


def _failed(span: Span, error: BaseException | None) -> None:
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))


def _cpu_seconds() -> float:
    own, waited = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + waited.ru_utime + waited.ru_stime
