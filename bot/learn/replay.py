"""Exported GitLab objects, one merge request a line, become outcomes and lessons: `hotlap learn --replay`."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import ConfigError
from bot.domain.feedback import Change, Feedback
from bot.domain.lesson import Lesson
from bot.learn.drawn import Context, Drawn, drawn
from bot.learn.feedback import Record, harvested

_RULES = re.compile(r"\brules/([a-z][a-z0-9-]*(?:\+[a-z][a-z0-9-]*)*)")


@dataclass(frozen=True, slots=True)
class Learned:
    """What one merge request teaches; `id` is the line's own."""

    id: str
    feedback: Feedback
    drawn: tuple[Drawn, ...]

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons as they are kept."""
        return tuple(one.lesson for one in self.drawn)


def learned(record: Record, name: str = "") -> Learned:
    """Return what a merge request's objects teach."""
    number = record.mr.get("iid")
    found = drawn(
        record.discussions,
        Context(record.project, number if isinstance(number, int) else 0, record.change, record.people),
    )
    return Learned(name, harvested(record), found)


def record(line: str, where: str, number: int) -> tuple[str, Record] | None:
    """Return the name and objects of one line of an export, None for a blank one; ConfigError where it is none."""
    if not line.strip():
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is not JSON: {error}", where=where, line=number) from None
    if not isinstance(data, Mapping):
        raise ConfigError("must be one object, a merge request", where=where, line=number)
    if not isinstance(data.get("mr"), Mapping):
        raise ConfigError('needs "mr", a merge request as GitLab returns it', where=where, line=number)
    mr = data["mr"]
    name = data.get("id", mr.get("iid", number))
    return name, Record(
        project=_project(data.get("project")),
        mr=mr,
        change=change(data.get("change"), mr),
        members=_list(data.get("members_all")),
        discussions=_discussions(data.get("discussions")),
        awards=_list(data.get("award_emoji")),
        approvals=_approved(data.get("approvals")),
        commits=_list(data.get("later_commits")),
    )


def change(data: Any, mr: Mapping[str, Any]) -> Change:
    """Return what a merge request changes; its description names the rules that wrote it."""
    found = data if isinstance(data, Mapping) else {}
    texts = {key: str(found.get(key) or "") for key in ("path", "function", "language", "kind", "diff")}
    named = found.get("rule") or found.get("rules")
    rules = [named] if isinstance(named, str) else [str(one) for one in _list(named)]
    for hit in _RULES.findall(f"{mr.get('description') or ''} {mr.get('title') or ''}"):
        rules += hit.split("+")
    return Change(**texts, rules=tuple(dict.fromkeys(rules)))


def shape(found: Learned) -> dict[str, Any]:
    """Return the object that `learn --replay` writes for one merge request."""
    return {
        "id": found.id,
        "outcome": str(found.feedback.reception),
        "lessons": [
            {
                "scope": one.lesson.reach,
                "scope_value": one.lesson.value,
                "polarity": str(one.lesson.polarity),
                "sentence": one.lesson.sentence,
                "status": str(one.lesson.state),
                "evidence": list(one.notes),
            }
            for one in found.drawn
        ],
    }


def _project(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("path_with_namespace") or value.get("path") or value.get("id")
    return "" if value is None else str(value)


def _discussions(value: Any) -> Sequence[Any]:
    """Return threads; a bare list of notes is taken as threads of one note each."""
    return [one if not isinstance(one, Mapping) or "notes" in one else {"notes": [one]} for one in _list(value)]


def _approved(value: Any) -> Sequence[Any]:
    """Return approvals; GitLab's object holds them under `approved_by`."""
    return _list(value.get("approved_by")) if isinstance(value, Mapping) else _list(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
