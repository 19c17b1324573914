"""The forge as the bot needs it: one project of GitLab behind small protocols, each with one reason to change.

Reading is asked for live and never kept; every write is looked up before it is repeated, by whoever implements this.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.code import FileChange
from bot.domain.forge import (
    Access,
    Asked,
    DiffLine,
    ForgeProject,
    Issue,
    MergeRequest,
    MergeRequestEdit,
    NewMergeRequest,
    Note,
    Noteable,
    PipelineJob,
    Reaction,
    User,
)
from bot.domain.review import Json, Review
from bot.domain.revision import Commit


class Directory(Protocol):
    """Who is who in one project of a forge; every answer is asked for live."""

    def me(self) -> User:
        """Return the account that the bot's token belongs to."""

    def project(self) -> ForgeProject:
        """Return the project; ForgeError with a sentence that says what to do where the token may not see it."""

    def access(self, user: int) -> Access:
        """Return what a user may do here by any membership that is active; NONE where there is none."""

    def named(self, username: str) -> User | None:
        """Return the account of that exact name."""


class Contents(Protocol):
    """The repository as the forge serves it, without a clone."""

    def file(self, path: str, ref: str) -> bytes | None:
        """Return one file of a branch or commit; None where there is none."""

    def tip(self, branch: str) -> str | None:
        """Return the SHA that a branch points to; None where there is no such branch."""


class MergeRequests(Protocol):
    """The merge requests of one project. What a faulty connection may have done already is looked up first."""

    def get(self, iid: int) -> MergeRequest | None:
        """Return one merge request; None where there is none."""

    def of_branch(self, source_branch: str) -> tuple[MergeRequest, ...]:
        """Return all merge requests from a branch of this project in any state, newest first."""

    def opened_by(self, author: int) -> tuple[MergeRequest, ...]:
        """Return the open merge requests of an account, newest first."""

    def labelled(self, label: str) -> tuple[MergeRequest, ...]:
        """Return the open merge requests with a label, whoever opened them, newest first."""

    def create(self, new: NewMergeRequest) -> MergeRequest:
        """Open a merge request, or return the open one that its branch has already."""

    def update(self, iid: int, edit: MergeRequestEdit) -> MergeRequest:
        """Change an open merge request; repeating it changes nothing more."""

    def merge(self, iid: int, sha: str) -> MergeRequest:
        """Merge an open one whose head is exactly `sha`, or return it where it is merged; ForgeError where it may not.

        The forge compares the head at that very moment.
        """


class Talk(Protocol):
    """Notes on merge requests and issues. What is posted is made inert by whoever implements this."""

    def notes(self, at: Noteable) -> tuple[Note, ...]:
        """Return all notes there, oldest first, with their threads."""

    def note(self, at: Noteable, note: int) -> Note | None:
        """Return one note; None where it is gone."""

    def say(self, at: Noteable, topic: str, body: str, thread: str = "", memo: str = "") -> Note:
        """Make `body` the one note on `topic` of the bot: edit it where it is, post it where there is none.

        It is found by a hidden marker and its author. A first post goes into `thread` where one is given; `memo` takes
        the place of the one that is hidden there, "" leaves that one.
        """

    def claim(self, at: Noteable, topic: str, body: str, thread: str = "", memo: str = "") -> Note:
        """Return the bot's note on `topic` as it is, posting `body` where there is none: whoever was first keeps it.

        `memo` is hidden in the note and stays through later edits; `domain.marker.memo_of` reads it.
        """

    def suggest(self, at: Noteable, topic: str, body: str, line: DiffLine) -> Note:
        """Do as `say` in a thread of its own at a line of the diff, where ```suggestion blocks can be applied."""


class Reactions(Protocol):
    """Emoji on notes: the acknowledgement that somebody was heard."""

    def on(self, at: Noteable, note: int) -> tuple[Reaction, ...]:
        """Return the reactions on one note."""

    def react(self, at: Noteable, note: int, name: str) -> bool:
        """Put one emoji of the bot there; False where it stood there already, which makes it a lock across runs."""


class Issues(Protocol):
    """The issues of one project."""

    def of_bot(self, topic: str) -> Issue | None:
        """Return the bot's issue on `topic`, found by its hidden marker and author; the open or newest one."""

    def standing(self, topic: str) -> Issue | None:
        """Return the open issue on `topic` of the bot or of another token of this project: to read, never to write.

        The job that reads may hold a token of its own, which is another account.
        """

    def write(self, topic: str, title: str, description: str, labels: Sequence[str] = ()) -> Issue:
        """Make this the one issue on `topic` of the bot, as `Talk.say` does with notes."""


