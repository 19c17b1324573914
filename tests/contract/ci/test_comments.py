"""A comment event through the job that reads it, and once more by the job that proposes: who may start what."""

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest
import yaml

from bot.app.ci import commands
from bot.app.ci.environment import read
from bot.app.ci.exchange import ORDER, Exchange
from bot.config import parse
from bot.domain.errors import ExchangeError, Refused
from bot.triggers.payload import hint
from bot.wiring import forge as gitlab
from bot.wiring.pipelines import Pipeline
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow

CONFIG = "hardware: [{name: amd}, {name: arm}]\nbudget: {seconds: 600}\n"


@pytest.fixture
def shop(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    maria = gitlab_server.add_user("maria")
    project = gitlab_server.add_project("team/shop", maria, {"shop.py": "x = 1\n", ".hotlap.yml": CONFIG})
    token = gitlab_server.add_project_token(project, "hotlap", Access.DEVELOPER, ("api",))
    for name, value in (("URL", gitlab_server.url), ("TOKEN", token.secret), ("PROJECT", "team/shop")):
        monkeypatch.setenv(f"HOTLAP_GITLAB_{name}", value)
    gitlab_server.push(project, maria, "feature", {"shop.py": "x = 2\n"})
    mr = gitlab_server.open_merge_request(project, maria, "feature")
    return SimpleNamespace(
        server=gitlab_server, maria=maria, project=project, bot=token.user, mr=mr, place=tmp_path / "job", path=tmp_path
    )


def event(shop, user, body, head=None, **change):
    """The file that a webhook's event becomes, with `change` in its attributes."""
    note = shop.server.say(shop.mr, user, body)
    head = head or shop.project.repository.sha(shop.mr.source_branch)
    payload = {
        "object_kind": "note", "project_id": shop.project.id, "user": {"id": 1, "username": "liar"},
        "object_attributes": {"id": note.id, "noteable_type": "MergeRequest", "action": "create", **change},
        "merge_request": {"iid": shop.mr.iid, "last_commit": {"id": head}},
    }  # fmt: skip
    place = shop.path / "payload.json"
    place.write_text(json.dumps(payload))
    return note, place


def job(shop, place, number):
    environ = {
        "CI_PIPELINE_SOURCE": "trigger", "CI_PROJECT_PATH": "team/shop", "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": shop.project.repository.sha("main"), "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_ID": str(number),
        "TRIGGER_PAYLOAD": str(place),
    }  # fmt: skip
    return Pipeline(read(environ), shop.place, FakeProgress(), environ)


def taken(shop, place, number=None):
    number = number or shop.server.start_pipeline(shop.project, shop.maria, ref="main").id
    return job(shop, place, number).command(place.read_bytes())


def again(shop, place):
    found = hint(place.read_bytes())
    return commands.again(gitlab.forge(), found, job(shop, place, 1).job, parse(CONFIG.encode()))


def test_a_developer_starts_a_run_and_the_job_that_proposes_comes_to_the_same_order(shop):
    note, place = event(shop, shop.maria, "/optimize shop.py::f --hardware arm --budget 5m")
    found = taken(shop, place)
    order = Exchange(shop.place / "hotlap-ci").read(ORDER)
    assert order == found.order == again(shop, place).order
    assert (order.trigger.wanted, order.budget.seconds, order.target_branch) == (("shop.py::f",), 300.0, "feature")
    assert [one.name for one in order.hardware] == ["arm"]
    assert order.trigger.note == note.id
    assert [award.name for award in note.awards] == ["eyes"]


def test_the_second_delivery_of_one_event_starts_nothing(shop):
    _, place = event(shop, shop.maria, "/optimize")
    assert taken(shop, place).order is not None
    (shop.place / "hotlap-ci" / "order.json").unlink()
    assert taken(shop, place).order is None
    assert not (shop.place / "hotlap-ci" / "order.json").exists()
    assert len([note for note in shop.mr.human_notes if note.author.id == shop.bot.id]) == 1


def test_who_may_not_ask_is_refused_by_both_jobs_whatever_the_event_claims(shop):
    guest = shop.server.add_user("gustav")
    shop.server.add_member(shop.project, guest, Access.GUEST)
    _, place = event(shop, guest, "/optimize")
    assert taken(shop, place).order is None
    assert again(shop, place).sentence.startswith("command.access")


def test_a_branch_that_moves_after_the_first_job_is_noticed_by_the_second(shop):
    _, place = event(shop, shop.maria, "/optimize")
    assert taken(shop, place).order is not None
    shop.server.push(shop.project, shop.maria, "feature", {"shop.py": "x = 3\n"})
    assert again(shop, place).sentence.startswith("command.head-moved")


@pytest.mark.parametrize("body", ["nice", "```\n/optimize\n```", "> /optimize", "/optimize help", "/optimize stop"])
def test_nothing_is_ordered_where_no_run_is_asked_for(shop, body):
    _, place = event(shop, shop.maria, body)
    assert taken(shop, place).order is None
    assert again(shop, place).order is None


def proposed(shop, place):
    """The job that proposes, on the default branch: the plan, and the names of the child pipeline's jobs."""
    repo = shop.place
    if not (repo / ".git").exists():
        repo.mkdir(exist_ok=True)
        for words in (("init", "-q"), ("remote", "add", "origin", str(shop.project.repository.path))):
            subprocess.run(("git", *words), cwd=repo, check=True)
        fetch = ("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        subprocess.run(("git", *fetch), cwd=repo, check=True)
        subprocess.run(("git", "checkout", "-q", "--detach", "origin/main"), cwd=repo, check=True)
    plan = job(shop, place, 1).propose()
    child = yaml.safe_load((repo / "hotlap-ci" / "child.yml").read_text())
    return plan, [name for name in child if name != "stages"]


def test_a_second_delivery_ends_without_a_plan_and_without_a_failure(shop):
    _, place = event(shop, shop.maria, "/optimize")
    assert taken(shop, place).order is not None
    assert taken(shop, place).order is None
    assert proposed(shop, place)[1] == ["hotlap-nothing"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda shop, note: shop.server.edit_note(note, shop.maria, "/optimize --budget 4h"), "was changed"),
        (lambda shop, note: shop.server.edit_note(note, shop.maria, "never mind"), "no run was asked for"),
        (lambda shop, note: shop.server.delete_note(note, shop.maria), "no run was asked for"),
        (lambda shop, _: shop.server.push(shop.project, shop.maria, "feature", {"a.py": ""}), "branch has moved"),
        (lambda shop, _: shop.server.remove_member(shop.project, shop.maria), "needs the role Developer"),
    ],
    ids=["edited", "edited away", "deleted", "pushed", "role taken away"],
)
def test_what_changed_since_it_was_taken_on_is_not_run_and_the_reply_says_why(shop, change, said):
    note, place = event(shop, shop.maria, "/optimize")
    assert taken(shop, place).order is not None
    change(shop, note)
    plan, jobs = proposed(shop, place)
    assert (plan.candidates, jobs) == ((), ["hotlap-publish"])
    assert said in plan.notes[0]
    digest = hashlib.sha256((shop.place / "hotlap-ci" / "plan.json").read_bytes()).hexdigest()
    number = shop.server.start_pipeline(shop.project, shop.maria, ref="main").id
    environ = job(shop, place, number).environ | {"HOTLAP_PLAN": digest, "CI_PIPELINE_SOURCE": "parent_pipeline"}
    Pipeline(read(environ, "publish"), shop.place, FakeProgress(), environ).publish()
    (reply,) = [one.body for one in shop.mr.human_notes if one.author.id == shop.bot.id]
    assert said in reply


