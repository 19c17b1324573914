"""Which share of some functions' lines the repository's tests run; seen from inside, a hint and no proof."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.code import FunctionId, Snapshot
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.evaluate.test_command import argv, is_pytest, is_python
from bot.ports import Limits, Sandbox

_OUT = "hotlap-covered.json"
_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Share:
    """The share of lines that were run, 0 to 1, or None with the reason."""

    value: float | None
    reason: str = ""


class LineCoverage:
    """Runs the tests of a tree once, under a tracer of lines."""

    def __init__(self, sandbox: Sandbox, project: Project, limits: Limits) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = limits

    def __call__(self, tree: Snapshot, functions: Sequence[FunctionId]) -> Share:
        """Return the share of the executable lines of `functions` that the tests run, in one process."""
        command = self._project.tests
        if not functions:
            return Share(None, "no function differs")
        if command is None:
            return Share(None, "the repository has no tests")
        if not (is_pytest(command) or is_python(command)):
            return Share(None, f"the test command '{command[0]}' is not run by the interpreter itself")
        spans = [{"path": one.path, "start": one.span.start, "end": one.span.end} for one in functions]
        with self._sandbox.open(tree, self._limits) as session:
            python, *rest = argv(self._project, command)
            out = f"{session.scratch}/{_OUT}"
            line = [python, "-m", "hotlap_inside.covered", json.dumps(spans), out, *rest]
            variables = environment(self._project, session)
            ended = session.run(line, env=variables, timeout=self._project.tests_timeout)
            data = session.take(_OUT, _MAX_BYTES)
        if data is None:
            return Share(None, f"the tests did not end by themselves ({ended.end})")
        return _read(data)


def _read(data: bytes) -> Share:
    """Return what the tracer wrote; it ran beside the target's code, so that nothing in it is taken for granted."""
    try:
        found: Any = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return Share(None, "what the tracer wrote cannot be read")
    if "error" in found:
        return Share(None, str(found["error"])[:200])
    lines, hit = found.get("lines"), found.get("hit")
    if not isinstance(lines, int) or not isinstance(hit, int) or not 0 <= hit <= lines or lines == 0:
        return Share(None, "the functions hold no line that can be run")
    return Share(hit / lines)
