"""Merge requests, issues, notes and what hangs on them: records without behaviour."""

from dataclasses import dataclass, field
from typing import Any

from tests.gitlab_server.state import Project, User


@dataclass(eq=False)
class Award:
    id: int
    name: str
    user: User
    created_at: Any


@dataclass(eq=False)
class Note:
    """One note; `kind` is None, DiscussionNote or DiffNote, `position` GitLab's dictionary for a DiffNote."""

    id: int
    thing: Any
    discussion: str
    author: User
    body: str
    created_at: Any
    updated_at: Any
    updated_by: User | None = None
    kind: str | None = None
    system: bool = False
    internal: bool = False
    position: dict | None = None
    resolved: bool = False
    resolved_by: User | None = None
    awards: list = field(default_factory=list)
    suggestions: list = field(default_factory=list)


@dataclass(eq=False)
class Suggestion:
    """A block of replacement lines: `first` and `last` are 1-based lines of the new side, inclusive."""

    id: int
    note: Note
    path: str
    first: int
    last: int
    lines: str
    applied: bool = False


@dataclass(eq=False)
class Thing:
    """What an issue and a merge request have in common; `state` is opened, closed or merged."""

    id: int
    iid: int
    project: Project
    author: User
    title: str
    description: str
    created_at: Any
    updated_at: Any
    state: str = "opened"
    labels: list = field(default_factory=list)
    assignees: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    awards: list = field(default_factory=list)
    locked: bool = False
    closed_by: User | None = None
    closed_at: Any = None

    @property
    def discussions(self):
        """Notes by discussion, in order of their first note."""
        threads = {}
        for note in self.notes:
            threads.setdefault(note.discussion, []).append(note)
        return threads

    @property
    def human_notes(self):
        return [note for note in self.notes if not note.system]


class Issue(Thing):
    kind = "Issue"
    sigil = "#"
    segment = "issues"


@dataclass(eq=False)
class Version:
    """One diff of a merge request: what GitLab calls a diff version."""

    id: int
    base: str
    start: str
    head: str
    created_at: Any


@dataclass(eq=False)
class MergeRequest(Thing):
    source_project: Any = None
    source_branch: str = ""
    target_branch: str = ""
    reviewers: list = field(default_factory=list)
    approvals: list = field(default_factory=list)
    versions: list = field(default_factory=list)
    pipelines: list = field(default_factory=list)
    squash: bool = False
    remove_source_branch: bool = False
    allow_collaboration: bool = False
    merge_commit: str | None = None
    squash_commit: str | None = None
    merged_by: User | None = None
    merged_at: Any = None
    reads: int = 0
    conflicts: dict = field(default_factory=dict)

    kind = "MergeRequest"
    sigil = "!"
    segment = "merge_requests"

    @property
    def draft(self):
        return self.title.lower().startswith(("draft:", "[draft]", "(draft)"))

    @property
    def sha(self):
        return self.versions[-1].head if self.versions else None