def test_an_order_that_an_earlier_job_left_in_the_directory_is_taken_away(shop):
    _, place = event(shop, shop.maria, "/optimize")
    taken(shop, place)
    _, nothing = event(shop, shop.maria, "thanks")
    assert taken(shop, nothing).order is None
    assert proposed(shop, nothing)[1] == ["hotlap-nothing"]


def test_a_broken_configuration_is_answered_with_what_to_mend(shop):
    shop.server.push(shop.project, shop.maria, "main", {".hotlap.yml": "version: 1\nnonsense: yes\n"})
    _, place = event(shop, shop.maria, "/optimize --hardware arm")
    assert taken(shop, place).sentence.startswith("command.config: main:.hotlap.yml:2: ")
    (reply,) = [one.body for one in shop.mr.human_notes if one.author.id == shop.bot.id]
    assert "mend that first" in reply
    _, place = event(shop, shop.maria, "/optimize help")
    assert taken(shop, place).sentence == "help was given"


@pytest.mark.parametrize("kind", ["missing", "directory", "link", "pipe", "huge", "words"])
def test_a_payload_that_is_no_file_of_an_event_is_one_sentence(shop, kind):
    place = shop.path / kind
    make = {
        "missing": lambda: None, "directory": place.mkdir, "link": lambda: place.symlink_to("/proc/self/environ"),
        "pipe": lambda: os.mkfifo(place), "huge": lambda: os.truncate(os.open(place, os.O_CREAT | os.O_RDWR), 1 << 33),
        "words": lambda: place.write_text("[" * 100_000),
    }  # fmt: skip
    make[kind]()
    environ = job(shop, place, 1).environ | {"HOTLAP_STEP": "single"}
    single = Pipeline(read(environ), shop.place, FakeProgress(), environ).single
    if kind == "words":
        assert single() == ()
        return
    with pytest.raises(ExchangeError):
        single()


