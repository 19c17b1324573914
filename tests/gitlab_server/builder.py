"""What a test builds the world of: people, projects, tokens, and what is set up in projects."""

import uuid

from tests.gitlab_server.ci import Runner, Variable
from tests.gitlab_server.state import Access, Member, Protection


class Builder:
    """The part of the server that adds things; nothing here is an event that anybody is told of."""

    def add_user(self, username, name=None, *, admin=False, state="active", bot=False):
        return self.world.add_user(username, name, admin=admin, state=state, bot=bot)

    def add_project(self, path, owner, files=None, visibility="private", default_branch="main"):
        project = self.world.add_project(path, owner, visibility=visibility, default_branch=default_branch)
        project.repository.commit(default_branch, files or {"README.md": f"# {path}\n"}, "first")
        return project

    def fork(self, project, user, path=None):
        """A copy of a project under the user's name."""
        made = self.world.add_project(path or f"{user.username}/{project.name}", user, visibility=project.visibility)
        made.repository.git("fetch", "-q", str(project.repository.path), "+refs/heads/*:refs/heads/*")
        made.forked_from = project
        return made

    def add_member(self, project, user, access, expires_at=None, state="active", *, inherited=False):
        project.members[user.id] = Member(user, Access(access), expires_at, state, inherited)

    def remove_member(self, project, user):
        project.members.pop(user.id, None)

    def add_token(self, user, scopes=("api",), expires_at=None, name="token", *, revoked=False):
        return self.world.add_token(user, scopes, expires_at=expires_at, name=name, revoked=revoked)

    def add_project_token(self, project, name, access=Access.DEVELOPER, scopes=("api",), expires_at=None):
        """A project access token: its bot user is a member with that access."""
        bot = self.world.add_user(f"project_{project.id}_bot_{uuid.uuid4().hex}", name, bot=True)
        self.add_member(project, bot, access)
        return self.world.add_token(bot, scopes, expires_at=expires_at, name=name, project=project)

    def add_job_token(self, project, user):
        """A token as a running job has it."""
        return self.world.add_token(user, (), prefix="glcbt-64", kind="job", project=project, name="CI_JOB_TOKEN")

    def protect(self, project, pattern, push=Access.MAINTAINER, merge=Access.MAINTAINER):
        self.unprotect(project, pattern)
        project.protections.append(Protection(pattern, push, merge))

    def unprotect(self, project, pattern):
        project.protections[:] = [rule for rule in project.protections if rule.pattern != pattern]

    def add_runner(self, project, description, tags=()):
        project.runners.append(Runner(self.world.next("runner"), description, tuple(tags), self.world.now()))

    def add_variable(self, project, key, value, scope="*", *, protected=False, masked=False, file=False):
        project.variables.append(Variable(key, value, scope, protected, masked, file))
