"""The GitLab that a test talks to: builds its world, acts for its people, and shows what happened."""

import contextlib
from typing import Self

from tests.gitlab_server.application import Application
from tests.gitlab_server.builder import Builder
from tests.gitlab_server.limits import Limit
from tests.gitlab_server.people import People
from tests.gitlab_server.running import Running
from tests.gitlab_server.serve import listening
from tests.gitlab_server.world import World


class GitLabServer(Builder, People, Running):
    """A GitLab with its files in `directory`; a context manager that listens while it is open."""

    def __init__(self, directory, executor=None) -> None:
        self.world = World(directory, executor)
        self._application = Application(self.world)
        self._application.on_push.append(self._pipelines_of_push)
        self.world.on_open.append(self._pipeline_of_change)
        self.faults = self._application.faults
        self.crashes = self._application.crashes
        self.problems = self._application.conformance.problems
        self.flaws = self._application.conformance.flaws
        self.clock, self.late = self.world.clock, self.world.late
        self.executed, self.mentions = self.world.executed, self.world.mentions
        self.references, self.outbox = self.world.references, self.world.outbox
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.world.base = self._open.enter_context(listening(self._application.respond))
        return self

    def __exit__(self, *_) -> None:
        self._open.close()

    @property
    def url(self):
        return self.world.base

    @property
    def api(self):
        return f"{self.url}/api/v4"

    @property
    def log(self):
        return self._application.journal.calls

    @property
    def calls(self):
        """How many calls of the API there were so far."""
        return self._application.journal.count()

    def written(self):
        """The calls that changed something."""
        return [call for call in self.log if call.method not in {"GET", "HEAD"} and (call.status or 500) < 300]

    def limit(self, rate, seconds, method="*", path="*"):
        self._application.limits.append(Limit(rate, seconds, method, path))