def replies(shop):
    return [one.body for one in shop.mr.human_notes if one.author.id == shop.bot.id]


def test_a_job_that_fails_is_said_in_the_reply_of_its_own_pipeline_only(shop):
    _, place = event(shop, shop.maria, "/optimize")
    number = shop.server.start_pipeline(shop.project, shop.maria, ref="main").id
    taken(shop, place, number)
    other = job(shop, place, number + 1)
    assert other.failed() == "nobody waits for this pipeline"
    assert "Started" in replies(shop)[0]
    for said in ("it was said that the run has failed", "nobody waits for this pipeline"):
        assert job(shop, place, number).failed() == said
        (reply,) = replies(shop)
        assert f"Pipeline {number} says why" in reply
    _, nothing = event(shop, shop.maria, "thanks")
    assert job(shop, nothing, number).failed() == "nobody waits for this pipeline"


def test_a_result_that_stands_there_stays_whatever_has_failed_afterwards(shop):
    _, place = event(shop, shop.maria, "/optimize")
    number = shop.server.start_pipeline(shop.project, shop.maria, ref="main").id
    taken(shop, place, number)
    (reply,) = [one for one in shop.mr.human_notes if one.author.id == shop.bot.id]
    reply.body = reply.body.replace("Started. What comes of it will stand here.", "Done: !2")
    assert job(shop, place, number).failed() == "nobody waits for this pipeline"
    assert "Done: !2" in replies(shop)[0]


def test_all_in_one_job_says_itself_that_it_has_failed(shop, tmp_path):
    (tmp_path / "empty").mkdir()
    _, place = event(shop, shop.maria, "/optimize")
    number = shop.server.start_pipeline(shop.project, shop.maria, ref="main").id
    pipeline = replace(job(shop, place, number), repo=tmp_path / "empty")
    with pytest.raises(Refused, match="repository"), pipeline.answering():
        pipeline.single()
    assert "has failed" in replies(shop)[0]


def test_an_edit_of_a_comment_asks_nobody(shop):
    _, place = event(shop, shop.maria, "/optimize", action="update")
    assert taken(shop, place).sentence == "the comment was changed, not made: commands run once"


def test_code_of_a_fork_waits_for_a_maintainer_who_names_its_commit_and_nothing_is_pushed_there(shop):
    stranger = shop.server.add_user("stranger")
    fork = shop.server.fork(shop.project, stranger)
    shop.server.push(fork, stranger, "theirs", {"shop.py": "x = 9\n"})
    shop.mr = shop.server.open_merge_request(shop.project, stranger, "theirs", source_project=fork)
    sha = fork.repository.sha("theirs")
    _, place = event(shop, shop.maria, "/optimize", head=sha)
    assert taken(shop, place).sentence.startswith("command.fork")
    _, place = event(shop, shop.maria, f"/optimize {sha}", head=sha)
    order = taken(shop, place).order
    assert order == again(shop, place).order
    assert (order.trigger.head_sha, order.trigger.wanted, order.most) == (sha, (), 0)
    clone = gitlab.remote(shop.path / "clone", shop.project.url)
    assert clone.fetch(sha) == sha
    assert clone.checkout.snapshot(sha).data("shop.py") == b"x = 9\n"
