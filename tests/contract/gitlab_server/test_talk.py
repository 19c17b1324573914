"""Notes, discussions, quick actions, mentions, suggestions, emoji and uploads."""

import gitlab
import pytest
import requests

from tests.gitlab_server import Access


def position(mr, **lines):
    refs = {name: mr.diff_refs[name] for name in ("base_sha", "start_sha", "head_sha")}
    return {**refs, "position_type": "text", "new_path": "core.py", "old_path": "core.py", **lines}


def test_quick_actions_run_and_are_stripped(shop):
    mr = shop.change()
    mr.notes.create({"body": "Looks good\n/title Better\n/optimize core\nbye"})
    (note,) = shop.project.merge_requests[mr.iid].human_notes
    assert note.body == "Looks good\n/optimize core\nbye"
    assert [(one.name, one.arguments) for one in shop.server.executed] == [("title", "Better")]
    assert shop.api.mergerequests.get(mr.iid).title == "Better"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("/MERGE\r\nx", "x"),
        ("`a`\n/shrug `b`", "`a`"),
        ("one\n\n/todo\n\ntwo", "one\n\ntwo"),
        ("> a\n\n/todo\nb", "> a\n\nb"),
    ],
)
def test_where_quick_actions_stand(shop, body, left):
    shop.change(description=body)
    assert shop.project.merge_requests[1].description == left


def test_long_hostile_texts(shop):
    for body in ("/todo\n" * 20_000, "x\n" + "<a>\n" * 40_000 + "/todo", "`" * 100_000 + "\n/todo"):
        shop.change(f"b{len(shop.project.merge_requests)}", description=body)
    assert len(shop.server.executed) == 20_001


def test_a_note_of_quick_actions_only_is_not_kept(shop):
    mr = shop.change()
    mr.notes.create({"body": "/close"})
    held = shop.project.merge_requests[mr.iid]
    assert (held.human_notes, held.state) == ([], "closed")


@pytest.mark.parametrize(
    "body",
    ["```\n/close\n```", "> /close", "text /close", "<div>\n/close\n</div>", ">>>\n/close\n>>>", "/closed", "\\/close"],
)
def test_what_is_no_quick_action(shop, body):
    mr = shop.change(description=body)
    mr.notes.create({"body": body})
    held = shop.project.merge_requests[mr.iid]
    assert (held.state, held.description, shop.server.executed) == ("opened", body, [])


def test_quick_actions_in_descriptions_and_edits_run_too(shop):
    mr = shop.change(description="text\n/lock")
    note = mr.notes.create({"body": "one"})
    note.body = "two\n/draft"
    note.save()
    held = shop.project.merge_requests[mr.iid]
    assert (held.description, held.locked, held.draft) == ("text", True, True)
    assert held.human_notes[0].body == "two"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("hello @maria and @team/core", ["maria", "team/core"]),
        ("`@maria` ```x @maria```", []),
        ("    @maria", []),
        ("\\@maria", []),
        ("&#64;maria", ["maria"]),
        ("<b>@all</b> <!-- @maria -->", ["all"]),
        ("a@b.c", []),
    ],
)
def test_mentions(shop, body, named):
    shop.change().notes.create({"body": body})
    assert [one.name for one in shop.server.mentions] == named


def test_references(shop):
    shop.change(description="Closes #3, see !4 and ~bug, not `#5`, \\#6 or &#35;")
    assert [one.text for one in shop.server.references] == ["#3", "!4", "~bug"]


def test_a_note_on_a_line_of_the_diff_with_a_suggestion(shop, client):
    mr = shop.change()
    body = "Try this:\n```suggestion:-0+1\nline_5 = 7\n```\n"
    thread = mr.discussions.create({"body": body, "position": position(mr, new_line=5)})
    (note,) = thread.attributes["notes"]
    (suggestion,) = note["suggestions"]
    assert (suggestion["from_line"], suggestion["to_line"], suggestion["appliable"]) == (5, 6, True)
    assert suggestion["from_content"] == "line_5 = 6\nline_6 = 6\n"
    shop.server.problems.clear()
    answer = requests.put(
        f"{shop.server.api}/suggestions/{suggestion['id']}/apply",
        headers={"PRIVATE-TOKEN": shop.token.secret}, timeout=10,
    )  # fmt: skip
    assert answer.json()["applied"]
    assert b"line_4 = 4\nline_5 = 7\nline_7 = 7" in shop.project.repository.read("hotlap/core", "core.py")


