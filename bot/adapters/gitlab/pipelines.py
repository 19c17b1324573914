"""Pipelines: how one stands, and how it is stopped or tried again."""

from bot.adapters.gitlab.client import Client
from bot.domain.errors import ForgeError

ENDED = frozenset({"success", "failed", "canceled", "skipped"})


class GitLabPipelines:
    """Implements `ports.forge.Pipelines`."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._path = f"{project}/pipelines"

    def state(self, pipeline: int) -> str | None:
        """Return the status of a pipeline."""
        found = self._client.find(f"{self._path}/{pipeline}")
        if found is None:
            return None
        if not isinstance(found, dict) or "status" not in found:
            raise ForgeError(f"GitLab says nothing of the status of pipeline {pipeline}")
        return str(found["status"])

    def cancel(self, pipeline: int) -> None:
        """Stop a pipeline that has not ended."""
        if self.state(pipeline) not in ENDED | {None, "canceling"}:
            self._client.act(f"{self._path}/{pipeline}/cancel")

    def retry(self, pipeline: int) -> None:
        """Run the failed jobs of a pipeline again, if it has ended."""
        if self.state(pipeline) in {"failed", "canceled"}:
            self._client.act(f"{self._path}/{pipeline}/retry")
