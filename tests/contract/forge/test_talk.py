import datetime as dt

import pytest

from bot.domain.errors import ForgeError, Refused
from bot.domain.forge import Access, DiffLine, MergeRequestEdit, Noteable, NoteableKind
from bot.domain.marker import memo_of
from tests.gitlab_server import Fault

LONG_AGO = dt.date(2000, 1, 1)
WRONG = "glpat-wrong-and-never-given"


@pytest.fixture
def talk(shop):
    shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "one = 1\ntwo = 2\n"}, "work")
    request = shop.server.open_merge_request(shop.project, shop.people["dev"], "feature")
    return shop.forge(), Noteable(NoteableKind.MERGE_REQUEST, request.iid), request


def test_a_topic_has_one_note_that_is_edited_in_place(talk):
    forge, at, request = talk
    first = forge.talk.say(at, "report", "10%")
    second = forge.talk.say(at, "report", "20%")
    forge.talk.say(at, "other", "something else")
    assert first.id == second.id
    assert [note.body.partition("\n\n")[2] for note in request.human_notes] == ["20%", "something else"]


def test_the_same_text_again_writes_nothing(shop, talk):
    forge, at, _ = talk
    forge.talk.say(at, "report", "10%")
    before = len(shop.writes())
    forge.talk.say(at, "report", "10%")
    assert len(shop.writes()) == before


def test_a_marker_of_somebody_else_is_not_the_bots(shop, talk):
    forge, at, request = talk
    shop.server.say(request, shop.people["guest"], "<!-- hotlap:report -->\n\nmine")
    forge.talk.say(at, "report", "10%")
    assert [note.body.partition("\n\n")[2] for note in request.human_notes] == ["mine", "10%"]


def test_a_note_that_somebody_deleted_is_posted_again(shop, talk):
    forge, at, request = talk
    forge.talk.say(at, "report", "10%")
    shop.server.delete_note(request.human_notes[0], shop.people["maria"])
    forge.talk.say(at, "report", "20%")
    assert len(request.human_notes) == 1


def test_two_jobs_at_the_same_moment_leave_the_older_note(shop, talk):
    forge, at, request = talk
    other = shop.forge()
    shop.server.faults.add(
        Fault.call(lambda: other.talk.say(at, "report", "theirs"), acted=False),
        at=shop.server.calls + 3,
        method="POST",
    )
    forge.talk.say(at, "report", "ours")
    assert shop.server.faults.fired
    assert len(request.human_notes) == 1


def test_a_reply_stands_in_the_thread_that_asked_and_keeps_its_memo(shop, talk):
    forge, at, request = talk
    asked = shop.server.say(request, shop.people["dev"], "/optimize")
    thread = forge.talk.note(at, asked.id).thread
    claimed = forge.talk.claim(at, "command/1", "Looking.", thread, "run=5 user=3 seconds=60")
    assert forge.talk.claim(at, "command/1", "Me too.", thread, "run=6 user=3 seconds=60").id == claimed.id
    said = forge.talk.say(at, "command/1", "Done.", thread)
    assert memo_of(said.body) == "run=5 user=3 seconds=60"
    assert {note.thread for note in forge.talk.notes(at) if not note.system} == {thread}


def test_a_reaction_is_put_once(shop, talk):
    forge, at, request = talk
    asked = shop.server.say(request, shop.people["dev"], "/optimize")
    shop.server.award(asked, shop.people["dev"], "eyes")
    assert forge.reactions.react(at, asked.id, "eyes")
    assert not forge.reactions.react(at, asked.id, "eyes")
    assert len(asked.awards) == 2


def test_many_notes_are_read_page_by_page(shop, talk):
    forge, at, request = talk
    for number in range(130):
        shop.server.say(request, shop.people["dev"], f"note {number}")
    assert len([note for note in forge.talk.notes(at) if not note.system]) == 130
    forge.talk.say(at, "report", "10%")
    forge.talk.say(at, "report", "20%")
    assert len(request.human_notes) == 131


def test_a_suggestion_stands_at_its_line_once(talk):
    forge, at, request = talk
    one = forge.merge_requests.get(at.iid)
    line = DiffLine(one.base_sha, one.start_sha, one.head_sha, "a.py", 2)
    body = "Faster:\n\n```suggestion:-0+0\ntwo = 1 + 1  # @all /merge\n```"
    forge.talk.suggest(at, "suggestion/a", body, line)
    forge.talk.suggest(at, "suggestion/a", body, line)
    (note,) = request.human_notes
    assert "two = 1 + 1  # @all /merge" in note.body


def test_code_that_would_have_to_be_changed_is_not_suggested(shop, talk):
    forge, at, request = talk
    line = DiffLine("a" * 40, "a" * 40, "a" * 40, "a.py", 2)
    for code in ("/merge", f"key = '{shop.token.secret}'", "a\u202eb"):
        with pytest.raises(Refused, match="cannot be suggested"):
            forge.talk.suggest(at, "suggestion/a", f"```suggestion:-0+0\n{code}\n```", line)
    assert request.human_notes == []


