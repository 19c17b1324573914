"""What people do on the server, as if they had clicked: pushes, merge requests, comments, and the hooks that tell."""

import uuid

import requests

from tests.gitlab_server import changes, conversation, hooks
from tests.gitlab_server.state import Hook


class People:
    """The part of the server that acts for somebody, with everything that follows from it."""

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

    def say(self, thing, user, body, discussion=None, *, internal=False, position=None, threaded=False):
        with self.world.lock:
            return conversation.say(
                self.world,
                thing,
                user,
                body,
                discussion=discussion,
                internal=internal,
                position=position,
                threaded=threaded,
            )

    def edit_note(self, note, user, body):
        with self.world.lock:
            conversation.edit(self.world, note, user, body)

    def delete_note(self, note, user):
        with self.world.lock:
            conversation.delete(self.world, note, user)

    def describe(self, thing, user, text):
        """Write a description, as somebody does who edits it or ticks a box."""
        with self.world.lock:
            conversation.describe(self.world, thing, user, text)

    def apply_suggestion(self, suggestion, user):
        with self.world.lock:
            conversation.apply_suggestion(self.world, suggestion, user)

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
