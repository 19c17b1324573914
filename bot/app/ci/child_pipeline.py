"""The child pipeline of a plan: one job for each machine, one that ends the wait for a missing one, one that publishes.

The plan's SHA-256 stands in the pipeline itself, which no later job can change: an evaluate job that leaves another
plan under the same name is found out.
"""

import math
from dataclasses import dataclass
from typing import Any

import yaml

from bot.app.ci.exchange import DIRECTORY, EVIDENCE
from bot.domain.exchange import DryRun, Plan
from bot.domain.hardware import Hardware

EVALUATE, WAIT, PUBLISH = "hotlap-evaluate", "hotlap-wait", "hotlap-publish"
ENVIRONMENT = "hotlap/publish"
NOTHING = "hotlap-nothing: {script: [\"echo 'nothing was asked for'\"]}\n"
"""The child pipeline of a comment that asks for nothing."""
_SLACK = 30
"""Minutes on top of the budget: a clone, an installation, the tests of the base."""
_HEAD = "# Written by Hotlap for one plan; docs/pipelines.md says what each job may do.\n"


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How jobs are set up: the image, the command that installs Hotlap, and the parent's job that holds the plan.

    `wait` is how many seconds a job waits for a runner, `tags` are those of the job that publishes.
    """

    image: str = ""
    install: str = ""
    planned_by: str = "hotlap-propose"
    wait: float = 1800.0
    tags: tuple[str, ...] = ()


def write(plan: Plan, digest: str, settings: JobSettings) -> str:
    """Return the pipeline as YAML; what there is nothing to do for gets no job, and a pipeline has at least one."""
    machines = () if plan.order.dry is DryRun.PLAN else tuple(one for one in plan.order.hardware if plan.asks(one.name))
    jobs: dict[str, Any] = {"stages": ["evaluate", "publish"]}
    for one in machines:
        jobs[f"{EVALUATE}-{one.name}"] = _evaluate(one, plan, digest, settings)
    if plan.order.dry in {DryRun.NO, DryRun.UNPUBLISHED}:
        if any(one.tags for one in machines):
            jobs[WAIT] = _wait(digest, settings)
        jobs[PUBLISH] = _publish(machines, digest, settings)
    if len(jobs) == 1:
        jobs["hotlap-nothing"] = {"stage": "publish", "script": [f"echo 'dry run: {plan.order.dry}'"]}
    return _HEAD + str(yaml.safe_dump(jobs, sort_keys=False, width=120))


def _evaluate(machine: Hardware, plan: Plan, digest: str, settings: JobSettings) -> dict[str, Any]:
    """Return a job that runs the repository's code and holds no secret: it names no environment."""
    seconds = plan.order.budget.seconds
    job = _job("evaluate", "evaluate", digest, settings) | {
        "resource_group": f"hotlap-{machine.name}",
        "needs": [_planned(settings)],
        "interruptible": True,
        # What one machine cannot do is said in the report: the others go on.
        "allow_failure": True,
        "artifacts": {
            "when": "always",
            "access": "developer",
            "expire_in": "1 week",
            "paths": [f"{DIRECTORY}/{EVIDENCE.place.format(machine.name)}"],
        },
    }
    job["variables"]["HOTLAP_HARDWARE"] = machine.name
    if machine.tags:
        job["tags"] = list(machine.tags)
    if seconds is not None:
        job["timeout"] = f"{math.ceil(seconds / 60) + _SLACK} minutes"
    return job


def _wait(digest: str, settings: JobSettings) -> dict[str, Any]:
    """Return a job that begins when the wait is over, and until then takes no runner."""
    job = _job("publish", "wait", digest, settings) | _writing(settings)
    job["variables"]["HOTLAP_WAIT"] = f"{settings.wait:g}"
    return job | {
        "needs": [],
        "when": "delayed",
        "start_in": f"{max(1, math.ceil(settings.wait))} seconds",
        "allow_failure": True,
    }


def _publish(machines: tuple[Hardware, ...], digest: str, settings: JobSettings) -> dict[str, Any]:
    job = _job("publish", "publish", digest, settings) | _writing(settings)
    return job | {
        "needs": [_planned(settings), *({"job": f"{EVALUATE}-{one.name}"} for one in machines)],
        "when": "always",
        # Two pipelines that end at once would both find no dashboard, and make one each.
        "resource_group": PUBLISH,
        "artifacts": {
            "when": "always",
            "access": "developer",
            "expire_in": "4 weeks",
            # What the state branch did not take can be pushed by hand: docs/pipelines.md.
            "paths": [f"{DIRECTORY}/report/", f"{DIRECTORY}/outbox/"],
        },
    }


def _job(stage: str, step: str, digest: str, settings: JobSettings) -> dict[str, Any]:
    script = [settings.install] if settings.install else []
    # A job that writes needs nothing of the repository but what it fetches into a clone of its own; and nothing that
    # an earlier job of the same runner left in the directory, where it could pass for evidence.
    source = {"GIT_DEPTH": "0"} if step == "evaluate" else {"GIT_STRATEGY": "empty"}
    variables = {"HOTLAP_STEP": step, "HOTLAP_PLAN": digest, **source}
    job: dict[str, Any] = {"stage": stage, "variables": variables, "script": [*script, "hotlap ci"]}
    return job | ({"image": settings.image} if settings.image else {})


def _writing(settings: JobSettings) -> dict[str, Any]:
    """Return what makes a job one that may write to GitLab: the environment that its token is scoped to."""
    job: dict[str, Any] = {"environment": {"name": ENVIRONMENT, "action": "access"}, "interruptible": False}
    return job | ({"tags": list(settings.tags)} if settings.tags else {})


def _planned(settings: JobSettings) -> dict[str, Any]:
    return {"pipeline": "$PARENT_PIPELINE_ID", "job": settings.planned_by}
