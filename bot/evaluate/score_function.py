"""Runs the user's score function: in a sandbox on the base, never in the bot's process; JSON in, numbers out."""

import contextlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.ports import Limits, Sandbox

_TIMEOUT = 60.0


class ScoreFunction:
    """The function `name` of the file `path` of one tree."""

    def __init__(
        self, sandbox: Sandbox, project: Project, limits: Limits, tree: Snapshot, path: str, name: str
    ) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = limits
        self._tree = tree
        self._path = path
        self._name = name

    def __call__(self, table: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
        """Return one number for each row; Refused with one sentence where the function does not give it.

        `table` holds one object for each benchmark, `rows` log(base time / candidate time) of each benchmark, shape
        (n, benchmarks); the function gets the objects with "ratio" and "candidate_seconds" of its row.
        """
        where = f"the score function {self._name} of {self._path}"
        if self._path not in self._tree.files:
            raise Refused(f"{where} cannot be run: the base has no such file")
        try:
            found = self._answer({"path": self._path, "name": self._name, "table": list(table), "rows": list(rows)})
        except SandboxError as error:
            raise Refused(f"{where} gave no answer: {error}") from error
        if "error" in found:
            raise Refused(f"{where} failed: {str(found['error'])[:300]}")
        values = found.get("values")
        if not isinstance(values, list) or len(values) != len(rows) or not all(map(_is_number, values)):
            raise Refused(f"{where} must return one finite number")
        return tuple(float(value) for value in values)

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._sandbox.open(self._tree, self._limits) as session:
            argv = [self._project.python, "-m", "hotlap_inside.score"]
            channel = session.talk(argv, env=environment(self._project, session))
            with contextlib.closing(channel):
                payload = channel.ask(json.dumps(request).encode(), _TIMEOUT).payload
        try:
            found = json.loads(payload)
        except ValueError as error:
            raise SandboxError("its answer is not JSON") from error
        return found if isinstance(found, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
