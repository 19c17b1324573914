"""Pipelines: how one stands, and how it is stopped or tried again."""

from bot.adapters.gitlab.client import Client
from bot.domain.errors import ForgeError
from bot.domain.forge import PipelineJob

ENDED = frozenset({"success", "failed", "canceled", "skipped"})


class GitLabPipelines:
    """Implements `ports.forge.Pipelines`."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._path = f"{project}/pipelines"
        self._jobs = f"{project}/jobs"

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

    def jobs(self, pipeline: int) -> tuple[PipelineJob, ...]:
        """Return the jobs as the API lists them, those that were run again only once."""
        return tuple(_job(one) for one in self._client.pages(f"{self._path}/{pipeline}/jobs"))

    def cancel_job(self, job: int) -> None:
        """Stop a job; GitLab takes it well where one has ended already."""
        self._client.act(f"{self._jobs}/{job}/cancel")


def _job(data: object) -> PipelineJob:
    if not isinstance(data, dict) or not isinstance(data.get("id"), int):
        raise ForgeError("GitLab lists a job without its number")
    return PipelineJob(data["id"], str(data.get("name", "")), str(data.get("status", "")))
