"""The last job against a GitLab with real git: what it writes, how often, and what it does not."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.app.ci.environment import read
from bot.app.ci.exchange import EVIDENCE, PLAN, Exchange
from bot.domain.code import File, FileChange, Snapshot, Target
from bot.domain.errors import ExchangeError, ForgeError, Refused
from bot.domain.exchange import DryRun, Order, Plan, Proposed
from bot.domain.forge import Noteable, NoteableKind
from bot.domain.hardware import Hardware
from bot.domain.job import Candidate, EditSet, Trigger, TriggerKind
from bot.localize.index import Index
from bot.wiring.pipelines import Pipeline
from tests.fakes import exchange as made
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow

CORE = """\
def known(orders, customers):
    names = [one["name"] for one in customers]
    return [one for one in orders if one["customer"] in names]


def count(orders):
    return len(orders)
"""
FASTER = CORE.replace('[one["name"] for one in customers]', '{one["name"] for one in customers}')
FILES = {"shop.py": CORE, "benchmarks/bench_shop.py": "from shop import known\n"}


@pytest.fixture
def shop(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    maria = gitlab_server.add_user("maria")
    project = gitlab_server.add_project("team/shop", maria, FILES)
    token = gitlab_server.add_project_token(project, "hotlap", Access.DEVELOPER, ("api", "write_repository"))
    for name, value in (("URL", gitlab_server.url), ("TOKEN", token.secret), ("PROJECT", "team/shop")):
        monkeypatch.setenv(f"HOTLAP_GITLAB_{name}", value)
    return SimpleNamespace(
        server=gitlab_server, maria=maria, project=project, bot=token.user, token=token, place=tmp_path / "job"
    )


def order(shop, sha, **values):
    trigger = Trigger(TriggerKind.SWEEP, "maria", "team/shop", sha)
    return Order(**({"trigger": trigger, "target_branch": "main", "most": 3} | values))


def planned(sha, asked, after=FASTER):
    tree = Snapshot(sha, {path: File(text.encode()) for path, text in FILES.items()})
    function = next(one for one in Index(tree).functions("shop.py") if one.qualname == "known")
    edits = EditSet((FileChange("shop.py", CORE.encode(), after.encode()),))
    target = Target(function, (made.BENCHMARK,), 0.3, 0.6, 0.7, 12, 3.3, "hot")
    candidate = Candidate(edits, sha, "a set in place of a list", "rules:membership", target)
    return Plan(asked, sha, (Proposed.of(candidate),)), candidate


def published(shop, plan, candidate, *, machines=("here",), digest="", child=None):
    """Run the last job as it finds things after the others: plan and evidence in its directory."""
    exchange = Exchange(shop.place / "hotlap-ci")
    written = exchange.write(PLAN, plan)
    for name in machines:
        exchange.write(EVIDENCE, made.evidence(name, made.verdict(of=candidate), plan_digest=written), name)
    environ = {
        "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PROJECT_PATH": "team/shop", "CI_COMMIT_SHA": plan.commit,
        "CI_DEFAULT_BRANCH": "main", "HOTLAP_PLAN": digest or written, "HOTLAP_STEP": "publish",
        "CI_PIPELINE_ID": str(child or _pipeline(shop).id), "CI_PIPELINE_URL": "http://gitlab.example/p/1",
    }  # fmt: skip
    return Pipeline(read(environ), shop.place, FakeProgress(), environ).publish()


def _pipeline(shop):
    return shop.server.start_pipeline(shop.project, shop.maria, ref="main", source="schedule")


def sends(shop):
    """What was written; a fetch is a POST as well."""
    return [call for call in shop.server.written() if not call.path.endswith("git-upload-pack")]


def requests(shop):
    return [one for one in shop.project.merge_requests.values() if one.author.id == shop.bot.id]


def test_a_proven_change_becomes_one_draft_and_a_dashboard_however_often_the_job_runs(shop):
    sha = shop.project.repository.sha("main")
    plan, candidate = planned(sha, order(shop, sha))
    for _ in range(2):
        (done,) = published(shop, plan, candidate)
        assert done.published is not None
    (request,) = requests(shop)
    assert (request.draft, request.target_branch, request.source_branch) == (True, "main", "hotlap/shop-known")
    assert "known 1.42 times faster" in request.title
    assert shop.project.repository.read("hotlap/shop-known", "shop.py").decode() == FASTER
    assert len(shop.project.repository.log("hotlap/shop-known")) == len(shop.project.repository.log("main")) + 1
    assert "/uploads/" in request.description
    assert len(shop.project.uploads) == 1
    (issue,) = shop.project.issues.values()
    assert f"!{request.iid}" in issue.description
    assert "- [ ] `shop.py::known`" in issue.description
    assert (shop.server.executed, shop.server.mentions) == ([], [])
    assert (shop.place / "hotlap-ci" / "report" / "report.html").is_file()


def asked_on(shop, mr, sha, **values):
    kind = values.pop("kind", TriggerKind.MERGE_REQUEST)
    trigger = Trigger(kind, "maria", "team/shop", sha, merge_request=mr.iid, **values)
    at = Noteable(NoteableKind.MERGE_REQUEST, mr.iid)
    base = shop.project.repository.sha("main")
    return order(shop, sha, trigger=trigger, target_branch=mr.source_branch, at=at, diff_base=base, most=1)


@pytest.fixture
def opened(shop):
    """A merge request that adds the slow function."""
    shop.server.push(shop.project, shop.maria, "main", {"shop.py": "def count(orders):\n    return len(orders)\n"})
    shop.server.push(shop.project, shop.maria, "feature", {"shop.py": CORE})
    mr = shop.server.open_merge_request(shop.project, shop.maria, "feature")
    return mr, shop.project.repository.sha("feature")


def test_a_merge_request_gets_a_stacked_one_a_suggestion_and_one_note(shop, opened):
    mr, sha = opened
    plan, candidate = planned(sha, asked_on(shop, mr, sha))
    for _ in range(2):
        published(shop, plan, candidate)
    (request,) = requests(shop)
    assert request.target_branch == "feature"
    assert request.source_branch == f"hotlap/mr-{mr.iid}/shop-known"
    notes = [note for note in mr.human_notes if note.author.id == shop.bot.id]
    (suggestion,) = [note for note in notes if "```suggestion:-0+0" in note.body]
    assert '    names = {one["name"] for one in customers}' in suggestion.body.splitlines()
    (note,) = [one for one in notes if one is not suggestion]
    assert "1 proven speed-up" in note.body
    assert f"[!{request.iid}]" in note.body


def test_the_reply_to_a_comment_is_edited_in_its_thread_and_the_comment_gets_a_mark(shop, opened):
    mr, sha = opened
    comment = shop.server.say(mr, shop.maria, "/optimize known")
    plan, candidate = planned(sha, asked_on(shop, mr, sha, kind=TriggerKind.COMMAND, note=comment.id))
    for _ in range(2):
        published(shop, plan, candidate)
    replies = [one for one in mr.human_notes if one.author.id == shop.bot.id and "proven speed-up" in one.body]
    assert len([one for one in replies if "suggestion:" not in one.body]) == 1
    assert [award.name for award in comment.awards] == ["white_check_mark"]
    assert len(requests(shop)) == 1


def test_nothing_is_pushed_to_a_fork_and_the_reply_says_why(shop, opened):
    mr, sha = opened
    asked = replace(asked_on(shop, mr, sha, kind=TriggerKind.COMMAND), most=0)
    (done,) = published(shop, *planned(sha, asked))
    assert requests(shop) == []
    assert "fork" in done.entry.sentence


@pytest.mark.parametrize("dry", [DryRun.PLAN, DryRun.EVALUATE, DryRun.UNPUBLISHED])
def test_a_dry_run_writes_nothing_and_leaves_the_report(shop, dry):
    sha = shop.project.repository.sha("main")
    before = sends(shop)
    plan, candidate = planned(sha, order(shop, sha, dry=dry))
    (done,) = published(shop, plan, candidate)
    assert done.entry.sentence == "dry run: nothing was sent"
    assert sends(shop) == before
    assert "1.42" in (shop.place / "hotlap-ci" / "report" / "report.md").read_text()


def test_another_plan_than_the_pipeline_was_made_for_publishes_nothing(shop):
    sha = shop.project.repository.sha("main")
    with pytest.raises(ExchangeError, match="not the file that the pipeline was made for"):
        published(shop, *planned(sha, order(shop, sha)), digest="0" * 64)
    assert requests(shop) == []


def test_the_guard_is_asked_again_where_no_code_has_run(shop):
    sha = shop.project.repository.sha("main")
    (done,) = published(shop, *planned(sha, order(shop, sha), "import os\n" + FASTER + "\nos.system('x')\n"))
    assert done.settled.attempt.tried[0].verdict.reason.startswith("guard.")
    assert requests(shop) == []


def test_a_machine_without_a_runner_is_said_and_no_more_than_the_policy_allows_is_published(shop):
    sha = shop.project.repository.sha("main")
    machines = (Hardware("amd", ("amd",)), Hardware("arm", ("arm",)))
    plan, candidate = planned(sha, order(shop, sha, hardware=machines))
    (done,) = published(shop, plan, candidate, machines=("amd",))
    assert requests(shop) == []
    assert done.settled.attempt.tried[0].verdict.reason == "hardware.missing"
    report = (shop.place / "hotlap-ci" / "report" / "report.md").read_text()
    assert "no evidence" in report
    (issue,) = shop.project.issues.values()
    assert "No evidence from:" in issue.description
    assert "`arm`" in issue.description


def test_three_machines_that_agree_have_a_column_each(shop):
    sha = shop.project.repository.sha("main")
    names = ("amd", "arm", "old")
    plan, candidate = planned(sha, order(shop, sha, hardware=made.hardware(*names)))
    published(shop, plan, candidate, machines=names)
    (request,) = requests(shop)
    assert "| | `amd` | `arm` | `old` |" in request.description
    assert "amd CPU | arm CPU | old CPU" in request.description


def test_a_bound_on_open_merge_requests_lets_the_next_one_wait(shop):
    sha = shop.project.repository.sha("main")
    shop.server.push(shop.project, shop.bot, "hotlap/other", {"other.py": "x = 1\n"})
    shop.server.open_merge_request(shop.project, shop.bot, "hotlap/other")
    (done,) = published(shop, *planned(sha, order(shop, sha, most=1)))
    assert "waits" in done.entry.sentence
    assert len(requests(shop)) == 1


def test_a_head_that_moved_into_the_change_is_not_published_over(shop):
    sha = shop.project.repository.sha("main")
    plan, candidate = planned(sha, order(shop, sha))
    shop.server.push(shop.project, shop.maria, "main", {"shop.py": CORE + "\n\ndef more():\n    return 1\n"})
    (done,) = published(shop, plan, candidate)
    assert "prove it again" in done.entry.sentence
    assert requests(shop) == []


REMEDIES = {
    "protected": (lambda shop: shop.server.protect(shop.project, "hotlap/*"), "let it out of the rule"),
    "in the way": (lambda shop: shop.server.push(shop.project, shop.maria, "hotlap", {"a.py": ""}), "hotlap"),
    "scope": (lambda shop: setattr(shop.token, "scopes", ("read_api", "write_repository")), "needs api"),
    "role": (lambda shop: shop.server.add_member(shop.project, shop.bot, Access.REPORTER), "role Developer"),
    "target gone": (lambda shop: shop.project.repository.delete_branch("feature"), "is gone"),
}


@pytest.mark.parametrize("name", REMEDIES)
def test_what_gitlab_refuses_for_good_is_said_where_the_run_was_asked_for(shop, opened, name):
    mr, sha = opened
    comment = shop.server.say(mr, shop.maria, "/optimize known")
    asked = asked_on(shop, mr, sha, kind=TriggerKind.COMMAND, note=comment.id)
    spoil, said = REMEDIES[name]
    spoil(shop)
    if name == "scope":
        # Nothing can be said with such a token: the log has the sentence.
        with pytest.raises(ForgeError, match=said):
            published(shop, *planned(sha, asked))
    else:
        (done,) = published(shop, *planned(sha, asked))
        assert done.published.how == "publish.refused"
        assert said in done.entry.sentence
        replies = [one.body for one in mr.human_notes if one.author.id == shop.bot.id]
        assert any("proven speed-up" in one and said in one for one in replies)
    assert requests(shop) == []


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (lambda shop: setattr(shop.project, "archived", True), Refused, "archived"),
        (lambda shop: setattr(shop.project, "merge_requests_enabled", False), Refused, "merge requests are disabled"),
        (lambda shop: shop.server.remove_member(shop.project, shop.bot), ForgeError, "does not show it to the bot"),
    ],
)
def test_a_project_that_cannot_be_written_to_is_one_sentence_that_says_what_to_do(shop, spoil, error, said):
    sha = shop.project.repository.sha("main")
    child = _pipeline(shop).id
    spoil(shop)
    with pytest.raises(error, match=said):
        published(shop, *planned(sha, order(shop, sha)), child=child)
