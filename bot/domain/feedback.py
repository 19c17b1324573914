"""What people did with one merge request of the bot, as counts and names; texts of notes are not kept."""

from dataclasses import dataclass
from enum import StrEnum


class Reception(StrEnum):
    """How a merge request ended, or stands: taken as it was, taken after changes, refused, or left lying."""

    ACCEPTED = "accepted"
    REVISED = "revised"
    REJECTED = "rejected"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Change:
    """What the merge request changes: `kind` is the kind of change, `rules` the rewrite rules that made it."""

    path: str = ""
    function: str = ""
    language: str = ""
    kind: str = ""
    diff: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """One merge request as GitLab last told it; `seen` (ISO 8601) is GitLab's `updated_at`.

    Reactions, approvals and threads count people who may teach only. `human_commits` are SHAs or titles of commits
    that people put on top. `hours` is the time from creation to merge, None where it is not merged.
    """

    project: str
    mr: int
    state: str
    reception: Reception
    change: Change = Change()
    seen: str = ""
    hours: float | None = None
    approvals: tuple[str, ...] = ()
    threads: int = 0
    resolved: int = 0
    suggestions: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    human_commits: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The merge request's reference: the identity of its feedback."""
        return f"{self.project}!{self.mr}"
