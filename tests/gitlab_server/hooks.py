"""Webhooks: what GitLab would send, kept until a test lets it go out, signed in both ways."""

import base64
import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field

from tests.gitlab_server.clock import stamp

FIELD = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass
class Delivery:
    """One event on its way to one hook; sent again it keeps its `key`."""

    hook: object
    event: str
    payload: dict
    key: str
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None


def queue(world, project, kind, event, payload):
    """Put an event into the outbox for every hook of the project that wants it."""
    for hook in project.hooks.values():
        if kind in hook.events:
            world.outbox.append(Delivery(hook, event, payload, str(uuid.uuid4())))


def sealed(world, delivery):
    """Body and headers of a delivery, as GitLab sends them."""
    hook = delivery.hook
    body = (_filled(hook.template, delivery.payload) if hook.template else json.dumps(delivery.payload)).encode()
    headers = {
        "Content-Type": "application/json", "User-Agent": "GitLab/18.9.0", "X-Gitlab-Event": delivery.event,
        "X-Gitlab-Webhook-UUID": hook.uuid, "X-Gitlab-Event-UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, delivery.key)),
        "X-Gitlab-Instance": world.base, "Idempotency-Key": delivery.key,
    }  # fmt: skip
    if hook.token:
        headers["X-Gitlab-Token"] = hook.token
    if hook.signing_token:
        seconds = str(int(world.clock.now()))
        key = base64.b64decode(hook.signing_token.removeprefix("whsec_"))
        signed = hmac.new(key, f"{delivery.key}.{seconds}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-id"], headers["webhook-timestamp"] = delivery.key, seconds
        headers["webhook-signature"] = "v1," + base64.b64encode(signed).decode()
    return body, headers


def _filled(template, payload):
    """A custom template with `{{a.b}}` for fields of the payload; fields that are not there stay empty."""

    def value(match):
        found = payload
        for key in match[1].split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return json.dumps(found)[1:-1] if isinstance(found, str) else "" if found is None else json.dumps(found)

    return FIELD.sub(value, template)


def note(world, posted, actor, action):
    """The event of a note that was created or updated."""
    if posted.system:
        return
    thing = posted.thing
    kind = "confidential_note" if posted.internal else "note"
    payload = {
        "object_kind": "note", "event_type": kind, "user": person(actor), "project_id": thing.project.id,
        "project": project_facts(thing.project), "object_attributes": _note_facts(posted, action),
        "repository": {"name": thing.project.name, "url": thing.project.url, "homepage": thing.project.web_url},
        thing_name(thing): thing_facts(thing),
    }  # fmt: skip
    queue(world, thing.project, "note", "Confidential Note Hook" if posted.internal else "Note Hook", payload)


def _note_facts(posted, action):
    thing = posted.thing
    return {
        "attachment": None, "author_id": posted.author.id, "change_position": None, "commit_id": None,
        "created_at": hook_time(posted.created_at), "discussion_id": posted.discussion, "id": posted.id,
        "internal": posted.internal, "line_code": None, "note": posted.body, "noteable_id": thing.id,
        "noteable_type": thing.kind, "original_position": posted.position, "position": posted.position,
        "project_id": thing.project.id, "resolved_at": None, "resolved_by_id": None, "resolved_by_push": None,
        "st_diff": None, "system": posted.system, "type": posted.kind, "updated_at": hook_time(posted.updated_at),
        "updated_by_id": posted.updated_by.id if posted.updated_by else None, "description": posted.body,
        "url": f"{thing.project.web_url}/-/{thing.segment}/{thing.iid}#note_{posted.id}", "action": action,
    }  # fmt: skip


def merge_request(world, thing, actor, action):
    """The event of a merge request; issues have none here."""
    if thing.kind != "MergeRequest":
        return
    facts = {**thing_facts(thing), "action": action, "url": f"{thing.project.web_url}/-/merge_requests/{thing.iid}"}
    if action == "update" and len(thing.versions) > 1:
        facts["oldrev"] = thing.versions[-2].head
    payload = {
        "object_kind": "merge_request", "event_type": "merge_request", "user": person(actor),
        "project": project_facts(thing.project), "object_attributes": facts, "changes": {},
        "labels": [{"title": name} for name in thing.labels],
    }  # fmt: skip
    queue(world, thing.project, "merge_requests", "Merge Request Hook", payload)


def emoji(world, subject, award, event):
    """The event of an emoji on a note, merge request or issue."""
    thing = getattr(subject, "thing", subject)
    kind = "Note" if thing is not subject else thing.kind
    payload = {
        "object_kind": "emoji", "event_type": event, "user": person(award.user), "project_id": thing.project.id,
        "project": project_facts(thing.project),
        "object_attributes": {
            "user_id": award.user.id, "created_at": hook_time(award.created_at), "id": award.id, "name": award.name,
            "awardable_type": kind, "awardable_id": subject.id, "updated_at": hook_time(award.created_at),
            "action": event, "awarded_on_url": f"{thing.project.web_url}/-/{thing.segment}/{thing.iid}",
        },
        thing_name(thing): thing_facts(thing),
    }  # fmt: skip
    if kind == "Note":
        payload["note"] = _note_facts(subject, "create")
    queue(world, thing.project, "emoji", "Emoji Hook", payload)


def person(user):
    return {"id": user.id, "name": user.name, "username": user.username, "avatar_url": None, "email": "[REDACTED]"}


def project_facts(project):
    return {
        "id": project.id, "name": project.name, "description": None, "web_url": project.web_url, "avatar_url": None,
        "git_http_url": project.url, "namespace": project.namespace, "path_with_namespace": project.path,
        "default_branch": project.default_branch, "homepage": project.web_url, "http_url": project.url,
        "visibility_level": {"private": 0, "internal": 10, "public": 20}[project.visibility],
    }  # fmt: skip


def thing_name(thing):
    return "merge_request" if thing.kind == "MergeRequest" else "issue"


def thing_facts(thing):
    facts = {
        "id": thing.id, "iid": thing.iid, "title": thing.title, "description": thing.description, "state": thing.state,
        "author_id": thing.author.id, "created_at": hook_time(thing.created_at), "labels": list(thing.labels),
        "updated_at": hook_time(thing.updated_at), "assignee_ids": [user.id for user in thing.assignees],
    }  # fmt: skip
    if thing.kind == "MergeRequest":
        facts |= {
            "source_branch": thing.source_branch, "target_branch": thing.target_branch, "draft": thing.draft,
            "source_project_id": thing.source_project.id, "target_project_id": thing.project.id,
            "work_in_progress": thing.draft, "last_commit": {"id": thing.sha}, "merge_status": "checking",
            "reviewer_ids": [user.id for user in thing.reviewers], "source": project_facts(thing.source_project),
            "target": project_facts(thing.project), "detailed_merge_status": "checking",
        }  # fmt: skip
    return facts


def hook_time(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else stamp(moment)