@pytest.mark.parametrize(
    "wrong",
    [
        {"new_line": 29},
        {"new_line": 4},
        {"old_line": 6},
        {"new_line": 5, "new_path": "other.py"},
        {"new_line": 5, "head_sha": "0" * 40},
    ],
)
def test_a_position_outside_the_diff_is_refused(shop, wrong):
    mr = shop.change()
    with pytest.raises(gitlab.GitlabCreateError, match="must be a valid line code"):
        mr.discussions.create({"body": "x", "position": position(mr, **wrong)})


def test_threads_and_answers(shop, client):
    mr = shop.change()
    thread = mr.discussions.create({"body": "one"})
    thread.notes.create({"body": "two"})
    loose = mr.notes.create({"body": "three"})
    by_id = {one.id: one.attributes for one in mr.discussions.list(get_all=True)}
    assert [note["body"] for note in by_id[thread.id]["notes"]] == ["one", "two"]
    (single,) = (one for one in by_id.values() if one["notes"][0]["id"] == loose.id)
    assert single["individual_note"]
    thread.resolved = True
    thread.save()
    assert all(note.resolved for note in shop.project.merge_requests[mr.iid].discussions[thread.id])


def test_only_its_author_changes_a_note(shop, client):
    mr = shop.change()
    note = shop.server.say(shop.project.merge_requests[mr.iid], shop.owner, "mine")
    with pytest.raises(gitlab.GitlabUpdateError) as refused:
        mr.notes.update(note.id, {"body": "yours"})
    assert refused.value.response_code == 403


def test_internal_notes_are_not_for_guests(shop, client):
    issue = shop.server.open_issue(shop.project, shop.owner, "Secret")
    shop.server.say(issue, shop.owner, "inside", internal=True)
    guest = client(shop.server.add_token(shop.guest).secret).projects.get(shop.project.id)
    assert guest.issues.get(issue.iid).notes.list(get_all=True) == []
    assert [note.internal for note in shop.api.issues.get(issue.iid).notes.list(get_all=True)] == [True]


def test_an_emoji_once_per_person(shop):
    mr = shop.change()
    note = mr.notes.create({"body": "one"})
    given = note.awardemojis.create({"name": "eyes"})
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        note.awardemojis.create({"name": "eyes"})
    assert refused.value.response_code == 404
    note.awardemojis.delete(given.id)
    assert note.awardemojis.list(get_all=True) == []


def test_uploads(shop):
    made = shop.api.upload("plot.png", filedata=b"png")
    assert made["markdown"] == f"![plot]({made['url']})"
    (kept,) = shop.project.uploads
    assert (kept.filename, kept.content) == ("plot.png", b"png")


@pytest.mark.parametrize("body", ["", "   ", "x" * 1_048_577])
def test_texts_that_are_no_notes(shop, body):
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.change().notes.create({"body": body})
    assert refused.value.response_code == 400


def test_labels(shop):
    shop.api.labels.create({"name": "hotlap", "color": "#112233"})
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.api.labels.create({"name": "hotlap", "color": "#112233"})
    assert refused.value.response_code == 409
    assert [one.name for one in shop.api.labels.list(get_all=True)] == ["hotlap"]


def test_a_locked_thread_is_for_members(shop, client):
    shop.project.visibility = "public"
    mr = shop.change(description="x\n/lock")
    stranger = client(shop.server.add_token(shop.server.add_user("stella")).secret).projects.get(shop.project.id)
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        stranger.mergerequests.get(mr.iid).notes.create({"body": "hi"})
    assert refused.value.response_code == 403
    shop.server.add_member(shop.project, shop.server.world.user("stella"), Access.GUEST)
    stranger.mergerequests.get(mr.iid).notes.create({"body": "hi"})
