"""What is to be published, and what became of it: one branch and one merge request for each target."""

import re
from collections.abc import Collection, Mapping
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
    `asked_for` says that a person wants it although an earlier one was closed. `onto` is the tip of the branch that the
    commit follows, in the open merge request of that branch and in no other; "" where it takes the place of the branch.
    `reviewers` are user names that lessons want asked; `draft` says that a person must look before it may be merged.
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
    asked_for: bool = False
    onto: str = ""
    reviewers: tuple[str, ...] = ()
    draft: bool = True


class PublishedAs(StrEnum):
    """What became of a publication; the values are reason codes of docs/reasons.md."""

    OPENED = "publish.opened"
    UPDATED = "publish.updated"
    REJECTED_BEFORE = "publish.rejected-before"
    TAKEN_OVER = "publish.taken-over"
    STALE = "publish.stale"
    REFUSED = "publish.refused"
    CLOSED = "publish.closed"


@dataclass(frozen=True, slots=True)
class Published:
    """The answer, with the merge request where there is one, and one sentence for the log or the one who asked."""

    how: PublishedAs
    sentence: str
    merge_request: MergeRequest | None = None


class Move(StrEnum):
    """What a base that moved asks for: nothing, a new proof on the new base, or to give the change up."""

    NOTHING = "nothing"
    VERIFY = "verify"
    CLOSE = "close"


_IDLE = re.compile(r"(?:docs?/.+|[^/]+)\.(?:md|rst|adoc)|(?:\.gitlab/|docs/)?CODEOWNERS|LICEN[CS]E[^/]*|\.gitignore")


def move(touched: Mapping[str, bool], changed: Collection[str]) -> Move:
    """Decide what a base that moved asks for.

    `touched` says of each path that differs between the old and the new base whether it is still there; `changed` are
    the paths of the change. Only documents leave a proof as it is: any other file may run in tests and benchmarks.
    """
    if any(not touched.get(path, True) for path in changed):
        return Move.CLOSE
    return Move.VERIFY if any(_IDLE.fullmatch(path) is None for path in touched) else Move.NOTHING
