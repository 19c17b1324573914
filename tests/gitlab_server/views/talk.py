"""JSON of notes, discussions, emoji, issues and merge requests."""

from tests.gitlab_server import changes, conversation
from tests.gitlab_server.clock import stamp
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import ci
from tests.gitlab_server.views.people import user


def note(world, one):
    shown = {
        "id": one.id, "type": one.kind, "body": one.body, "attachment": None, "author": user(world, one.author),
        "created_at": stamp(one.created_at), "updated_at": stamp(one.updated_at), "system": one.system,
        "noteable_id": one.thing.id, "noteable_type": one.thing.kind, "project_id": one.thing.project.id,
        "resolvable": one.kind is not None and not one.system, "confidential": one.internal, "internal": one.internal,
        "imported": False, "imported_from": "none", "noteable_iid": one.thing.iid, "commands_changes": {},
    }  # fmt: skip
    if shown["resolvable"]:
        shown |= {"resolved": one.resolved, "resolved_by": user(world, one.resolved_by), "resolved_at": None}
    if one.kind == "DiffNote":
        code = conversation.line_code(one.position)
        ends = {"line_code": code, "type": None, **_lines(one.position)}
        shown["position"] = {
            "position_type": "text", "old_path": one.position.get("new_path"),
            "line_range": {"start": ends, "end": ends},
            **one.position, **_lines(one.position),
        }  # fmt: skip
        shown["suggestions"] = [suggestion(world, each) for each in one.suggestions]
    if one.updated_by is not None:
        shown["updated_by_id"] = one.updated_by.id
    return shown


def _lines(position):
    return {side: int(position[side]) if position.get(side) else None for side in ("old_line", "new_line")}


def suggestion(world, one):
    mr = one.note.thing
    content = mr.project.repository.read(one.note.position["head_sha"], one.path) or b""
    lines = content.decode(errors="replace").splitlines(keepends=True)
    fresh = mr.state == "opened" and one.note.position["head_sha"] == mr.sha
    return {
        "id": one.id, "from_line": one.first, "to_line": one.last, "applied": one.applied,
        "appliable": fresh and not one.applied, "from_content": "".join(lines[one.first - 1 : one.last]),
        "to_content": one.lines,
    }  # fmt: skip


def discussion(world, key, notes):
    return {
        "id": key,
        "individual_note": notes[0].kind is None,
        "notes": [note(world, one) for one in notes],
    }


def award(world, one, subject):
    kind = "Note" if hasattr(subject, "thing") else subject.kind
    return {
        "id": one.id, "name": one.name, "user": user(world, one.user), "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at), "awardable_id": subject.id, "awardable_type": kind, "url": None,
    }  # fmt: skip


def _thing(world, one):
    reference = f"{one.project.path}{one.sigil}{one.iid}"
    votes = [award.name for award in one.awards]
    return {
        "id": one.id, "iid": one.iid, "project_id": one.project.id, "title": one.title,
        "description": one.description, "state": one.state, "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at), "closed_by": user(world, one.closed_by),
        "closed_at": stamp(one.closed_at), "author": user(world, one.author), "milestone": None,
        "assignees": [user(world, each) for each in one.assignees],
        "assignee": user(world, one.assignees[0] if one.assignees else None), "labels": list(one.labels),
        "user_notes_count": len(one.human_notes), "upvotes": votes.count("thumbsup"), "imported": False,
        "downvotes": votes.count("thumbsdown"), "imported_from": "none", "discussion_locked": one.locked or None,
        "references": {"short": f"{one.sigil}{one.iid}", "relative": f"{one.sigil}{one.iid}", "full": reference},
        "web_url": f"{one.project.web_url}/-/{one.segment}/{one.iid}",
        "time_stats": {
            "time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None, "human_total_time_spent": None,
        },
        "task_completion_status": {
            "count": one.description.count("- [ ]") + one.description.count("- [x]"),
            "completed_count": one.description.count("- [x]"),
        },
    }  # fmt: skip


