"""Profiles a tree's benchmarks in a sandbox: stacks for shares, a counting pass for calls, one benchmark at a time.

What comes back was written by the target's process: it is checked field by field and used as figures only.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.localize.stacks import BenchmarkProfile, Calls, Frame, Profile
from bot.ports import Channel, Limits, Sandbox, Session

DRIVER = "hotlap_inside.profile"
FEW_SAMPLES = 50
WAITING = 0.5


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """`seconds` of sampling a benchmark, one sample every `interval` seconds.

    `start` limits the time until a benchmark is ready (imports and fixtures), `timeout` the profile of one,
    `attempts` the number of benchmarks that may die or hang before the rest is given up.
    """

    seconds: float = 0.25
    interval: float = 0.001
    start: float = 120.0
    timeout: float = 60.0
    attempts: int = 5
    limits: Limits = field(default_factory=Limits)


class Profiler:
    """Profiles the benchmarks of trees of one project.

    `environment` makes the environment of the target's processes in a session.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        project: Project,
        environment: Callable[[Session], Mapping[str, str]],
        settings: ProfileSettings | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._project = project
        self._environment = environment
        self._settings = settings or ProfileSettings()

    def profile(self, tree: Snapshot, benchmarks: Sequence[str] | None = None) -> Profile:
        """Profile `benchmarks` (all where None); one that fails, dies or hangs is an entry with its error.

        SandboxError where no sandbox could be opened or no driver started.
        """
        found: list[BenchmarkProfile] = []
        notes: list[str] = []
        with self._sandbox.open(tree, self._settings.limits) as session:
            for _ in range(self._settings.attempts):
                names = [one.name for one in found]
                run = _Run(self._talk(session), self._settings, frozenset(tree.paths()))
                ended = run.profiles(self._request(benchmarks, names))
                found += [one for one in run.found if one.name not in names]
                if ended is not None:
                    notes.append(ended)
                if run.victim is None:
                    break
            else:
                notes.append(f"profiling was given up after {self._settings.attempts} benchmarks that died or hung")
        missing = [one for one in benchmarks or () if one not in {each.name for each in found}]
        found += [BenchmarkProfile(one, error="it was not found among the benchmarks") for one in missing]
        notes += [note for one in found for note in _remarks(one)]
        return Profile(tuple(found), tuple(notes))

    def _talk(self, session: Session) -> Channel:
        return session.talk((self._project.python, "-m", DRIVER), env=self._environment(session))

    def _request(self, benchmarks: Sequence[str] | None, done: Sequence[str]) -> dict[str, object]:
        return {
            "sources": [{"kind": kind, "path": path} for kind, path in self._project.benchmark_sources],
            "wanted": None if benchmarks is None else list(benchmarks),
            "skip": list(done),
            "seconds": self._settings.seconds,
            "interval": self._settings.interval,
        }


class _Run:
    """One driver process and what it found; `victim` is the benchmark in which it died or hung."""

    def __init__(self, channel: Channel, settings: ProfileSettings, paths: frozenset[str]) -> None:
        self.found: list[BenchmarkProfile] = []
        self.victim: str | None = None
        self._channel = channel
        self._settings = settings
        self._paths = paths

    def profiles(self, request: Mapping[str, object]) -> str | None:
        """Collect profiles to the end; return a sentence where it ended before."""
        try:
            return self._collect(request)
        except SandboxError as error:
            if self.victim is None:
                return f"no further benchmark could be made ready: {error}"
            self.found.append(BenchmarkProfile(self.victim, error=str(error)))
            return None
        finally:
            self._channel.close()

    def _collect(self, request: Mapping[str, object]) -> str | None:
        answer = self._ask(request, self._settings.start)
        while "ready" in answer:
            self.victim = str(answer["ready"])
            answer = self._ask({"go": True}, self._settings.timeout)
            self.found.append(read_answer(self.victim, answer, self._paths))
            self.victim = None
            answer = self._ask({"next": True}, self._settings.start)
        return self._errors(answer)

    def _errors(self, answer: Mapping[str, Any]) -> str | None:
        """Add the benchmarks that could not be made ready; a sentence where the answer is not the last one."""
        known = {one.name for one in self.found}
        try:
            failed = [(str(one["name"]), str(one["error"])[:500]) for one in answer["errors"]]
        except (KeyError, TypeError):
            return "the profiling driver broke its protocol"
        self.found += [BenchmarkProfile(name, error=error) for name, error in failed if name not in known]
        return None

    def _ask(self, message: Mapping[str, object], timeout: float) -> dict[str, Any]:
        payload = self._channel.ask(json.dumps(message).encode(), timeout).payload
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        return answer if isinstance(answer, dict) else {}


def read_answer(name: str, answer: Mapping[str, Any], paths: frozenset[str]) -> BenchmarkProfile:
    """Return a driver's answer as a value, every field checked; an answer that does not fit is an error entry.

    Frames in files that are not in `paths` (those of the tree) count as outside of it.
    """
    if "error" in answer:
        return BenchmarkProfile(name, error=str(answer["error"])[:500])
    try:
        frames = [_frame(one, paths) for one in answer["frames"]]
        stacks: dict[tuple[Frame, ...], float] = {}
        for places, weight in answer["stacks"]:
            stack = tuple(frames[_natural(place)] for place in places)
            stacks[stack] = stacks.get(stack, 0.0) + _natural(weight)
        calls = {frames[_natural(row[0])]: _calls(row) for row in answer["counts"]}
        seconds, cpu = _positive(answer["seconds"]), _positive(answer["cpu_seconds"])
        samples, threads, waits = _natural(answer["samples"]), _natural(answer["threads"]), _positive(answer["waits"])
    except (KeyError, IndexError, TypeError, ValueError):
        return BenchmarkProfile(name, error="the profiling driver's answer could not be understood")
    return BenchmarkProfile(name, stacks, calls, seconds, samples, cpu, waits, threads)


def _frame(row: Any, paths: frozenset[str]) -> Frame:
    path, line, name = row
    if not isinstance(path, str) or not isinstance(name, str):
        raise TypeError(path)
    inside = path in paths
    return Frame(path if inside else "", _natural(line) if inside else 0, name[:200])


def _calls(row: Any) -> Calls:
    _, count, primitive, seconds, native = row
    return Calls(_natural(count), _natural(primitive), _positive(seconds), _positive(native))


def _natural(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value


def _positive(value: Any) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise TypeError(value)
    return float(value)


def _remarks(one: BenchmarkProfile) -> list[str]:
    """Say what a reader of the shares must know."""
    found = []
    if one.error is not None:
        return [f"{one.name} was not profiled: {one.error}"]
    if one.samples < FEW_SAMPLES:
        found.append(f"{one.name}: only {one.samples} samples, so that shares are rough")
    if one.threads > 1:
        found.append(f"{one.name} runs {one.threads} threads: only the main thread was seen")
    # On a loaded machine a process also stands still without having asked for it: that is no waiting of its own.
    if one.waits_per_call >= 1 and one.cpu_seconds_per_call is not None and one.seconds_per_call:
        busy = one.cpu_seconds_per_call / one.seconds_per_call
        if busy < WAITING:
            found.append(
                f"{one.name} computes {busy:.0%} of its time and waits for the rest: shares are of the computing"
            )
    return found
