"""Pipelines, jobs and what starts them: records, and the rules that turn states of jobs into the pipeline's."""

from dataclasses import dataclass, field
from typing import Any

from tests.gitlab_server.state import Project, User


@dataclass
class Variable:
    key: str
    value: str
    scope: str = "*"
    protected: bool = False
    masked: bool = False
    file: bool = False


@dataclass
class Runner:
    id: int
    description: str
    tags: tuple
    created_at: Any


@dataclass
class Trigger:
    """A trigger token of a project; pipelines run with the rights of `owner`."""

    id: int
    secret: str
    name: str
    owner: User
    created_at: Any


@dataclass(eq=False)
class Schedule:
    id: int
    project: Project
    owner: User
    description: str
    ref: str
    cron: str
    created_at: Any
    active: bool = True
    variables: list = field(default_factory=list)
    inputs: list = field(default_factory=list)
    pipelines: list = field(default_factory=list)


@dataclass(eq=False)
class Job:
    """One job; `bridge` is a trigger job, `artifacts` maps paths to bytes.

    `base` is the name without the values of a matrix, `shared` what its configuration says for all jobs.
    """

    id: int
    pipeline: Any
    name: str
    stage: str
    created_at: Any
    status: str = "created"
    when: str = "on_success"
    allow_failure: Any = False
    needs: list | None = None
    tags: tuple = ()
    definition: dict = field(default_factory=dict)
    bridge: bool = False
    downstream: Any = None
    failure_reason: str | None = None
    started_at: Any = None
    finished_at: Any = None
    trace: str = ""
    artifacts: dict = field(default_factory=dict)
    dotenv: dict = field(default_factory=dict)
    exit_code: int | None = None
    base: str = ""
    shared: dict = field(default_factory=dict)

    @property
    def duration(self):
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at and self.started_at else None

    @property
    def failed(self):
        return self.status == "failed" and not self.allow_failure


@dataclass(eq=False)
class Pipeline:
    """A pipeline of a commit; `variables` are those given when it was made, `text` the configuration of a child."""

    id: int
    iid: int
    project: Project
    user: User
    ref: str
    sha: str
    source: str
    created_at: Any
    updated_at: Any
    status: str = "created"
    variables: list = field(default_factory=list)
    inputs: dict = field(default_factory=dict)
    merge_request: Any = None
    parent: Any = None
    text: str | None = None
    error: str | None = None
    jobs: dict = field(default_factory=dict)
    started_at: Any = None
    finished_at: Any = None

    @property
    def children(self):
        return [job.downstream for job in self.jobs.values() if job.downstream is not None]


def start(world, project, user, ref, source, **details):
    """Make a pipeline that waits to be run. `variables` is a list of Variable."""
    sha = details.pop("sha", None) or project.repository.sha(ref)
    now = world.now()
    pipeline = Pipeline(
        world.next("pipeline"),
        world.next(f"pipeline {project.id}"),
        project,
        user,
        ref,
        sha,
        source,
        now,
        now,
        **details,
    )
    project.pipelines[pipeline.id] = pipeline
    if pipeline.merge_request is not None:
        pipeline.merge_request.pipelines.append(pipeline)
    return pipeline


def forget(pipeline):
    """Take a pipeline back."""
    del pipeline.project.pipelines[pipeline.id]
    if pipeline.merge_request is not None:
        pipeline.merge_request.pipelines.remove(pipeline)


def move(world, pipeline, status):
    """Set the status of a pipeline, with the times that go with it."""
    now = world.now()
    pipeline.status, pipeline.updated_at = status, now
    if status == "running":
        pipeline.started_at = pipeline.started_at or now
    elif status in {"success", "failed", "canceled", "skipped"}:
        pipeline.finished_at = now


def summary(jobs) -> str:
    """The status of a pipeline from those of its jobs."""
    if not jobs:
        return "failed"
    states = {job.status for job in jobs if job.status != "manual"}
    if any(job.failed for job in jobs):
        return "failed"
    for state in ("running", "pending", "created", "canceled"):
        if state in states:
            return state
    return "skipped" if states == {"skipped"} else "success"
