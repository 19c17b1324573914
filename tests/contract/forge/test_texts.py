"""Hostile texts through every field that the bot posts: nothing executes, mentions anybody or refers to anything."""

import pytest

from bot.adapters.gitlab.outgoing import LONGEST_BODY
from bot.domain.forge import MergeRequestEdit, NewMergeRequest, Noteable, NoteableKind
from bot.domain.marker import topic_of
from bot.report import escape
from tests.fakes.hostile import HUGE, STRINGS

SMALL = {name: text for name, text in STRINGS.items() if not name.startswith("huge")}


@pytest.fixture
def open_request(shop):
    """The forge, and a merge request of a person to talk on."""
    shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "1\n"}, "work")
    request = shop.server.open_merge_request(shop.project, shop.people["dev"], "feature")
    return shop.forge(), Noteable(NoteableKind.MERGE_REQUEST, request.iid), request


def assert_inert(shop):
    assert shop.server.executed == []
    assert shop.server.mentions == []
    assert [one for one in shop.server.references if one.author.startswith("project_")] == []


def shown(text):
    """A description as reports make it: the text as prose, as code, in a table and in a block."""
    parts = (escape.text(text), f"- {escape.text(text)}", f"| {escape.cell(text)} |\n|---|", escape.fence(text))
    return "\n\n".join(map(str, parts))


@pytest.mark.slow
def test_through_notes(shop, open_request):
    forge, at, request = open_request
    for text in SMALL.values():
        forge.talk.say(at, "hostile", shown(text))
    assert len(request.human_notes) == 1
    assert_inert(shop)


@pytest.mark.slow
def test_through_titles_and_descriptions(shop):
    shop.server.push(shop.project, shop.people["dev"], "hotlap/x", {"a.py": "1\n"}, "work")
    forge = shop.forge()
    one = forge.merge_requests.create(NewMergeRequest("hotlap/x", "main", "Draft: x", "x"))
    for text in SMALL.values():
        edit = MergeRequestEdit(title=f"Draft: Make {text} faster", description=shown(text))
        forge.merge_requests.update(one.iid, edit)
        forge.issues.write("dashboard", f"What {text} found", shown(text))
        found = shop.project.merge_requests[one.iid]
        assert len(found.title) <= 255
        assert found.draft
        assert found.state == "opened"
    assert len(shop.project.issues) == 1
    assert_inert(shop)


def test_text_that_nobody_escaped_neither_executes_nor_mentions(shop, open_request):
    forge, at, _ = open_request
    for text in SMALL.values():
        forge.talk.say(at, "raw", text)
    assert shop.server.executed == []
    assert shop.server.mentions == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["at signs", "unseen"])
def test_two_megabytes_are_cut_to_what_gitlab_takes(shop, open_request, name):
    _, at, request = open_request
    shop.forge(timeout=60).talk.say(at, "huge", f"start\n\n{HUGE[name]}")
    (note,) = request.human_notes
    assert len(note.body) <= LONGEST_BODY
    assert topic_of(note.body) == "huge"
    assert shop.server.executed == []
    assert shop.server.mentions == []


def test_a_token_appears_in_nothing_that_is_posted(shop, open_request):
    forge, at, request = open_request
    secret = shop.token.secret
    forge.talk.say(at, "leak", f"the log says {secret} and PRIVATE-TOKEN: {secret}")
    forge.merge_requests.update(at.iid, MergeRequestEdit(title=f"x {secret}", description=f"```\n{secret}\n```"))
    forge.issues.write("leak", secret, secret)
    posted = [note.body for note in request.notes] + [request.title, request.description]
    posted += [one.title + one.description for one in shop.project.issues.values()]
    assert not any(secret in text for text in posted)
