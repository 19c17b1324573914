"""Captures calls of one function on the base, from benchmarks and from the repository's tests."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.domain.code import FunctionId
from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate import test_command
from bot.evaluate.environment import environment
from bot.evaluate.replay_calls import Call, Captured, Kind
from bot.ports import End, Session

_PLUGIN = "hotlap_inside.capture_plugin"
_FILE = "captured.json"
_WORKERS = 32
_SPEC = ("path", "module", "qualname", "accessor", "ordinal", "method", "mode", "paths")


class Bounds(Protocol):
    """How much is captured."""

    @property
    def captured(self) -> int:
        """Calls kept at most."""

    @property
    def capture_seconds(self) -> float:
        """Time for the benchmarks, and again for the tests."""

    @property
    def call_bytes(self) -> int:
        """Pickled arguments of one call."""

    @property
    def total_bytes(self) -> int:
        """Pickled arguments of all calls."""


class Capture:
    """One capture of one function in a session of the base."""

    def __init__(self, session: Session, project: Project, bounds: Bounds, function: FunctionId) -> None:
        self._session = session
        self._project = project
        self._bounds = bounds
        self._function = function
        self._answers: list[tuple[str, dict[str, Any]]] = []
        self._notes: list[str] = []

    def run(self, benchmarks: Sequence[str], started: float) -> Captured:
        """Run what there is and return the sample; nothing that goes wrong on the way is an error."""
        if benchmarks:
            self._from_benchmarks(benchmarks)
        if self._project.tests:
            self._from_tests(self._project.tests)
        return self._captured(started)

    def _from_benchmarks(self, benchmarks: Sequence[str]) -> None:
        request = {
            "spec": self._spec(),
            "sources": [{"kind": kind, "path": path} for kind, path in self._project.benchmark_sources],
            "wanted": list(benchmarks),
            "count": self._bounds.captured,
        }
        argv = (self._project.python, "-m", "hotlap_inside.capture")
        channel = self._session.talk(argv, env=environment(self._project, self._session))
        try:
            reply = channel.ask(json.dumps(request).encode(), self._bounds.capture_seconds)
            self._take("benchmarks", reply.payload)
        except SandboxError as error:
            self._notes.append(f"nothing was captured from benchmarks: {error}")
        finally:
            channel.close()

    def _from_tests(self, command: Sequence[str]) -> None:
        if test_command.is_pytest(command):
            argv = test_command.argv(self._project, command, ("-p", _PLUGIN, "-p", "no:cacheprovider"))
        elif test_command.is_python(command):
            argv = (self._project.python, "-m", "hotlap_inside.capture_run", *command[1:])
        else:
            self._notes.append("nothing was captured from tests: the test command is not run by Python")
            return
        spec = {**self._spec(), "out": f"{self._session.scratch}/{_FILE}", "count": self._bounds.captured}
        spec["run_seconds"] = self._bounds.capture_seconds
        env = environment(self._project, self._session, extra={"HOTLAP_CAPTURE": json.dumps(spec)})
        ended = self._session.run(argv, env=env, timeout=self._bounds.capture_seconds * 1.5 + 10)
        if ended.end is End.TIMED_OUT:
            self._notes.append("nothing was captured from tests: they did not end in time")
        found = self._take_files()
        if not found and ended.end is not End.TIMED_OUT:
            self._notes.append(f"nothing was captured from tests: the run ended with code {ended.code}")

    def _take_files(self) -> bool:
        found = False
        names = [_FILE, *(f"{_FILE}.gw{number}" for number in range(_WORKERS))]
        for name in names:
            data = self._session.take(name, self._bounds.total_bytes * 2)
            if data is not None:
                found = True
                self._take("tests", data)
        return found

    def _take(self, origin: str, payload: bytes) -> None:
        try:
            answer = json.loads(payload)
        except ValueError:
            self._notes.append(f"nothing was captured from {origin}: the answer cannot be read")
            return
        if "error" in answer:
            self._notes.append(f"nothing was captured from {origin}: {answer['error']}")
            return
        self._notes.extend(f"{one['name']}: {one['error']}" for one in answer.get("errors", ()))
        self._answers.append((origin, answer))

    def _captured(self, started: float) -> Captured:
        defined = [answer for _, answer in self._answers if answer["defined"]]
        calls = self._chosen([(origin, answer) for origin, answer in self._answers if answer["defined"]])
        seen = sum(answer["calls"] for answer in defined)
        refused: Counter[str] = Counter()
        for answer in defined:
            refused.update(answer["refused"])
        missing = [f"{count} call(s): {why}" for why, count in refused.most_common()]
        if not seen:
            missing.append(f"{self._function.qualname} is never called by the tests and benchmarks that were run")
        spec = next((answer for answer in defined if answer["kept"]), defined[0] if defined else {})
        chosen = {key: spec[key] for key in _SPEC if key in spec}
        if chosen:
            chosen["paths"] = _merged([answer["paths"] for answer in defined])
        seconds = time.monotonic() - started
        return Captured(self._function, chosen, calls, (*missing, *self._notes), seen, seconds)

    def _chosen(self, answers: list[tuple[str, dict[str, Any]]]) -> tuple[Call, ...]:
        """Take turns between benchmarks and tests, each argument tuple once, until there are enough."""

        def made(origin: str, one: dict[str, Any]) -> Call:
            said, is_timed = f"from {one['origin'] or origin}", origin == "benchmarks"
            return Call(one["data"], Kind.CAPTURED, said, recipe=one["recipe"], is_timed=is_timed)

        queues = [[(origin, one) for one in answer["kept"]] for origin, answer in answers]
        chosen: dict[str, Call] = {}
        while any(queues) and len(chosen) < self._bounds.captured:
            for queue in queues:
                if queue and len(chosen) < self._bounds.captured:
                    origin, one = queue.pop(0)
                    chosen.setdefault(one["data"], made(origin, one))
        return tuple(chosen.values())

    def _spec(self) -> Mapping[str, Any]:
        return {
            "path": self._function.path,
            "qualname": self._function.qualname,
            "line": self._function.span.start,
            "call_bytes": self._bounds.call_bytes,
            "total_bytes": self._bounds.total_bytes,
            "seconds": self._bounds.capture_seconds / 6,
        }


def _merged(lists: Sequence[Sequence[str]]) -> list[str]:
    """Join import paths; the tree's own directories stay in front of those that single tests added."""
    return list(dict.fromkeys(path for paths in lists for path in paths))
