"""GitLab's JSON becomes values; what is missing or of another kind is an error with a sentence, never a KeyError."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.domain.errors import ForgeError
from bot.domain.forge import (
    ForgeProject,
    HeadPipeline,
    Issue,
    MergeRequest,
    MergeState,
    Note,
    Reaction,
    User,
)

Json = Mapping[str, Any]
_TOKENS = re.compile(r"(?:project|group)_\d+_bot\w*")
_Value = TypeVar("_Value")


def read(reader: Callable[[Json], _Value], data: Any) -> _Value:
    """Return `reader(data)`; ForgeError where the answer is not what the API promises."""
    try:
        return reader(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{reader.__name__.replace('_', ' ')}, {type(error).__name__}: {error}"
        raise ForgeError(f"GitLab's answer is not understood ({what}): is HOTLAP_GITLAB_URL a GitLab?") from error


def user(data: Json) -> User:
    """Read an account; those of project and group tokens are bots by their names, which nobody else can have."""
    name = str(data["username"])
    return User(int(data["id"]), name, bot=data.get("bot") is True or _TOKENS.fullmatch(name) is not None)


def project(data: Json) -> ForgeProject:
    """Read a project; merge requests are off where they are disabled for everybody."""
    return ForgeProject(
        id=int(data["id"]),
        path=str(data["path_with_namespace"]),
        default_branch=str(data.get("default_branch") or ""),
        web_url=str(data.get("web_url") or ""),
        clone_url=str(data.get("http_url_to_repo") or ""),
        archived=data.get("archived") is True,
        merge_requests_enabled=data.get("merge_requests_enabled") is not False
        and data.get("merge_requests_access_level") != "disabled",
    )


def merge_request(data: Json) -> MergeRequest:
    """Read a merge request; a fork that is gone counts as another project."""
    diff = data.get("diff_refs") or {}
    return MergeRequest(
        iid=int(data["iid"]),
        title=str(data["title"]),
        description=str(data.get("description") or ""),
        state=MergeState(data["state"]),
        source_branch=str(data["source_branch"]),
        target_branch=str(data["target_branch"]),
        source_project=int(data.get("source_project_id") or 0),
        target_project=int(data["target_project_id"]),
        head_sha=str(data.get("sha") or ""),
        author=user(data["author"]),
        web_url=str(data.get("web_url") or ""),
        draft=data.get("draft") is True,
        labels=tuple(map(str, data.get("labels") or ())),
        base_sha=str(diff.get("base_sha") or ""),
        start_sha=str(diff.get("start_sha") or ""),
        reviewers=tuple(int(one["id"]) for one in data.get("reviewers") or ()),
        merge_commit=str(data.get("merge_commit_sha") or data.get("squash_commit_sha") or ""),
        merged_at=str(data.get("merged_at") or ""),
        pipeline=None if data.get("head_pipeline") is None else head_pipeline(data["head_pipeline"]),
    )


def head_pipeline(data: Json) -> HeadPipeline:
    """Read the pipeline of a merge request."""
    return HeadPipeline(int(data["id"]), str(data["sha"]), str(data["status"]))


def issue(data: Json) -> Issue:
    """Read an issue."""
    return Issue(
        iid=int(data["iid"]),
        title=str(data["title"]),
        description=str(data.get("description") or ""),
        opened=data["state"] == "opened",
        author=user(data["author"]),
        web_url=str(data.get("web_url") or ""),
        labels=tuple(map(str, data.get("labels") or ())),
    )


def note(data: Json, thread: str = "") -> Note:
    """Read a note; `confidential` is what older servers call internal."""
    return Note(
        id=int(data["id"]),
        body=str(data.get("body") or ""),
        author=user(data["author"]),
        created=str(data.get("created_at") or ""),
        updated=str(data.get("updated_at") or ""),
        system=data.get("system") is True,
        internal=data.get("internal") is True or data.get("confidential") is True,
        thread=thread,
        resolvable=data.get("resolvable") is True,
        resolved=data.get("resolved") is True,
    )


def discussion(data: Json) -> tuple[Note, ...]:
    """Read the notes of a thread."""
    return tuple(note(one, str(data["id"])) for one in data["notes"])


def reaction(data: Json) -> Reaction:
    """Read an emoji on something."""
    return Reaction(int(data["id"]), str(data["name"]), user(data["user"]))
