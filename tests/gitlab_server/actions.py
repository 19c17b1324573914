"""Quick actions: what a line such as `/close` in a posted text does, with the rights of the one who posted it."""

import re

from tests.gitlab_server import changes
from tests.gitlab_server.state import Access
from tests.gitlab_server.text import QuickAction, extract
from tests.gitlab_server.world import RefusalError

LABEL = re.compile(r'~?"([^"]+)"|~?([^\s~"]+)')


def perform(world, thing, user, body):
    """Run and record the quick actions of a text on `thing`; returns the text without them."""
    left, found = extract(body)
    for name, arguments in found:
        world.executed.append(QuickAction(user.username, place(thing), name, arguments))
        effect = EFFECTS.get(name)
        if effect is not None and world.access(thing.project, user) >= Access.REPORTER:
            try:
                effect(world, thing, user, arguments)
            except RefusalError:
                continue  # GitLab says so in the page, and keeps the rest of the text
    return left, found


def place(thing):
    return f"{thing.project.path}{thing.sigil}{thing.iid}"


def _close(world, thing, user, _):
    changes.close(world, thing, user)


def _reopen(world, thing, user, _):
    changes.reopen(world, thing, user)


def _merge(world, thing, user, _):
    if thing.kind == "MergeRequest":
        changes.merge(world, thing, user)


def _approve(world, thing, user, _):
    if thing.kind == "MergeRequest":
        changes.approve(world, thing, user)


def _title(world, thing, user, arguments):
    thing.title = arguments or thing.title


def _draft(world, thing, user, _):
    if thing.kind == "MergeRequest" and not thing.draft:
        thing.title = f"Draft: {thing.title}"


def _ready(world, thing, user, _):
    if thing.kind == "MergeRequest" and thing.draft:
        thing.title = thing.title.partition(":")[2].strip()


def _label(world, thing, user, arguments):
    for match in LABEL.finditer(arguments):
        name = match[1] or match[2]
        if name in thing.project.labels and name not in thing.labels:
            thing.labels.append(name)


def _unlabel(world, thing, user, arguments):
    names = {match[1] or match[2] for match in LABEL.finditer(arguments)}
    thing.labels[:] = [name for name in thing.labels if names and name not in names]


def _assign(world, thing, user, arguments):
    for word in arguments.split():
        found = user if word == "me" else world.user(word.removeprefix("@"))
        if found is not None and found not in thing.assignees:
            thing.assignees.append(found)


def _lock(world, thing, user, _):
    thing.locked = True


EFFECTS = {
    "close": _close, "reopen": _reopen, "merge": _merge, "approve": _approve, "title": _title, "draft": _draft,
    "ready": _ready, "label": _label, "labels": _label, "unlabel": _unlabel, "remove_label": _unlabel,
    "assign": _assign, "lock": _lock,
}  # fmt: skip
