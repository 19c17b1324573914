"""One comment event, from the hint to the reply, on the GitLab to test against."""

import datetime as dt

import pytest

from bot.app.comment import HEARD, REFUSED, Listener, topic
from bot.domain.command import Verb
from bot.domain.forge import Noteable, NoteableKind
from bot.domain.job import TriggerKind
from bot.domain.marker import topic_of
from bot.triggers.authorise import Policy
from bot.triggers.limits import Limits
from bot.triggers.payload import Hint
from tests.gitlab_server import Access

NOW = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def request_of_dev(shop):
    shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "1\n"}, "work")
    return shop.server.open_merge_request(shop.project, shop.people["dev"], "feature")


def hint(note, head=""):
    thing = note.thing
    kind = NoteableKind.MERGE_REQUEST if thing.kind == "MergeRequest" else NoteableKind.ISSUE
    return Hint(thing.project.id, Noteable(kind, thing.iid), note.id, head)


def listener(shop, run=1, limits=None, policy=None):
    now = dt.datetime.fromtimestamp(shop.server.clock.now(), dt.UTC)
    return Listener(shop.forge(), policy or Policy(hardware=("arm",)), limits or Limits(), run, lambda: now)


def replies(shop, thing):
    return [note.body.partition("\n\n")[2] for note in thing.human_notes if topic_of(note.body)]


def test_a_developer_is_heard_in_the_thread_and_gets_a_run(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "slow!\n/optimize `src/total.py::total` --hardware arm")
    heard = listener(shop).hear(hint(note))
    found = heard.trigger
    assert (found.kind, found.actor, found.project) == (TriggerKind.COMMAND, "dev", "team/shop")
    assert (found.merge_request, found.note, found.wanted) == (request_of_dev.iid, note.id, ("src/total.py::total",))
    assert found.head_sha == shop.project.repository.sha("feature")
    assert found.command.verb is Verb.RUN
    assert [award.name for award in note.awards] == [HEARD]
    assert replies(shop, request_of_dev) == ["Started. What comes of it will stand here."]
    (thread,) = (notes for notes in request_of_dev.discussions.values() if note in notes)
    assert len(thread) == 2


@pytest.mark.parametrize("name", ["guest", "stranger", "rose"])
def test_whoever_may_not_ask_gets_one_short_reply_and_a_reaction(shop, request_of_dev, name):
    note = shop.server.say(request_of_dev, shop.people[name], "/optimize")
    for run in (1, 1):
        heard = listener(shop, run).hear(hint(note))
        assert heard.trigger is None
        assert heard.sentence.startswith("command.access")
    (reply,) = replies(shop, request_of_dev)
    assert reply == "Not done: this needs the role Developer in the project."
    assert {award.name for award in note.awards} == {HEARD, REFUSED}


