"""The GitLab that a test talks to: builds its world, acts for its people, and shows what happened."""

import contextlib
import uuid
from typing import Self
from urllib.parse import quote

import requests

from tests.gitlab_server import changes, ci, conversation, hooks
from tests.gitlab_server.api import schedules
from tests.gitlab_server.api.pipelines import new_trigger
from tests.gitlab_server.application import Application
from tests.gitlab_server.ci import Job, Runner, Variable
from tests.gitlab_server.executor import variables
from tests.gitlab_server.limits import Limit
from tests.gitlab_server.serve import listening
from tests.gitlab_server.state import Access, Hook, Member, Protection
from tests.gitlab_server.world import World


class GitLabServer:
    """A GitLab with its files in `directory`; a context manager that listens while it is open."""

    def __init__(self, directory, executor=None) -> None:
        self.world = World(directory, executor)
        self._application = Application(self.world)
        self._application.on_push.append(self._pipelines_of_push)
        self.world.on_open.append(self._pipeline_of_change)
        self.faults = self._application.faults
        self.crashes = self._application.crashes
        self.problems = self._application.conformance.problems
        self.flaws = self._application.conformance.flaws
        self.clock, self.late = self.world.clock, self.world.late
        self.executed, self.mentions = self.world.executed, self.world.mentions
        self.references, self.outbox = self.world.references, self.world.outbox
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.world.base = self._open.enter_context(listening(self._application.respond))
        return self

    def __exit__(self, *_) -> None:
        self._open.close()

    @property
    def url(self):
        return self.world.base

    @property
    def api(self):
        return f"{self.url}/api/v4"

    @property
    def log(self):
        return self._application.journal.calls

    @property
    def calls(self):
        """How many calls of the API there were so far."""
        return self._application.journal.count()

    def written(self):
        """The calls that changed something."""
        return [call for call in self.log if call.method not in {"GET", "HEAD"} and (call.status or 500) < 300]

    def limit(self, rate, seconds, method="*", path="*"):
        self._application.limits.append(Limit(rate, seconds, method, path))

    # People and projects

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

    # What people do

    def push(self, project, user, branch, files, message="change"):
        """Commit files on a branch as that user; returns the SHA."""
        with self.world.lock:
            start = None if project.repository.has(f"refs/heads/{branch}") else project.default_branch
            sha = project.repository.commit(branch, files, message, f"{user.name} <{user.email}>", start)
            self._application.pushed(project, user)
        return sha

    def pushed(self, project, user):
        with self.world.lock:
            self._application.pushed(project, user)

    def open_merge_request(
        self, project, user, source, target="main", title="Change", description="", source_project=None
    ):
        with self.world.lock:
            mr = changes.open_mr(self.world, project, user, source_project or project, source, target, title)
            conversation.describe(self.world, mr, user, description)
            self._pipeline_of_change(mr, user)
        return mr

    def open_issue(self, project, user, title, description=""):
        with self.world.lock:
            issue = changes.open_issue(self.world, project, user, title)
            conversation.describe(self.world, issue, user, description)
        return issue

    def say(self, thing, user, body, discussion=None, *, internal=False, position=None):
        with self.world.lock:
            return conversation.say(
                self.world, thing, user, body, discussion=discussion, internal=internal, position=position
            )

    def edit_note(self, note, user, body):
        with self.world.lock:
            conversation.edit(self.world, note, user, body)

    def delete_note(self, note, user):
        with self.world.lock:
            conversation.delete(self.world, note, user)

    def award(self, subject, user, name):
        with self.world.lock:
            return conversation.award(self.world, subject, user, name)

    def approve(self, mr, user):
        with self.world.lock:
            changes.approve(self.world, mr, user)

    def merge(self, mr, user):
        with self.world.lock:
            changes.merge(self.world, mr, user)

    def close(self, thing, user):
        with self.world.lock:
            changes.close(self.world, thing, user)

    def reopen(self, thing, user):
        with self.world.lock:
            changes.reopen(self.world, thing, user)

    # Webhooks

    def add_hook(self, project, url, events=("note",), token=None, signing_token=None, template=None):
        hook = Hook(
            self.world.next("hook"),
            url,
            str(uuid.uuid4()),
            self.world.now(),
            set(events),
            token,
            signing_token,
            template,
        )
        project.hooks[hook.id] = hook
        return hook

    def deliver(self):
        """Post what waits in the outbox, in its order; returns the deliveries with headers, body and status."""
        sent = []
        while self.outbox:
            delivery = self.outbox.pop(0)
            delivery.body, delivery.headers = hooks.sealed(self.world, delivery)
            answer = requests.post(delivery.hook.url, data=delivery.body, headers=delivery.headers, timeout=10)
            delivery.status = answer.status_code
            sent.append(delivery)
        return sent

    # Pipelines

    def add_trigger(self, project, owner, description="hotlap"):
        """A trigger token's secret."""
        return new_trigger(self.world, project, owner, description).secret

    def trigger_url(self, project, ref, token):
        return f"{self.api}/projects/{project.id}/ref/{quote(ref, safe='')}/trigger/pipeline?token={token}"

    def add_schedule(self, project, owner, ref="main", cron="0 3 * * *", variables=None, description="nightly"):
        schedule = schedules.new(self.world, project, owner, description, ref, cron)
        schedule.variables += [Variable(key, value) for key, value in (variables or {}).items()]
        return schedule

    def play(self, schedule):
        with self.world.lock:
            return schedules.run(self.world, schedule)

    def start_pipeline(self, project, user, ref="main", source="web", variables=None, inputs=None):
        given = [Variable(key, value) for key, value in (variables or {}).items()]
        with self.world.lock:
            return ci.start(self.world, project, user, ref, source, variables=given, inputs=inputs or {})

    def merge_request_pipeline(self, mr, user, project=None):
        """A pipeline of a merge request; one from a fork runs in the fork unless `project` says otherwise."""
        with self.world.lock:
            ref, where = f"refs/merge-requests/{mr.iid}/head", project or mr.source_project
            return ci.start(self.world, where, user, ref, "merge_request_event", sha=mr.sha, merge_request=mr)

    def start_job(self, pipeline, name="hotlap", **details):
        """A running job without anything that runs it, and its environment: for programs that a test starts itself.

        `details` are fields of the job, such as `tags`, or `definition={"environment": "hotlap/publish"}`.
        """
        job = Job(self.world.next("job"), pipeline, name, "test", self.world.now(), status="running", **details)
        pipeline.jobs[name] = job
        ci.move(self.world, pipeline, "running")
        token = self.world.job_token(job)
        place = self.world.directory / "files" / str(job.id)
        given = {}
        for one in variables.of_job(self.world, job, token, {}):
            given[one.key] = one.value
            if one.file:
                place.mkdir(parents=True, exist_ok=True)
                (place / one.key).write_text(one.value)
                given[one.key] = str(place / one.key)
        return job, given

    def finish_job(self, job, status="success", artifacts=None):
        """End a job that nothing executes: its token dies with it."""
        job.status, job.finished_at, job.artifacts = status, self.world.now(), artifacts or {}

    def finish(self, pipeline, status="success"):
        """Move a pipeline that nothing executes to a status."""
        ci.move(self.world, pipeline, status)

    def run_pipelines(self):
        """Execute every pipeline that waits, and those that they start; returns them."""
        done = []
        while waiting := [
            one
            for project in self.world.projects.values()
            for one in project.pipelines.values()
            if one.status == "created" and one.parent is None
        ]:
            for pipeline in waiting:
                self.world.executor.run(self.world, pipeline)
                done.append(pipeline)
        return done

    def resume(self, pipeline):
        """Go on with a pipeline whose jobs, or those of its children, waited for a runner."""
        self.world.executor.run(self.world, pipeline)

    def _pipeline_of_change(self, mr, user):
        if self.world.executor and mr.source_project.repository.read(mr.sha, ".gitlab-ci.yml") is not None:
            self.merge_request_pipeline(mr, user)

    def _pipelines_of_push(self, project, user):
        for target in self.world.projects.values():
            for mr in target.merge_requests.values():
                last = mr.pipelines[-1].sha if mr.pipelines else None
                if mr.source_project is project and mr.state == "opened" and mr.sha != last:
                    self._pipeline_of_change(mr, user)
