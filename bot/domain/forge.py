"""What lives on a forge: people, projects, merge requests, issues, notes and reactions, as the bot needs them."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Access(IntEnum):
    """What somebody may do in a project; the numbers are GitLab's."""

    NONE = 0
    MINIMAL = 5
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50
    ADMIN = 60

    @classmethod
    def at_most(cls, level: int) -> "Access":
        """Return the highest known level that does not exceed `level`: an unknown one never counts for more."""
        return max(one for one in cls if one <= max(level, 0))


@dataclass(frozen=True, slots=True)
class User:
    """An account; `bot` where the forge says that it is nobody's own."""

    id: int
    username: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class ForgeProject:
    """One project: `path` is "group/name", `clone_url` is over HTTP and holds no credential."""

    id: int
    path: str
    default_branch: str
    web_url: str
    clone_url: str
    archived: bool = False
    merge_requests_enabled: bool = True


class MergeState(StrEnum):
    """Where a merge request stands; LOCKED is the moment in which it is being merged."""

    OPENED = "opened"
    CLOSED = "closed"
    MERGED = "merged"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class HeadPipeline:
    """The latest pipeline of a merge request: the commit that it ran on, and GitLab's word for how it stands."""

    id: int
    sha: str
    status: str


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """One merge request as it was when it was asked for.

    `head_sha` is the tip of the source branch as the forge knows it, "" while it does not. `base_sha` and `start_sha`
    are those of its latest diff, "" until the forge has made one; a position in the diff needs all three.
    `merge_commit` is what merging added to the target branch, "" also where that was fast-forwarded to `head_sha`;
    `merged_at` is ISO 8601. `pipeline` is None where there is none, and in lists.
    """

    iid: int
    title: str
    description: str
    state: MergeState
    source_branch: str
    target_branch: str
    source_project: int
    target_project: int
    head_sha: str
    author: User
    web_url: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    base_sha: str = ""
    start_sha: str = ""
    reviewers: tuple[int, ...] = ()
    merge_commit: str = ""
    merged_at: str = ""
    pipeline: HeadPipeline | None = None

    @property
    def from_fork(self) -> bool:
        """Whether its source branch is in another project."""
        return self.source_project != self.target_project


@dataclass(frozen=True, slots=True)
class NewMergeRequest:
    """What a merge request is opened with; it is a draft where the title begins with "Draft:"."""

    source_branch: str
    target_branch: str
    title: str
    description: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeRequestEdit:
    """What is to change; None leaves a field alone, labels are added and removed one by one, never replaced."""

    title: str | None = None
    description: str | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    close: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue, such as the dashboard."""

    iid: int
    title: str
    description: str
    opened: bool
    author: User
    web_url: str
    labels: tuple[str, ...] = ()


class NoteableKind(StrEnum):
    """What can be talked about; the values are parts of GitLab's addresses."""

    MERGE_REQUEST = "merge_requests"
    ISSUE = "issues"


@dataclass(frozen=True, slots=True)
class Noteable:
    """A merge request or an issue: where notes and reactions go."""

    kind: NoteableKind
    iid: int


@dataclass(frozen=True, slots=True)
class Note:
    """One comment; times are ISO 8601 as the forge writes them, `thread` is "" where it is not known.

    `system` notes are written by the forge itself; an `internal` note is not for everybody and is never quoted. A
    thread of `resolvable` notes waits for somebody until it is `resolved`.
    """

    id: int
    body: str
    author: User
    created: str
    updated: str
    system: bool = False
    internal: bool = False
    thread: str = ""
    resolvable: bool = False
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji that somebody put on something; `name` has no colons."""

    id: int
    name: str
    user: User


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line that a merge request adds or changes, by its 1-based number in the new file."""

    base_sha: str
    start_sha: str
    head_sha: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """One job of a pipeline; `status` is GitLab's word, such as "pending"."""

    id: int
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One command that the bot took on: by whom, when (ISO 8601), and the seconds of wall time that it may use."""

    user: int
    when: str
    seconds: float
    note: int
