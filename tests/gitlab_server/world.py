"""Everything that the server knows, and the rules about who may see and do what."""

import fnmatch
import secrets
import threading
from datetime import timedelta
from pathlib import Path

from tests.gitlab_server import text
from tests.gitlab_server.clock import Clock
from tests.gitlab_server.limits import Late
from tests.gitlab_server.repository import Repository
from tests.gitlab_server.state import Access, Label, Member, Project, Protection, Token, User


class RefusalError(Exception):
    """An answer that says no: `body` is what GitLab's JSON says."""

    def __init__(self, status, body) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body if isinstance(body, dict) else {"message": body}


def not_found(what=""):
    return RefusalError(404, f"404 {what} Not Found".replace("  ", " "))


def forbidden(why="Forbidden"):
    return RefusalError(403, f"403 {why}")


class World:
    """State, one lock around it, and what texts did: `executed`, `mentions`, `references`."""

    def __init__(self, directory: Path, executor=None) -> None:
        self.directory = directory
        self.executor = executor
        self.base = ""
        self.clock = Clock()
        self.late = Late()
        self.lock = threading.RLock()
        self.users, self.tokens, self.projects, self.groups = {}, {}, {}, {}
        self.executed, self.mentions, self.references = [], [], []
        self.outbox = []
        self.on_open = []
        self._last = {}

    def next(self, kind: str) -> int:
        self._last[kind] = self._last.get(kind, 0) + 1
        return self._last[kind]

    def now(self):
        return self.clock.moment()

    def add_user(self, username, name=None, *, admin=False, state="active", bot=False):
        user = User(self.next("user"), username, name or username.capitalize(), admin, state, bot)
        self.users[user.id] = user
        return user

    def user(self, username):
        """The user with that name, or None; names are compared as GitLab does, without case."""
        return next((user for user in self.users.values() if user.username.lower() == username.lower()), None)

    def add_token(self, user, scopes, *, prefix="glpat", expires_at=None, **details):
        """Make a token; without `expires_at` it ends in a year, as GitLab wants it."""
        secret = f"{prefix}-{secrets.token_urlsafe(20)}"
        ends = expires_at or self.clock.today() + timedelta(days=365)
        token = Token(self.next("token"), secret, user, tuple(scopes), self.now(), expires_at=ends, **details)
        self.tokens[secret] = token
        return token

    def job_token(self, job):
        """The token of a job: it lives as long as the job runs."""
        project, user = job.pipeline.project, job.pipeline.user
        return self.add_token(user, (), prefix="glcbt-64", kind="job", project=project, job=job, name="CI_JOB_TOKEN")

    def add_project(self, path, owner, *, visibility="private", default_branch="main"):
        number = self.next("project")
        repository = Repository(self.directory / "git" / f"{number}.git", default_branch=default_branch)
        project = Project(
            number, path, owner, repository, self.base, self.now(), visibility=visibility, default_branch=default_branch
        )
        project.members[owner.id] = Member(owner, Access.OWNER)
        project.protections.append(Protection(default_branch))
        self.projects[project.id] = project
        return project

    def project(self, key):
        """The project by number or path, or None."""
        key = str(key).removesuffix(".git")
        if key.isdigit():
            return self.projects.get(int(key))
        return next((project for project in self.projects.values() if project.path.lower() == key.lower()), None)

    def member(self, project, user):
        """The membership that counts today, or None."""
        found = project.members.get(user.id) if user else None
        if found is None or (found.expires_at is not None and found.expires_at <= self.clock.today()):
            return None
        return found

    def access(self, project, user) -> Access:
        if user is None or user.state != "active":
            return Access.NONE
        if user.admin:
            return Access.OWNER
        member = self.member(project, user)
        return member.access if member is not None and member.state == "active" else Access.NONE

    def sees(self, project, user) -> bool:
        open_to = {"public": True, "internal": user is not None, "private": False}[project.visibility]
        return open_to or self.access(project, user) > Access.NONE

    def sees_code(self, project, user) -> bool:
        return self.sees(project, user) and (
            project.visibility != "private" or self.access(project, user) >= Access.REPORTER
        )

    def protection(self, project, branch):
        """The protection of a branch, or None."""
        return next((rule for rule in project.protections if fnmatch.fnmatchcase(branch, rule.pattern)), None)

    def may_push(self, project, user, branch) -> bool:
        access = self.access(project, user)
        rule = self.protection(project, branch)
        return access >= max(Access.DEVELOPER, rule.push if rule else Access.DEVELOPER)

    def may_merge(self, project, user, branch) -> bool:
        rule = self.protection(project, branch)
        return self.access(project, user) >= max(Access.DEVELOPER, rule.merge if rule else Access.DEVELOPER)

    def label(self, project, name):
        """The label of that name; made where there is none, as GitLab does for merge requests and issues."""
        if name not in project.labels:
            project.labels[name] = Label(self.next("label"), name)
        return project.labels[name]

    def read(self, author, body, where):
        """Record what a stored text links to."""
        names, references = text.links(body)
        self.mentions += [text.Mention(author.username, name, where) for name in names]
        self.references += [text.Reference(author.username, found, where) for found in references]
