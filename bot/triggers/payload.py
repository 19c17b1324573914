"""A comment event as a pipeline gets it: anybody with the trigger token can write one, so it is a hint and no more.

Only numbers are taken from it. What was said, by whom and where, is asked of GitLab.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.forge import Noteable, NoteableKind

LONGEST = 8 << 20
_KINDS = {"MergeRequest": ("merge_request", NoteableKind.MERGE_REQUEST), "Issue": ("issue", NoteableKind.ISSUE)}
_LARGEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Hint:
    """Where a comment may stand; `head` is the tip of the merge request when it was made, "" where not said."""

    project: int
    at: Noteable
    note: int
    head: str = ""


def hint(data: bytes) -> Hint | str:
    """Return what an event points to, or the sentence that says why it is nothing to act on."""
    event = _loaded(data)
    if event is None:
        return "the payload is not a JSON object of a comment event"
    about = event.get("object_attributes")
    if event.get("object_kind") != "note" or not isinstance(about, dict):
        return "the event is not about a comment"
    # Servers before 16.11 do not name the action.
    if about.get("action", "create") != "create":
        return "the comment was changed, not made: commands run once"
    return "the comment is GitLab's own" if about.get("system") is True else _pointed(event, about)


def _pointed(event: Mapping[str, Any], about: Mapping[str, Any]) -> Hint | str:
    name, kind = _KINDS.get(str(about.get("noteable_type")), ("", None))
    if kind is None:
        return "the comment is on something that is neither a merge request nor an issue"
    thing = event.get(name)
    numbers = [event.get("project_id"), about.get("id"), thing.get("iid") if isinstance(thing, dict) else None]
    if not all(type(one) is int and 0 < one < _LARGEST for one in numbers):
        return "the event lacks the number of its project, comment or merge request"
    project, note, iid = (int(str(one)) for one in numbers)
    return Hint(project, Noteable(kind, iid), note, _head(thing))


def _loaded(data: bytes) -> dict[str, Any] | None:
    if len(data) > LONGEST:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _head(thing: Any) -> str:
    commit = thing.get("last_commit") if isinstance(thing, dict) else None
    sha = commit.get("id") if isinstance(commit, dict) else None
    return sha if isinstance(sha, str) and len(sha) in {40, 64} else ""
