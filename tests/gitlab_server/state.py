"""What the server remembers about people and projects: plain records without behaviour."""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any

from tests.gitlab_server.repository import Repository


class Access(IntEnum):
    NONE = 0
    GUEST = 10
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


@dataclass(eq=False)
class User:
    id: int
    username: str
    name: str
    admin: bool = False
    state: str = "active"
    bot: bool = False

    @property
    def email(self):
        return f"{self.username}@example.org"


@dataclass(eq=False)
class Token:
    """A secret and what it may do; `job` is set on the token of a CI job, `project` on a project's token."""

    id: int
    secret: str
    user: User
    scopes: tuple
    created_at: Any
    name: str = "token"
    expires_at: date | None = None
    revoked: bool = False
    kind: str = "personal"
    project: Any = None
    job: Any = None


@dataclass
class Member:
    user: User
    access: Access
    expires_at: date | None = None
    state: str = "active"
    inherited: bool = False


@dataclass
class Protection:
    pattern: str
    push: Access = Access.MAINTAINER
    merge: Access = Access.MAINTAINER


@dataclass
class Label:
    id: int
    name: str
    color: str = "#6699cc"
    description: str | None = None


@dataclass
class Upload:
    id: int
    secret: str
    filename: str
    content: bytes
    author: User


@dataclass
class Hook:
    """A webhook of a project; `events` are note, merge_requests, emoji, push."""

    id: int
    url: str
    uuid: str
    created_at: Any
    events: set = field(default_factory=set)
    token: str | None = None
    signing_token: str | None = None
    template: str | None = None
    name: str | None = None


@dataclass(eq=False)
class Project:
    id: int
    path: str
    creator: User
    repository: Repository
    base: str
    created_at: Any
    visibility: str = "private"
    default_branch: str = "main"
    archived: bool = False
    merge_requests_enabled: bool = True
    issues_enabled: bool = True
    merge_method: str = "merge"
    only_allow_merge_if_pipeline_succeeds: bool = False
    only_allow_merge_if_all_discussions_are_resolved: bool = False
    job_token_push: bool = False
    job_token_allowlist: set = field(default_factory=set)
    forked_from: Any = None
    members: dict = field(default_factory=dict)
    protections: list = field(default_factory=list)
    merge_requests: dict = field(default_factory=dict)
    issues: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    uploads: list = field(default_factory=list)
    hooks: dict = field(default_factory=dict)
    pipelines: dict = field(default_factory=dict)
    triggers: dict = field(default_factory=dict)
    schedules: dict = field(default_factory=dict)
    variables: list = field(default_factory=list)
    runners: list = field(default_factory=list)
    statuses: list = field(default_factory=list)
    seen_branches: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.path.rpartition("/")[2]

    @property
    def namespace(self):
        return self.path.rpartition("/")[0]

    @property
    def web_url(self):
        return f"{self.base}/{self.path}"

    @property
    def url(self):
        return f"{self.web_url}.git"
