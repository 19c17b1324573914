"""What is to be published, and what became of it: one branch and one merge request for each target."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.forge import MergeRequest

BRANCHES = "hotlap/"


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot for the description: a file name, its bytes, and a caption in plain words."""

    name: str
    data: bytes
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """One proven change on its way to a merge request.

    `branch` is `BRANCHES` and the slug of its target, so that the same target always gets the same branch. `commit` is
    in the bot's clone already, and `base` is the commit of `target_branch` that the proof rests on. `changed` are the
    paths that it touches, `supersedes` the numbers of open merge requests of the bot that it takes the place of.
    """

    branch: str
    target_branch: str
    base: str
    commit: str
    title: str
    description: str
    changed: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    supersedes: tuple[int, ...] = ()


class PublishedAs(StrEnum):
    """What became of a publication; the values are reason codes of docs/reasons.md."""

    OPENED = "publish.opened"
    UPDATED = "publish.updated"
    REJECTED_BEFORE = "publish.rejected-before"
    MERGED_BEFORE = "publish.merged-before"
    TAKEN_OVER = "publish.taken-over"
    STALE = "publish.stale"
    PROTECTED = "publish.protected"


@dataclass(frozen=True, slots=True)
class Published:
    """The answer, with the merge request where there is one, and one sentence for the log or the one who asked."""

    how: PublishedAs
    sentence: str
    merge_request: MergeRequest | None = None


class Move(StrEnum):
    """What a base that moved asks for."""

    NOTHING = "nothing"
    VERIFY = "verify"
    CLOSE = "close"
