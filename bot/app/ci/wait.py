"""Ends the wait for machines that have no runner: their jobs are stopped, so that the report can say so."""

import datetime as dt
from collections.abc import Sequence

from bot.app.ci.child_pipeline import EVALUATE, WAIT
from bot.domain.forge import PipelineJob
from bot.domain.hardware import Hardware
from bot.ports.forge import Pipelines

_WAITING = frozenset({"created", "pending"})
"""A job that waits for a machine which another pipeline holds is not among them: its turn will come."""
_EARLY = 0.9


def stop_waiting(pipelines: Pipelines, pipeline: int) -> tuple[str, ...]:
    """Cancel the evaluate jobs that no runner has taken; return the names of their machines."""
    waiting = [one for one in _evaluate(pipelines.jobs(pipeline)) if one.status in _WAITING]
    for one in waiting:
        pipelines.cancel_job(one.id)
    return tuple(_machine(one) for one in waiting)


def early(created: str, now: dt.datetime, wait: float) -> bool:
    """Say whether the wait is not over: what runs pipelines elsewhere than GitLab may not know of delays."""
    try:
        begun = dt.datetime.fromisoformat(created)
    except ValueError:
        return False
    begun = begun if begun.tzinfo else begun.replace(tzinfo=dt.UTC)
    return (now - begun).total_seconds() < _EARLY * wait


def call_off(pipelines: Pipelines, pipeline: int) -> None:
    """Cancel the job that would end the wait, once everybody has answered."""
    for one in pipelines.jobs(pipeline):
        if one.name == WAIT and one.status == "scheduled":
            pipelines.cancel_job(one.id)


def why(hardware: Hardware, jobs: Sequence[PipelineJob], wait: float) -> str:
    """Return a clause on why a machine left no evidence, by what GitLab says of its job."""
    found = next((one for one in _evaluate(jobs) if _machine(one) == hardware.name), None)
    status = "" if found is None else found.status
    if status in _WAITING or status == "canceled":
        tags = f" with the tags {', '.join(hardware.tags)}" if hardware.tags else ""
        return f"no runner{tags} took the job within {wait / 60:.0f} minutes"
    if status == "failed":
        return "its job failed before it could leave evidence; the job's log says why"
    return "its job left no evidence"


def _evaluate(jobs: Sequence[PipelineJob]) -> list[PipelineJob]:
    return [one for one in jobs if one.name.startswith(f"{EVALUATE}-")]


def _machine(job: PipelineJob) -> str:
    return job.name.removeprefix(f"{EVALUATE}-")
