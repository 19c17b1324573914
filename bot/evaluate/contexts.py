"""Which tests reach a function: recorded once for each base by running its tests, and remembered.

What is recorded comes from the target's own process: it orders and chooses what is run first, and proves nothing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.code import FunctionId, Snapshot
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.evaluate.test_command import argv, is_pytest
from bot.ports import Cache, Limits, Sandbox

FORMAT = 1
_OUT = "hotlap-contexts.json"
_MAX_BYTES = 64 << 20
_PLUGIN = ("-p", "hotlap_inside.contexts", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Contexts:
    """What the tests of one tree enter: for each file the first lines of code, each with the tests that run it.

    `shared` holds the lines that run for all tests together: on import, and in fixtures of several tests. `reason`
    says why nothing is known, or is "".
    """

    tests: tuple[str, ...] = ()
    entered: Mapping[str, Mapping[int, frozenset[int]]] = field(default_factory=dict)
    shared: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reason: str = ""

    def reaching(self, function: FunctionId) -> tuple[str, ...]:
        """Return the tests that enter a function or one within it, in the order in which they run.

        Tests that only need what it has done for all of them are not among these: see `serves_all`.
        """
        span = function.span
        lines = self.entered.get(span.path, {})
        found = frozenset[int]().union(*(tests for line, tests in lines.items() if span.start <= line <= span.end))
        return tuple(self.tests[place] for place in sorted(found))

    def serves_all(self, function: FunctionId) -> bool:
        """Say whether a function runs on import or in a fixture of several tests: any test may depend on it."""
        span = function.span
        return any(span.start <= line <= span.end for line in self.shared.get(span.path, ()))


class TestContexts:
    """Records the contexts of trees of one project; what was recorded is taken from the cache."""

    def __init__(self, sandbox: Sandbox, project: Project, limits: Limits, cache: Cache | None = None) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = limits
        self._cache = cache

    def __call__(self, tree: Snapshot) -> Contexts:
        """Return what the tests of `tree` enter; empty, with the reason, where they cannot be followed."""
        command = self._project.tests
        if command is None:
            return Contexts(reason="the repository has no tests")
        if not is_pytest(command):
            return Contexts(reason=f"the test command '{command[0]}' is not pytest")
        key = self._key(tree, command)
        known = {} if self._cache is None else self._cache.get([key])
        found = read(known[key]) if key in known else None
        if found is not None and not found.reason:
            return found
        data, why = self._record(tree, command)
        found = Contexts(reason=why) if data is None else read(data)
        if self._cache is not None and data is not None and not found.reason:
            self._cache.put({key: data})
        return found

    def _record(self, tree: Snapshot, command: Sequence[str]) -> tuple[bytes | None, str]:
        with self._sandbox.open(tree, self._limits) as session:
            extra = {"HOTLAP_CONTEXTS": f"{session.scratch}/{_OUT}"}
            variables = environment(self._project, session, extra=extra)
            line = argv(self._project, command, _PLUGIN)
            ended = session.run(line, env=variables, timeout=self._project.tests_timeout)
            return session.take(_OUT, _MAX_BYTES), f"the tests did not end by themselves ({ended.end})"

    def _key(self, tree: Snapshot, command: Sequence[str]) -> str:
        project = self._project
        of = json.dumps([list(command), project.python, list(project.import_roots), [list(one) for one in project.env]])
        return f"contexts/{FORMAT}/{tree.digest()}/{hashlib.sha256(of.encode()).hexdigest()}"


def read(data: bytes) -> Contexts:
    """Return what the plugin wrote; it ran beside the target's code, so that nothing in it is taken for granted."""
    try:
        raw: Any = json.loads(data)
        if "error" in raw:
            return Contexts(reason=str(raw["error"])[:200])
        return _contexts(raw)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return Contexts(reason="what the tests' tracer wrote cannot be read")


def _contexts(raw: Any) -> Contexts:
    tests = tuple(_text(one) for one in raw["tests"])
    codes = [(_text(path), _count(line)) for path, line, _ in raw["codes"]]
    entered: dict[str, dict[int, set[int]]] = {}
    for test, places in zip(range(len(tests)), raw["reached"], strict=True):
        for path, line in (codes[_count(place)] for place in places):
            entered.setdefault(path, {}).setdefault(line, set()).add(test)
    shared: dict[str, set[int]] = {}
    for path, line in (codes[_count(place)] for place in raw["shared"]):
        shared.setdefault(path, set()).add(line)
    return Contexts(
        tests,
        {path: {line: frozenset(by) for line, by in lines.items()} for path, lines in entered.items()},
        {path: frozenset(lines) for path, lines in shared.items()},
    )


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError(raw)
    return raw


def _count(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise ValueError(raw)
    return raw