class Pipelines(Protocol):
    """The pipelines of one project, by their numbers."""

    def state(self, pipeline: int) -> str | None:
        """Return GitLab's word for how a pipeline stands, such as "running"; None where there is none."""

    def cancel(self, pipeline: int) -> None:
        """Stop what is still running; one that has ended stays as it is."""

    def jobs(self, pipeline: int) -> tuple[PipelineJob, ...]:
        """Return the jobs of one pipeline, not those of its children."""

    def cancel_job(self, job: int) -> None:
        """Stop one job; one that has ended stays as it is."""


class Asks(Protocol):
    """What was asked of the bot in one project: for limits that hold without a memory of its own."""

    def recent(self) -> tuple[Asked, ...]:
        """Return what was asked for within the last day and more, in any order."""


class Reviews(Protocol):
    """What people did with the merge requests of an account; objects come as the forge's API has them."""

    def changed(self, author: int, since: str = "") -> Iterator[Json]:
        """Yield the merge requests of an account that changed at `since` (ISO 8601; "": ever) or later, in that order.

        One that changes meanwhile is yielded once, as it was.
        """

    def opened(self, author: int) -> tuple[Json, ...]:
        """Return the open merge requests of an account."""

    def members(self) -> tuple[Json, ...]:
        """Return who has which role in the project, inherited roles too."""

    def of(self, merge_request: Json) -> Review:
        """Return a merge request of this project with what people said and did there."""


class Uploads(Protocol):
    """Pictures for descriptions and notes."""

    def upload(self, name: str, data: bytes) -> str:
        """Store a file with the project and return the Markdown that shows it."""


@dataclass(frozen=True, slots=True)
class Forge:
    """One project of a forge, as the bot's token sees it."""

    directory: Directory
    contents: Contents
    merge_requests: MergeRequests
    talk: Talk
    reactions: Reactions
    issues: Issues
    uploads: Uploads
    pipelines: Pipelines
    asks: Asks
    reviews: Reviews


class Remote(Protocol):
    """The project's repository over git, seen from a clone that belongs to the bot and in which nothing ever runs.

    The clone is a `Checkout`: commits are written into it first, and pushed from it.
    """

    def tip(self, branch: str) -> str | None:
        """Return the SHA that the forge has for a branch now; None where there is no such branch."""

    def fetch(self, revision: str) -> str:
        """Bring a branch or a full SHA with its history into the clone and return its SHA."""

    def push(self, branch: str, sha: str, expected: str | None) -> None:
        """Point a branch at `sha` if it is still at `expected` (None: does not exist); Moved where it is not."""


class History(Protocol):
    """What the commits in the bot's clone say; both ends of a question were fetched or made there before."""

    def strangers(self, base: str, tip: str) -> tuple[str, ...]:
        """Return the SHAs of commits of `tip` that are not of `base` and that somebody else made or remade."""

    def same_change(self, one: str, other: str) -> bool:
        """Say whether two commits have the same tree and the same parents."""

    def touched(self, old: str, new: str) -> Mapping[str, bool]:
        """Return the paths that differ between two commits, and whether each is still there in `new`."""


class Lineage(Protocol):
    """The commits of one branch of the bot, in a clone to which they were fetched before."""

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """Return the last commits of `tip` that `base` does not have, oldest first."""

    def changes(self, base: str, tip: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two commits, whole, before and after."""

    def onto(self, commit: str, parents: tuple[str, ...]) -> str:
        """Write a commit with the tree and the message of `commit` on other parents; no branch moves."""

    def fork_point(self, base: str, tip: str) -> str | None:
        """Return the SHA of the newest commit that both have; None where there is none."""


class Past(Protocol):
    """What became of changes in a clone that holds the commits in question; nothing is written to any branch."""

    def parent(self, commit: str) -> str:
        """Return the first parent; Refused where there is none."""

    def patch(self, old: str, new: str) -> str:
        """Return a digest of what changed between two commits, wherever in its files it stands."""

    def between(self, old: str, new: str) -> tuple[str, ...]:
        """Return the commits after `old` up to `new`, oldest first, along first parents; () where it is no ancestor."""

    def without(self, before: str, merged: str, head: str) -> tuple[FileChange, ...] | None:
        """Return what takes the change from `before` to `merged` out of `head`; () where it is out already.

        It is merged three ways; None where what surrounds it has changed, so that this cannot be done by itself.
        """
