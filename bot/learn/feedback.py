"""One merge request of the bot, as GitLab's REST API returns its objects, becomes one `Feedback`.

Pure: the same objects give the same value, and what GitLab has told before is replaced, never added to.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.feedback import Change, Feedback, Reception
from bot.domain.legible import one_line
from bot.learn.drawn import counts
from bot.learn.people import People, people
from bot.learn.reading.grammar import cue
from bot.learn.reading.visible import blocks

_UP = frozenset(
    {"thumbsup", "+1", "heart", "tada", "rocket", "100", "white_check_mark", "clap", "muscle", "star", "fire"}
)
_DOWN = frozenset({"thumbsdown", "-1", "x", "no_entry", "no_entry_sign", "confused", "rage", "angry", "no_good"})
_MERGE = re.compile(r"^Merge (?:branch|remote-tracking branch|tag|commit|pull request)\b")
_REVERT = re.compile(r"^revert\b|\bthis reverts (?:commit|merge request)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """The objects of one merge request; unknown keys are passed over, missing ones are empty.

    `own` are user ids of the bot besides the author of the merge request.
    """

    project: str
    mr: Mapping[str, Any]
    change: Change
    members: Sequence[Any] = ()
    discussions: Sequence[Any] = ()
    awards: Sequence[Any] = ()
    approvals: Sequence[Any] = ()
    commits: Sequence[Any] = ()
    own: frozenset[int] = frozenset()

    @property
    def people(self) -> People:
        """Who may teach; the author of the merge request, which is the bot, never."""
        author = self.mr.get("author")
        number = author.get("id") if isinstance(author, Mapping) else None
        return people(self.members, self.own | ({number} if isinstance(number, int) else set()))


def harvested(record: Record) -> Feedback:
    """Return what people did with a merge request."""
    who, mr = record.people, record.mr
    notes = [one for one in _notes(record.discussions) if counts(one, who)]
    threads = [one for one in record.discussions if _resolvable(one)]
    number = mr.get("iid")
    found = Feedback(
        project=record.project,
        mr=number if isinstance(number, int) else 0,
        state=str(mr.get("state") or "opened"),
        reception=Reception.ABANDONED,
        change=record.change,
        seen=str(mr.get("updated_at") or mr.get("merged_at") or mr.get("closed_at") or ""),
        hours=_hours(mr),
        approvals=tuple(_approvers(record.approvals, who)),
        threads=len(threads),
        resolved=sum(all(note.get("resolved") for note in _resolvable(one)) for one in threads),
        suggestions=sum(bool(one.get("applied")) for note in notes for one in _list(note.get("suggestions"))),
        thumbs_up=_awards(record.awards, who, _UP),
        thumbs_down=_awards(record.awards, who, _DOWN),
        human_commits=tuple(_human(record)),
    )
    return replace(found, reception=_reception(found, record, notes))


def news(known: Sequence[Feedback], found: Sequence[Feedback]) -> tuple[Feedback, ...]:
    """Return what differs from what is known: harvesting the same objects again gives nothing."""
    before = {one.key: one for one in known}
    return tuple(one for one in found if before.get(one.key) != one and not _older(one, before.get(one.key)))


def since(known: Sequence[Feedback]) -> str:
    """Return the `updated_after` of the next harvest (ISO 8601), "" where nothing is known: everything is asked for."""
    return max((one.seen for one in known), default="")


def _older(one: Feedback, known: Feedback | None) -> bool:
    return known is not None and one.seen < known.seen


def _reception(found: Feedback, record: Record, notes: Sequence[Mapping[str, Any]]) -> Reception:
    if found.state in {"merged", "locked"}:
        if any(_REVERT.search(_words(one)) for one in record.commits):
            return Reception.REJECTED
        return Reception.REVISED if found.human_commits or found.suggestions else Reception.ACCEPTED
    if found.state == "closed":
        return Reception.REJECTED if _refused(found, record, notes) else Reception.ABANDONED
    if found.human_commits or found.suggestions:
        return Reception.REVISED
    return Reception.ACCEPTED if found.approvals else Reception.ABANDONED


def _refused(found: Feedback, record: Record, notes: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a closed merge request was turned down by somebody, and not just cleared away."""
    words = " ".join(block.text for note in notes for block in blocks(note["body"]))
    if found.thumbs_down or (notes and not cue("feedback.stale").search(words)):
        return True
    closer = record.mr.get("closed_by")
    return not notes and record.people.teaches(closer)


def _human(record: Record) -> Iterator[str]:
    """Yield the commits that people put on top: no merges of the target branch, none of the bot, no reverts."""
    author = record.mr.get("author")
    own = (
        {str(author.get(key) or "").lower() for key in ("name", "username")} - {""}
        if isinstance(author, Mapping)
        else set()
    )
    for commit in record.commits:
        if not isinstance(commit, Mapping) or _MERGE.match(_title(commit)) or _REVERT.search(_title(commit)):
            continue
        name = str(commit.get("author_name") or "").lower()
        mail = str(commit.get("author_email") or "").lower()
        local = mail.partition("@")[0].rpartition("+")[2]
        if name in own or local in own or re.search(r"(?:^|[-_.+])bot(?:[-_.@]|$)", local) or name.endswith("[bot]"):
            continue
        yield one_line(str(commit.get("short_id") or commit.get("id") or _title(commit)), 80)


def _title(commit: Any) -> str:
    return str(commit.get("title") or commit.get("message") or "") if isinstance(commit, Mapping) else ""


def _words(commit: Any) -> str:
    return f"{_title(commit)}\n{commit.get('message') or ''}" if isinstance(commit, Mapping) else ""


def _notes(discussions: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for one in discussions:
        for note in _list(one.get("notes")) if isinstance(one, Mapping) else ():
            if isinstance(note, Mapping):
                yield note


def _resolvable(discussion: Any) -> list[Mapping[str, Any]]:
    return [one for one in _notes([discussion]) if one.get("resolvable")]


def _approvers(approvals: Sequence[Any], who: People) -> Iterator[str]:
    for one in approvals:
        user = one.get("user", one) if isinstance(one, Mapping) else None
        if isinstance(user, Mapping) and who.teaches(user):
            yield str(user.get("username") or user["id"])


def _awards(awards: Sequence[Any], who: People, names: frozenset[str]) -> int:
    """Count reactions to the merge request itself, one for each person."""
    given = {
        one["user"]["id"]
        for one in awards
        if isinstance(one, Mapping)
        and str(one.get("name", "")).partition("_tone")[0] in names
        and one.get("awardable_type", "MergeRequest") == "MergeRequest"
        and who.teaches(one.get("user"))
    }
    return len(given)


def _hours(mr: Mapping[str, Any]) -> float | None:
    try:
        start, end = (dt.datetime.fromisoformat(str(mr[key])) for key in ("created_at", "merged_at"))
        return round((end - start).total_seconds() / 3600, 3)
    except (KeyError, TypeError, ValueError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
