import copy
import json

import pytest

from bot.domain.forge import Noteable, NoteableKind
from bot.triggers.payload import LONGEST, Hint, hint

SHA = "a" * 40
EVENT = {
    "object_kind": "note",
    "event_type": "note",
    "project_id": 7,
    "user": {"id": 1, "username": "root", "access_level": 50},
    "project": {"id": 9, "path_with_namespace": "evil/project"},
    "object_attributes": {
        "id": 5,
        "noteable_type": "MergeRequest",
        "action": "create",
        "note": "/optimize",
        "system": False,
    },
    "merge_request": {"iid": 3, "last_commit": {"id": SHA}},
}


def changed(**paths):
    event = copy.deepcopy(EVENT)
    for path, value in paths.items():
        *above, last = path.split("__")
        place = event
        for name in above:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return json.dumps(event).encode()


def test_only_numbers_are_taken():
    assert hint(changed()) == Hint(7, Noteable(NoteableKind.MERGE_REQUEST, 3), 5, SHA)


def test_a_comment_on_an_issue():
    event = changed(object_attributes__noteable_type="Issue", issue={"iid": 4})
    assert hint(event) == Hint(7, Noteable(NoteableKind.ISSUE, 4), 5)


def test_old_servers_name_no_action():
    assert isinstance(hint(changed(object_attributes__action=None)), Hint)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b"\xff\xfe", "not a JSON object"),
        (b"{}", "not about a comment"),
        (b" " * (LONGEST + 1), "not a JSON object"),
        (changed(object_kind="emoji"), "not about a comment"),
        (changed(object_attributes__action="update"), "commands run once"),
        (changed(object_attributes__system=True), "GitLab's own"),
        (changed(object_attributes__noteable_type="Snippet"), "neither"),
        (changed(object_attributes__noteable_type=["MergeRequest"]), "neither"),
        (changed(merge_request=None), "lacks the number"),
        (changed(merge_request__iid="3; rm -rf /"), "lacks the number"),
        (changed(merge_request__iid=True), "lacks the number"),
        (changed(merge_request__iid=-1), "lacks the number"),
        (changed(merge_request__iid=10**30), "lacks the number"),
        (changed(object_attributes__id=1.5), "lacks the number"),
        (changed(project_id=None), "lacks the number"),
    ],
    ids=range(18),
)
def test_what_is_no_event_to_act_on(data, sentence):
    assert sentence in hint(data)


@pytest.mark.parametrize("head", ["x", 5, None, {"id": 5}, "a" * 39])
def test_a_head_that_is_none_is_left_out(head):
    assert hint(changed(merge_request__last_commit=head or {})).head == ""