def test_labels_are_added_and_removed_one_by_one(talk):
    forge, at, request = talk
    request.labels[:] = ["theirs"]
    forge.merge_requests.update(at.iid, MergeRequestEdit(add_labels=("hotlap", "fast")))
    forge.merge_requests.update(at.iid, MergeRequestEdit(remove_labels=("fast",)))
    assert set(request.labels) == {"theirs", "hotlap"}


def test_access_is_what_it_is_now(shop):
    directory, people, server = shop.forge().directory, shop.people, shop.server
    assert {name: directory.access(user.id) for name, user in people.items()} == {
        "maria": Access.OWNER,
        "dev": Access.DEVELOPER,
        "rose": Access.REPORTER,
        "guest": Access.GUEST,
        "stranger": Access.NONE,
    }
    server.add_member(shop.project, people["stranger"], Access.MAINTAINER, inherited=True)
    assert directory.access(people["stranger"].id) == Access.MAINTAINER
    server.add_member(shop.project, people["guest"], Access.MAINTAINER, state="awaiting")
    assert directory.access(people["guest"].id) == Access.NONE
    server.add_member(shop.project, people["rose"], Access.MAINTAINER, expires_at=LONG_AGO)
    assert directory.access(people["rose"].id) == Access.NONE
    server.remove_member(shop.project, people["dev"])
    assert directory.access(people["dev"].id) == Access.NONE


def test_a_levels_number_that_is_not_known_counts_for_no_more():
    assert [Access.at_most(level) for level in (35, 999, -5)] == [Access.DEVELOPER, Access.ADMIN, Access.NONE]


def test_files_and_branches(shop):
    contents = shop.forge().contents
    assert contents.file("src/total.py", "main").startswith(b"def total")
    assert contents.file("no/such.py", "main") is None
    assert contents.tip("main") == shop.project.repository.sha("main")
    assert contents.tip("no/such") is None


@pytest.mark.parametrize("path", ["../../etc/passwd", "a b#?%.py", "\u00fcml.py", "x\ny"])
def test_strange_paths_are_no_paths_of_the_api(shop, path):
    assert shop.forge().contents.file(path, "main") is None


def test_an_issue_of_the_bot_is_one_and_stays_closed(shop):
    issues = shop.forge().issues
    shop.server.open_issue(shop.project, shop.people["guest"], "x", "<!-- hotlap:dashboard -->\n\nmine")
    first = issues.write("dashboard", "Dashboard", "one", ("hotlap",))
    assert issues.write("dashboard", "Dashboard", "two").iid == first.iid
    shop.project.issues[first.iid].state = "closed"
    assert issues.write("dashboard", "Dashboard", "three").opened is False
    assert len(shop.project.issues) == 2
    assert "two" in shop.project.issues[first.iid].description


def test_two_jobs_that_find_no_issue_at_the_same_moment_leave_one(shop):
    first, second = shop.forge().issues, shop.forge().issues

    def meanwhile():
        second.write("dashboard", "Dashboard", "of the second")

    shop.server.faults.add(Fault.call(meanwhile, acted=False), method="POST", path="*/issues")
    first.write("dashboard", "Dashboard", "of the first")
    opened = [one for one in shop.project.issues.values() if one.state == "opened"]
    assert len(opened) == 1
    assert "of the first" in opened[0].description


def test_a_branch_that_gitlab_does_not_see_yet_is_waited_for(shop):
    shop.server.late.source_branch = 2
    remote = shop.remote()
    change = shop.change(remote)
    remote.push(change.branch, change.commit, None)
    from bot.domain.forge import NewMergeRequest

    new = NewMergeRequest(change.branch, "main", "Draft: x", "y")
    assert shop.forge().merge_requests.create(new).iid == shop.forge().merge_requests.create(new).iid
    assert len(shop.project.merge_requests) == 1
    assert shop.slept


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda shop: shop.forge(token=WRONG), "does not accept the token"),
        (lambda shop: shop.forge(token=_token(shop, scopes=("read_api",))), "lacks a scope"),
        (lambda shop: shop.forge(token=_token(shop, expires_at=LONG_AGO)), "does not accept the token"),
    ],
    ids=["wrong", "scope", "expired"],
)
def test_a_token_that_will_not_do_is_said_with_what_to_do(shop, talk, break_it, sentence):
    with pytest.raises(ForgeError, match=sentence) as failed:
        break_it(shop).talk.say(talk[1], "x", "y")
    assert "HOTLAP_GITLAB_TOKEN" in str(failed.value)
    assert not failed.value.retryable


def _token(shop, scopes=("api",), expires_at=None):
    return shop.server.add_token(shop.people["dev"], scopes=scopes, expires_at=expires_at).secret
