"""What happened in a project lately, as far as comments go."""

from tests.gitlab_server.clock import stamp
from tests.gitlab_server.views import people, talk
from tests.gitlab_server.web import Page, Route


def events(request):
    """GitLab leaves out the day that `after` names, and events that are not asked for by `action`."""
    project, wanted = request.project, request.query.get("action", "commented")
    notes = [note for one in (*project.merge_requests.values(), *project.issues.values()) for note in one.notes]
    after = request.query.get("after", "")
    found = [note for note in notes if not note.system and note.created_at.date().isoformat() > after]
    found.sort(key=lambda note: note.id, reverse=request.query.get("sort", "desc") == "desc")
    return Page(found if wanted == "commented" else [], lambda one: _event(request.world, one))


def _event(world, note):
    return {
        "id": note.id, "project_id": note.thing.project.id, "action_name": "commented on", "target_id": note.id,
        "target_iid": note.thing.iid, "target_type": note.kind or "Note", "author_id": note.author.id,
        "target_title": note.thing.title, "created_at": stamp(note.created_at), "note": talk.note(world, note),
        "author": people.user(world, note.author), "author_username": note.author.username,
        "imported": False, "imported_from": "none",
    }  # fmt: skip


ROUTES = (Route("GET", "projects/{project}/events", events),)
