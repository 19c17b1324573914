"""What GitLab says of a job in its variables, as one value; a variable that is wrong is named in one sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.domain.errors import ConfigError, Refused
from bot.domain.exchange import DryRun
from bot.domain.publication import BRANCHES

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smh]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_Choice = TypeVar("_Choice", bound=StrEnum)


class Step(StrEnum):
    """What a job is for: `HOTLAP_STEP`. `SINGLE` is all of them in one job that has a sandbox."""

    SURVEY = "survey"
    PROPOSE = "propose"
    EVALUATE = "evaluate"
    WAIT = "wait"
    PUBLISH = "publish"
    FAILED = "failed"
    SINGLE = "single"


class Way(StrEnum):
    """What started the pipeline."""

    MERGE_REQUEST = "merge_request_event"
    COMMAND = "trigger"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class AboutMergeRequest:
    """The merge request of a merge request pipeline; SHAs are full, `source` is the branch that it comes from."""

    iid: int
    source: str
    diff_base: str
    head_sha: str
    from_fork: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One job of GitLab CI.

    `hardware` and `plan` name the machine and the SHA-256 of the plan that the child pipeline was written for.
    `targets`, `budget`, `proposer`, `most` and `dry` are inputs of the component; None or "" leaves a value to the
    configuration. `image`, `install` and `tags` are for the jobs of the child pipeline, `tags` for those that write.
    """

    way: Way
    step: Step
    project: str
    sha: str
    default_branch: str
    actor: str = ""
    pipeline: int = 0
    pipeline_url: str = ""
    merge_request: AboutMergeRequest | None = None
    pipeline_created: str = ""
    hardware: str = ""
    plan: str = ""
    targets: tuple[str, ...] = ()
    budget: float | None = None
    most: int | None = None
    proposer: str = "rules"
    dry: DryRun = DryRun.NO
    image: str = ""
    install: str = ""
    tags: tuple[str, ...] = ()


def read(environ: Mapping[str, str], step: str = "") -> Job:
    """Return what this job is; Refused outside of GitLab CI, ConfigError where a variable is wrong."""
    if not environ.get("CI_PIPELINE_SOURCE"):
        raise Refused("`hotlap ci` runs inside a GitLab job, and CI_PIPELINE_SOURCE is not set; docs/install.md")
    way = _way(environ)
    about = _merge_request(environ) if way is Way.MERGE_REQUEST else None
    return Job(
        way=way,
        step=_choice(Step, step or environ.get("HOTLAP_STEP") or Step.SINGLE, "HOTLAP_STEP"),
        project=_needed(environ, "CI_PROJECT_PATH"),
        sha=about.head_sha if about else _sha(environ, "CI_COMMIT_SHA"),
        default_branch=_needed(environ, "CI_DEFAULT_BRANCH"),
        actor=environ.get("GITLAB_USER_LOGIN", ""),
        pipeline=_number(environ, "CI_PIPELINE_ID") or 0,
        pipeline_url=environ.get("CI_PIPELINE_URL", ""),
        merge_request=about,
        pipeline_created=environ.get("CI_PIPELINE_CREATED_AT", ""),
        hardware=environ.get("HOTLAP_HARDWARE", ""),
        plan=environ.get("HOTLAP_PLAN", ""),
        targets=tuple(environ.get("HOTLAP_TARGETS", "").split()),
        budget=seconds(environ["HOTLAP_BUDGET"], "HOTLAP_BUDGET") if environ.get("HOTLAP_BUDGET") else None,
        most=_number(environ, "HOTLAP_MERGE_REQUESTS"),
        proposer=environ.get("HOTLAP_PROPOSER") or "rules",
        dry=_choice(DryRun, environ.get("HOTLAP_DRY_RUN") or DryRun.NO, "HOTLAP_DRY_RUN"),
        image=environ.get("HOTLAP_IMAGE", ""),
        install=environ.get("HOTLAP_INSTALL", ""),
        tags=tuple(tag.strip() for tag in environ.get("HOTLAP_TAGS", "").split(",") if tag.strip()),
    )


def seconds(text: str, where: str) -> float:
    """Return seconds from "90", "90s", "5m" or "1h"; ConfigError, which names `where`, for anything else."""
    found = _DURATION.fullmatch(text.strip())
    value = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if value <= 0:
        raise ConfigError(f"{text!r} is not a duration such as 90, 5m or 1h", where=where)
    return value


def _way(environ: Mapping[str, str]) -> Way:
    """Return what started the pipeline; a child pipeline is told by its plan, and reads nothing else of this."""
    source = environ.get("HOTLAP_WAY") or environ["CI_PIPELINE_SOURCE"]
    if source == Way.MERGE_REQUEST:
        return Way.MERGE_REQUEST
    return Way.COMMAND if source == Way.COMMAND and environ.get("TRIGGER_PAYLOAD") else Way.SWEEP


def _merge_request(environ: Mapping[str, str]) -> AboutMergeRequest:
    iid = _number(environ, "CI_MERGE_REQUEST_IID")
    if iid is None:
        raise ConfigError("is not set in this merge request pipeline", where="CI_MERGE_REQUEST_IID")
    source = _needed(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
    about = AboutMergeRequest(
        iid,
        source,
        _sha(environ, "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        # In a pipeline of merged results CI_COMMIT_SHA is a commit that nobody has.
        _sha(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA" if _merged(environ) else "CI_COMMIT_SHA"),
        environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != environ.get("CI_MERGE_REQUEST_PROJECT_ID"),
    )
    if about.from_fork:
        raise Refused(
            "this merge request comes from a fork, whose code gets no runner and no secret by itself: "
            "a maintainer may ask for it with /optimize and the full SHA"
        )
    if source.startswith(BRANCHES):
        raise Refused(f"{source} is a branch of Hotlap's own: it does not optimise what it proposed")
    return about


def _merged(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"))


def _needed(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise ConfigError("is not set: GitLab sets it in every job", where=name)
    return environ[name]


def _sha(environ: Mapping[str, str], name: str) -> str:
    value = _needed(environ, name)
    if _SHA.fullmatch(value) is None:
        raise ConfigError("is not a full SHA", where=name)
    return value


def _number(environ: Mapping[str, str], name: str) -> int | None:
    value = environ.get(name, "")
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise ConfigError(f"{value[:40]!r} is not a whole number", where=name)
    return int(value)


def _choice(kind: type[_Choice], value: str, where: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        names = ", ".join(kind)
        raise ConfigError(f"{value[:40]!r} is not one of {names}", where=where) from None
