"""Notes, discussions, suggestions and emoji: what a text does from the moment it is posted."""

import hashlib
import re

from tests.gitlab_server import actions, changes, checklist, diffs, hooks
from tests.gitlab_server.changes import LONGEST, discussion_id
from tests.gitlab_server.state import Access
from tests.gitlab_server.talk import Award, Note, Suggestion
from tests.gitlab_server.world import RefusalError, forbidden, not_found

SUGGESTION = re.compile(
    r"^(`{3,})suggestion(?::-(?P<above>\d+)\+(?P<below>\d+))?[ \t]*\n(?P<lines>.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL
)
EMOJI = re.compile(r"[a-z0-9_+\-]+")


def describe(world, thing, user, text):
    """Store a description: quick actions run and go, mentions are read."""
    left, found = actions.perform(world, thing, user, text or "")
    before, thing.description = thing.description, left if found else text or ""
    for label, done in checklist.changed(before, thing.description):
        changes.system_note(world, thing, user, f"marked the checklist item **{label}** as {done}")
    thing.updated_at = world.now()
    world.read(user, thing.description, actions.place(thing))


def say(world, thing, user, body, *, discussion=None, internal=False, position=None, threaded=False):
    """Post a note; gives None where the text held quick actions only. Raises RefusalError as GitLab does."""
    _check(world, thing, user, body)
    if internal and world.access(thing.project, user) < Access.REPORTER:
        raise forbidden()
    kind = "DiffNote" if position else "DiscussionNote" if threaded else None
    if discussion is not None:
        first = thing.discussions.get(discussion)
        if first is None:
            raise not_found("Discussion")
        kind, position = first[0].kind or "DiscussionNote", first[0].position
        first[0].kind = kind
    elif position:
        diffs.check_position(thing, position)
    left, found = actions.perform(world, thing, user, body)
    if found and not left.strip():
        return None
    now = world.now()
    note = Note(
        world.next("note"), thing, discussion or discussion_id(world), user, left if found else body, now, now,
        kind=kind, position=position, internal=internal,
    )  # fmt: skip
    thing.notes.append(note)
    thing.updated_at = now
    note.suggestions = _suggestions(world, note)
    world.read(user, note.body, actions.place(thing))
    hooks.note(world, note, user, "create")
    return note


def _check(world, thing, user, body):
    if thing.locked and world.access(thing.project, user) < Access.GUEST:
        raise forbidden()
    if not body.strip():
        raise RefusalError(400, '400 (Bad request) "Note {:note=>["can\'t be blank"]}" not given')
    if len(body) > LONGEST:
        wrong = f"is too long (maximum is {LONGEST} characters)"
        raise RefusalError(400, f'400 (Bad request) "Note {{:note=>["{wrong}"]}}" not given')


def edit(world, note, user, body):
    """Change a note's text; only its author or a maintainer may."""
    _may_change(world, note, user)
    _check(world, note.thing, user, body)
    left, found = actions.perform(world, note.thing, user, body)
    if found and not left.strip():
        note.thing.notes.remove(note)
        return
    note.body = left if found else body
    note.updated_at, note.updated_by = world.now(), user
    note.suggestions = _suggestions(world, note)
    world.read(user, note.body, actions.place(note.thing))
    hooks.note(world, note, user, "update")


def delete(world, note, user):
    _may_change(world, note, user)
    note.thing.notes.remove(note)


def _may_change(world, note, user):
    if note.system or (note.author is not user and world.access(note.thing.project, user) < Access.MAINTAINER):
        raise forbidden()


def award(world, subject, user, name):
    """Give an emoji to a note, merge request or issue. Raises RefusalError 404 where it was given or does not exist."""
    if not EMOJI.fullmatch(name):
        raise RefusalError(400, {"message": {"name": ["is not a valid emoji name"]}})
    if any(award.name == name and award.user is user for award in subject.awards):
        raise RefusalError(404, "404 Award Emoji Name has already been taken Not Found")
    given = Award(world.next("award"), name, user, world.now())
    subject.awards.append(given)
    hooks.emoji(world, subject, given, "award")
    return given


def revoke(world, subject, user, award):
    if award.user is not user and not user.admin:
        raise forbidden()
    subject.awards.remove(award)
    hooks.emoji(world, subject, award, "revoke")


def line_code(position):
    path = position.get("new_path") or position.get("old_path") or ""
    old, new = position.get("old_line") or 0, position.get("new_line") or 0
    return f"{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}_{old}_{new}"


def _suggestions(world, note):
    line = (note.position or {}).get("new_line")
    if note.kind != "DiffNote" or line is None or note.thing.kind != "MergeRequest":
        return []
    made = []
    for match in SUGGESTION.finditer(note.body):
        above, below = int(match["above"] or 0), int(match["below"] or 0)
        if above <= 100 and below <= 100:
            path = note.position["new_path"]
            first, last = max(1, int(line) - above), int(line) + below
            made.append(Suggestion(world.next("suggestion"), note, path, first, last, match["lines"]))
    return made


def apply_suggestion(world, suggestion, user):
    """Commit a suggestion on the source branch of its merge request. Raises RefusalError."""
    mr = suggestion.note.thing
    if world.access(mr.source_project, user) < Access.DEVELOPER:
        raise forbidden()
    if suggestion.applied or mr.state != "opened" or suggestion.note.position["head_sha"] != mr.sha:
        raise RefusalError(400, {"message": "A suggestion is not applicable."})
    repository = mr.source_project.repository
    lines = repository.read(mr.sha, suggestion.path).decode().splitlines(keepends=True)
    lines[suggestion.first - 1 : suggestion.last] = [suggestion.lines]
    author = f"{user.name} <{user.email}>"
    repository.commit(mr.source_branch, {suggestion.path: "".join(lines)}, "Apply 1 suggestion(s)", author)
    suggestion.applied = True
