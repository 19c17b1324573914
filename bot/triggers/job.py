"""What a job of GitLab CI was started for, from the variables that GitLab sets; people can set others, so none decides.

A merge request's numbers are a hint like those of a payload: what they point to is asked of GitLab.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from bot.domain.errors import Refused
from bot.domain.job import Trigger, TriggerKind

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Source(StrEnum):
    """Values of CI_PIPELINE_SOURCE that the bot answers to."""

    MERGE_REQUEST = "merge_request_event"
    TRIGGER = "trigger"
    SCHEDULE = "schedule"
    CHILD = "parent_pipeline"


def trigger(environ: Mapping[str, str]) -> Trigger:
    """Return what a merge request pipeline or a schedule asks for; Refused for any other pipeline.

    In a pipeline of merged results the commit is not the head of the branch: the head is said beside it.
    """
    source = environ.get("CI_PIPELINE_SOURCE", "")
    actor, project = environ.get("GITLAB_USER_LOGIN", ""), environ.get("CI_PROJECT_PATH", "")
    if source == Source.SCHEDULE:
        return Trigger(TriggerKind.SWEEP, actor, project, _sha(environ, "CI_COMMIT_SHA"))
    if source != Source.MERGE_REQUEST:
        raise Refused(
            f"CI_PIPELINE_SOURCE is {source[:40]!r}: this job belongs into merge request pipelines and schedules; "
            "comments come through `hotlap command`"
        )
    number = environ.get("CI_MERGE_REQUEST_IID", "")
    if not re.fullmatch(r"[1-9][0-9]{0,17}", number):
        raise Refused("CI_MERGE_REQUEST_IID is not set: this is no job of a merge request pipeline")
    name = (
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA" if environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") else "CI_COMMIT_SHA"
    )
    return Trigger(TriggerKind.MERGE_REQUEST, actor, project, _sha(environ, name), merge_request=int(number))


def _sha(environ: Mapping[str, str], name: str) -> str:
    sha = environ.get(name, "")
    if _SHA.fullmatch(sha) is None:
        raise Refused(f"{name} is not a commit: this is no job of GitLab CI")
    return sha