def issue(world, one):
    return {
        **_thing(world, one), "type": "ISSUE", "issue_type": "issue", "confidential": False, "due_date": None,
        "merge_requests_count": 0, "has_tasks": "- [" in one.description, "moved_to_id": None, "severity": "UNKNOWN",
        "service_desk_reply_to": None, "_links": {}, "weight": None,
    }  # fmt: skip


def merge_status(world, one):
    """GitLab's detailed status; `checking` for as many reads as `late.merge_status` says."""
    if one.state != "opened":
        return "not_open"
    if one.reads <= world.late.merge_status:
        return "checking"
    if not one.source_project.repository.has(f"refs/heads/{one.source_branch}") or changes.conflicts(one):
        return "conflict"
    if one.draft:
        return "draft_status"
    return "mergeable"


def merge_request(world, one, asks=None, *, full=False):
    """A merge request; `full` is how it stands alone, and reading it so lets GitLab catch up by one step."""
    if full:
        one.reads += 1
    status = merge_status(world, one)
    old = {"checking": "checking", "conflict": "cannot_be_merged"}.get(status, "can_be_merged")
    shown = {
        **_thing(world, one), "merged_by": user(world, one.merged_by), "merge_user": user(world, one.merged_by),
        "merged_at": stamp(one.merged_at), "target_branch": one.target_branch, "source_branch": one.source_branch,
        "reviewers": [user(world, each) for each in one.reviewers], "source_project_id": one.source_project.id,
        "target_project_id": one.project.id, "draft": one.draft, "work_in_progress": one.draft,
        "merge_when_pipeline_succeeds": False, "merge_status": old, "detailed_merge_status": status,
        "merge_after": None, "sha": one.sha, "merge_commit_sha": one.merge_commit,
        "squash_commit_sha": one.squash_commit,
        "should_remove_source_branch": None, "force_remove_source_branch": one.remove_source_branch,
        "prepared_at": stamp(one.created_at), "reference": f"!{one.iid}", "squash": one.squash,
        "squash_on_merge": one.squash, "has_conflicts": status == "conflict", "allow_collaboration": False,
        "blocking_discussions_resolved": True, "allow_maintainer_to_push": False,
    }  # fmt: skip
    if full:
        shown |= _alone(world, one, asks)
    return shown


def _alone(world, one, asks):
    pipeline = one.pipelines[-1] if one.pipelines and one.reads > world.late.head_pipeline else None
    version = one.versions[-1] if one.versions and one.reads > world.late.diff_refs else None
    refs = {"base_sha": version.base, "head_sha": version.head, "start_sha": version.start} if version else None
    count = one.project.repository.git("diff", "--name-only", version.base, version.head) if version else ""
    return {
        "subscribed": False, "changes_count": str(len(count.splitlines())) if version else None, "diff_refs": refs,
        "latest_build_started_at": None, "latest_build_finished_at": None, "merge_error": None,
        "first_deployed_to_production_at": None, "first_contribution": False,
        "pipeline": ci.pipeline_basic(world, pipeline) if pipeline else None,
        "head_pipeline": ci.pipeline(world, pipeline) if pipeline else None, "rebase_in_progress": False,
        "user": {"can_merge": world.may_merge(one.project, asks, one.target_branch)}, "diverged_commits_count": 0,
    }  # fmt: skip


def version(mr, one):
    return {
        "id": one.id, "head_commit_sha": one.head, "base_commit_sha": one.base, "start_commit_sha": one.start,
        "created_at": stamp(one.created_at), "merge_request_id": mr.id, "state": "collected", "real_size": "1",
        "patch_id_sha": None,
    }  # fmt: skip


def approvals(world, one, asks):
    return {
        "user_has_approved": asks in one.approvals,
        "user_can_approve": asks not in one.approvals and world.access(one.project, asks) >= Access.DEVELOPER,
        "approved": bool(one.approvals),
        "approved_by": [{"user": user(world, each), "approved_at": None} for each in one.approvals],
    }
