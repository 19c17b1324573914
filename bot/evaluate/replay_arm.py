"""One process that makes calls: a tree, a hash seed, and a driver that is started again when a call kills it."""

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.evaluate.replay_calls import Call, How, Observation, State, Status, observation, state
from bot.ports import Channel, Session

_START_SECONDS = 60.0
_GRACE = 2.0
_RESTARTS = 3


class Unusable(Exception):  # noqa: N818 - says that a tree cannot answer, which is an observation
    """The tree's module cannot be loaded, or its process died too often; the message says why."""


class Arm:
    """Makes calls in a session; starts its driver at once and waits for it at the first call."""

    def __init__(
        self,
        session: Session,
        project: Project,
        spec: Mapping[str, Any],
        hash_seed: str,
        known: Mapping[str, tuple[str, ...]] | None = None,
        start_limit: float = _START_SECONDS,
    ) -> None:
        self._session = session
        self._project = project
        self._hello = json.dumps({"spec": dict(spec), "known": None if known is None else dict(known)}).encode()
        self._hash_seed = hash_seed
        self._start_limit = start_limit
        self.start_seconds = 0.0
        self._broken = ""
        self._starts = 0
        self._ready = False
        self._alive = True
        self._channel = self._started()

    def observe(self, call: Call, limit: float) -> Observation:
        """Make one call; a process that dies of it is observed too. Unusable where there is no going on."""
        self._wait()
        request = json.dumps({"data": call.data, "how": call.how, "limit": limit}).encode()
        try:
            reply = self._channel.ask(request, limit + _GRACE)
        except SandboxError as error:
            self._channel.close()
            self._alive = self._ready = False
            return Observation(Status.DIED, message=str(error), seconds=limit)
        seen = observation(reply.payload, reply.seconds)
        if call.how is How.THREADS and seen.status is Status.OVERRUN:
            # Its threads cannot be stopped: the process ends with them.
            self._channel.close()
            self._alive = self._ready = False
        return seen

    def seconds(self, call: Call, times: int, limit: float) -> float:
        """Make a call several times on arguments of their own and return the seconds; SandboxError where it dies."""
        self._wait()
        self._channel.ask(json.dumps({"prepare": call.data, "times": times}).encode(), _START_SECONDS)
        return self._channel.ask(b'{"run": true}', limit).seconds

    def cpu_seconds(self) -> float:
        """Return the CPU time that the process and its children have used; 0 where it is gone or nobody counts."""
        return self._channel.usage().cpu_seconds

    def state(self) -> State:
        """Return what the process tells about itself; nothing where it cannot."""
        try:
            self._wait()
            return state(self._channel.ask(b'{"state": true}', _START_SECONDS).payload)
        except (SandboxError, Unusable):
            return State({}, {})

    def close(self) -> None:
        """End the process."""
        self._channel.close()

    def _started(self) -> Channel:
        self._starts += 1
        argv = (self._project.python, "-m", "hotlap_inside.replay")
        return self._session.talk(argv, env=environment(self._project, self._session, hash_seed=self._hash_seed))

    def _wait(self) -> None:
        if self._broken:
            raise Unusable(self._broken)
        if self._ready:
            return
        if not self._alive:
            if self._starts > _RESTARTS:
                raise Unusable(f"the process ended {self._starts} times")
            self._channel, self._alive = self._started(), True
        self._broken = self._greeted()
        if self._broken:
            raise Unusable(self._broken)
        self._ready = True

    def _greeted(self) -> str:
        """Wait until the driver has loaded the tree; return why it has not, or ""."""
        try:
            reply = self._channel.ask(self._hello, self._start_limit)
            answer = json.loads(reply.payload)
        except (SandboxError, ValueError) as error:
            return f"its module cannot be loaded: {error}"
        self.start_seconds = reply.seconds
        if isinstance(answer, dict) and answer.get("ready") is True:
            return ""
        return f"its module cannot be loaded: {answer.get('error', '') if isinstance(answer, dict) else ''}"