def test_rights_that_were_taken_away_meanwhile_do_not_count(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    shop.server.remove_member(shop.project, shop.people["dev"])
    assert listener(shop).hear(hint(note)).trigger is None


def test_the_author_counts_and_not_who_the_event_names(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["guest"], "/optimize")
    assert listener(shop).hear(hint(note)).trigger is None


SILENT = {
    "no command": "just words",
    "quoted": "> /optimize",
    "in code": "```\n/optimize\n```",
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_what_is_no_command_is_not_answered(shop, request_of_dev, body):
    note = shop.server.say(request_of_dev, shop.people["dev"], body)
    before = len(shop.writes())
    assert listener(shop).hear(hint(note)).trigger is None
    assert len(shop.writes()) == before


def test_the_bot_listens_neither_to_itself_nor_to_another_one(shop, request_of_dev):
    scopes = ("api",)
    other = shop.server.add_project_token(shop.project, "other", access=Access.MAINTAINER, scopes=scopes)
    for token in (shop.token, other):
        note = shop.server.say(request_of_dev, token.user, "/optimize")
        assert "not a person" in listener(shop).hear(hint(note)).sentence


def test_a_comment_that_is_gone_or_of_another_project(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    there = hint(note)
    assert "another project" in listener(shop).hear(Hint(99, there.at, there.note)).sentence
    shop.server.delete_note(note, shop.people["dev"])
    assert "gone" in listener(shop).hear(there).sentence


def test_a_second_delivery_is_not_a_second_run(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    first = shop.server.start_pipeline(shop.project, shop.people["maria"], ref="main", source="trigger")
    assert listener(shop, first.id).hear(hint(note)).trigger is not None
    assert "another pipeline" in listener(shop, first.id + 1).hear(hint(note)).sentence
    shop.server.finish(first, "success")
    assert listener(shop, first.id + 1).hear(hint(note)).trigger is None
    assert len(replies(shop, request_of_dev)) == 1


def test_a_pipeline_that_died_loses_the_comment_to_the_next(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    first = shop.server.start_pipeline(shop.project, shop.people["maria"], ref="main", source="trigger")
    listener(shop, first.id).hear(hint(note))
    shop.server.finish(first, "failed")
    assert listener(shop, first.id + 1).hear(hint(note)).trigger is not None


def test_a_fork_needs_a_maintainer_who_names_the_commit(shop):
    dev, maria = shop.people["dev"], shop.people["maria"]
    fork = shop.server.fork(shop.project, dev)
    shop.server.push(fork, dev, "feature", {"a.py": "1\n"}, "work")
    request = shop.server.open_merge_request(shop.project, dev, "feature", source_project=fork)
    head = fork.repository.sha("feature")
    for who, line in (
        (dev, "/optimize"),
        (dev, f"/optimize {head}"),
        (maria, "/optimize"),
        (maria, "/optimize " + "0" * 40),
    ):
        assert listener(shop).hear(hint(shop.server.say(request, who, line))).sentence.startswith("command.fork")
    found = listener(shop).hear(hint(shop.server.say(request, maria, f"/optimize {head}"))).trigger
    assert (found.head_sha, found.wanted) == (head, ())


def test_a_head_that_moved_is_not_run(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    before = shop.project.repository.sha("feature")
    shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "2\n"}, "more")
    assert listener(shop).hear(hint(note, before)).sentence.startswith("command.head-moved")


def test_too_many_commands_in_an_hour(shop, request_of_dev):
    limits = Limits(user_hourly=2)
    answers = []
    for _ in range(3):
        note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
        answers.append(listener(shop, limits=limits).hear(hint(note)).trigger is not None)
    assert answers == [True, True, False]
    note = shop.server.say(request_of_dev, shop.people["maria"], "/optimize")
    assert listener(shop, limits=limits).hear(hint(note)).trigger is not None


def test_what_is_refused_counts_for_nobodys_limits(shop, request_of_dev):
    limits = Limits(user_hourly=2, project_hourly=2, user_daily_seconds=4000, project_daily_seconds=4000)
    for name, line in (("guest", ""), ("guest", ""), ("guest", ""), ("dev", " --nonsense"), ("rose", " help")):
        note = shop.server.say(request_of_dev, shop.people[name], f"/optimize{line}")
        assert listener(shop, limits=limits).hear(hint(note)).trigger is None
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    assert listener(shop, limits=limits).hear(hint(note)).trigger is not None


def test_what_was_stopped_does_not_begin_again_when_its_event_comes_again(shop, request_of_dev):
    dev = shop.people["dev"]
    first = shop.server.say(request_of_dev, dev, "/optimize")
    running = shop.server.start_pipeline(shop.project, shop.people["maria"], ref="main", source="trigger")
    assert listener(shop, running.id).hear(hint(first)).trigger is not None
    listener(shop, running.id + 1).hear(hint(shop.server.say(request_of_dev, dev, "/optimize stop")))
    assert running.status == "canceled"
    assert listener(shop, running.id + 2).hear(hint(first)).trigger is None
    assert replies(shop, request_of_dev) == ["Stopped, as was asked for.", "Stopped 1 run."]


def test_whoever_takes_over_from_a_dead_pipeline_is_the_one_that_is_asked_and_stopped(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    start = lambda: shop.server.start_pipeline(shop.project, shop.people["maria"], ref="main", source="trigger")  # noqa: E731
    first, second = start(), start()
    listener(shop, first.id).hear(hint(note))
    shop.server.finish(first, "failed")
    assert listener(shop, second.id).hear(hint(note)).trigger is not None
    assert listener(shop, second.id + 1).hear(hint(note)).trigger is None
    stop = shop.server.say(request_of_dev, shop.people["dev"], "/optimize stop")
    listener(shop, second.id + 2).hear(hint(stop))
    assert (first.status, second.status) == ("failed", "canceled")


def test_a_retry_is_the_last_run_that_a_developer_asked_for_with_what_it_changes(shop, request_of_dev):
    dev, guest = shop.people["dev"], shop.people["guest"]
    ask = lambda who, line: listener(shop).hear(hint(shop.server.say(request_of_dev, who, line)))  # noqa: E731
    assert "nothing that could be tried again" in ask(dev, "/optimize retry").sentence
    ask(dev, "/optimize src/total.py::total --budget 5m keep it short")
    ask(guest, "/optimize other::thing")
    ask(dev, "/optimize --nonsense")
    found = ask(dev, "/optimize retry --hardware arm")
    assert found.trigger.wanted == ("src/total.py::total",)
    assert (found.trigger.command.hardware, found.trigger.command.text) == (("arm",), "keep it short")
    assert found.seconds == 300
    assert ask(guest, "/optimize retry").sentence.startswith("command.access")


def test_a_retry_of_what_only_a_maintainer_may_ask_for_is_refused(shop, request_of_dev):
    ask = lambda who, line: listener(shop).hear(hint(shop.server.say(request_of_dev, shop.people[who], line)))  # noqa: E731
    assert ask("maria", "/optimize --budget 2h").trigger is not None
    assert ask("dev", "/optimize retry").sentence.startswith("command.budget")


def test_several_commands_in_a_comment_are_not_chosen_from(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize a\n/optimize b")
    assert listener(shop).hear(hint(note)).sentence.startswith("command.syntax")


def test_help_status_and_stop(shop, request_of_dev):
    dev = shop.people["dev"]
    running = shop.server.start_pipeline(shop.project, shop.people["maria"], ref="main", source="trigger")
    listener(shop, running.id).hear(hint(shop.server.say(request_of_dev, dev, "/optimize")))
    for line in ("help", "status", "stop", "stop"):
        note = shop.server.say(request_of_dev, dev, f"/optimize {line}")
        assert listener(shop, running.id + 1).hear(hint(note)).trigger is None
    _, help_text, status, stopped, again = replies(shop, request_of_dev)
    assert "/optimize revise" in help_text
    assert f"pipeline {running.id}: created" in status
    assert stopped == "Stopped 1 run."
    assert again == "Nothing was running."
    assert running.status == "canceled"
    assert shop.server.executed == []


def test_a_comment_on_an_issue_is_about_the_default_branch(shop):
    issue = shop.server.open_issue(shop.project, shop.people["dev"], "slow")
    found = listener(shop).hear(hint(shop.server.say(issue, shop.people["dev"], "/optimize total"))).trigger
    assert (found.merge_request, found.head_sha) == (None, shop.project.repository.sha("main"))


def test_a_reply_shows_a_hostile_line_as_text(shop, request_of_dev):
    shop.server.add_member(shop.project, shop.people["stranger"], Access.DEVELOPER)
    note = shop.server.say(request_of_dev, shop.people["stranger"], "/optimize f --@all/merge x --hardware @root,#1")
    assert listener(shop).hear(hint(note)).sentence.startswith("command.syntax")
    assert [one for one in shop.server.mentions if one.author.startswith("project_")] == []


def test_the_reply_is_found_by_its_topic(shop, request_of_dev):
    note = shop.server.say(request_of_dev, shop.people["dev"], "/optimize")
    heard = listener(shop).hear(hint(note))
    at = Noteable(NoteableKind.MERGE_REQUEST, request_of_dev.iid)
    shop.forge().talk.say(at, topic(note.id), "Done.", heard.trigger.thread)
    assert replies(shop, request_of_dev) == ["Done."]
