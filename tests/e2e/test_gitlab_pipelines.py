"""The components on a GitLab that executes pipelines: three ways in, each with one merge request out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import BENCH, CORE, TESTS, UNISOLATED
from tests.gitlab_server import Access, GitLabServer
from tests.gitlab_server.executor import CiLocal
from tests.gitlab_server.executor.program import missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

ROOT = Path(__file__).parents[2]
KEY = "sk-canary-3f9a1c77e2"
INCLUDE = """\
include:
  - component: $CI_SERVER_FQDN/hotlap/hotlap/{}@main
    inputs: {{install: "true", budget: 3m{}}}
"""
FILES = {
    "shop/__init__.py": "", "shop/core.py": CORE, "tests/test_core.py": TESTS, "benchmarks/bench_core.py": BENCH,
    ".hotlap.yml": f"{UNISOLATED}budget: {{targets: 1, candidates: 1}}\n",
}  # fmt: skip


class Shop:
    """A project that uses one component, and the tokens of the bot in the environments that they belong to."""

    def __init__(self, server, component, files=FILES, inputs="") -> None:
        self.server = server
        self.maria = server.add_user("maria")
        templates = {f"templates/{path.name}": path.read_text() for path in (ROOT / "templates").glob("*.yml")}
        server.add_project("hotlap/hotlap", self.maria, templates | {"README.md": "x"}, visibility="public")
        pipeline = {".gitlab-ci.yml": INCLUDE.format(component, inputs)}
        self.project = server.add_project("team/shop", self.maria, files | pipeline)
        scopes = ("api", "write_repository")
        self.token = server.add_project_token(self.project, "hotlap", Access.DEVELOPER, scopes)
        reader = server.add_project_token(self.project, "reader", Access.REPORTER, ("read_api", "read_repository"))
        server.add_variable(self.project, "HOTLAP_GITLAB_TOKEN", self.token.secret, scope="hotlap/publish")
        server.add_variable(self.project, "HOTLAP_GITLAB_TOKEN", reader.secret, scope="hotlap/propose")
        server.add_variable(self.project, "HOTLAP_MODEL_KEY", KEY, scope="hotlap/propose")
        self.secrets = (self.token.secret, reader.secret, KEY)

    @property
    def bots(self):
        """The merge requests of the bot, in any state."""
        return [one for one in self.project.merge_requests.values() if one.author.id == self.token.user.id]

    def run(self):
        """Execute what waits; return the last pipeline, and what all jobs said."""
        pipelines = self.server.run_pipelines()
        said = "\n".join(_said(one) for one in pipelines)
        left = [data for one in pipelines for data in _left(one)]
        posted = [str(note.body) for mr in self.project.merge_requests.values() for note in mr.notes]
        posted += [one.description for one in (*self.project.merge_requests.values(), *self.project.issues.values())]
        for secret in self.secrets:
            assert secret not in said
            assert not any(secret.encode() in data for data in left)
            assert not any(secret in text for text in posted)
        return pipelines[-1], said


def _left(pipeline):
    """Every byte that the jobs of a pipeline left as artifacts."""
    yield from (data for job in pipeline.jobs.values() for data in job.artifacts.values())
    for child in pipeline.children:
        yield from _left(child)


def _said(pipeline):
    jobs = [
        f"--- {job.name}: {job.status} {sorted(job.artifacts)}\n{job.trace or ''}" for job in pipeline.jobs.values()
    ]
    return "\n".join([pipeline.error or "", *jobs, *(_said(child) for child in pipeline.children)])


@pytest.fixture
def server(tmp_path):
    runner = CiLocal(tmp_path / "runner", path=(Path(sys.executable).parent,))
    with GitLabServer(tmp_path / "gitlab", executor=runner) as made:
        yield made
    assert not made.crashes
    assert not made.problems


@pytest.mark.measures
def test_a_nightly_sweep_opens_one_merge_request_and_keeps_a_dashboard(server):
    shop = Shop(server, "sweep")
    server.start_pipeline(shop.project, shop.maria, ref="main", source="schedule")
    pipeline, said = shop.run()
    assert pipeline.status == "success", said
    assert len(shop.bots) == 1, said
    (request,) = shop.bots
    assert (request.state, request.draft, request.target_branch) == ("opened", True, "main")
    assert "times faster" in request.title
    (issue,) = shop.project.issues.values()
    assert f"!{request.iid}" in issue.description
    assert "- [ ] `shop/core.py::known`" in issue.description
    assert not server.executed
    assert not server.mentions


MACHINES = "".join(f"  - {{name: {name}, tags: [{name}]}}\n" for name in ("amd", "arm", "old"))


@pytest.fixture
def talking(server):
    """A project with three machines, whose comments start pipelines, and a merge request that adds the slow code."""
    config = f"{UNISOLATED}hardware:\n{MACHINES}budget: {{targets: 1, candidates: 1}}\n"
    fast = CORE.replace('[customer["name"] for', '{customer["name"] for').replace("customers]", "customers}")
    shop = Shop(server, "command", FILES | {".hotlap.yml": config, "shop/core.py": fast})
    for tag in ("amd", "arm", "old"):
        server.add_runner(shop.project, tag, (tag,))
    secret = server.add_trigger(shop.project, shop.maria)
    server.add_hook(shop.project, server.trigger_url(shop.project, "main", secret))
    server.push(shop.project, shop.maria, "feature", {"shop/core.py": CORE})
    shop.mr = server.open_merge_request(shop.project, shop.maria, "feature")
    return shop


def heard(shop, user, body):
    """Comment, deliver the event, run what it starts; return the pipeline and what its jobs said."""
    note = shop.server.say(shop.mr, user, body)
    shop.server.deliver()
    pipeline, said = shop.run()
    assert pipeline.status == "success", said
    return note, pipeline, said


def replies(shop):
    return [note.body for note in shop.mr.human_notes if note.author.id == shop.token.user.id]


@pytest.mark.measures
def test_a_comment_asks_three_machines_and_gets_one_merge_request_and_one_reply(talking):
    note, pipeline, said = heard(talking, talking.maria, "/optimize known")
    (child,) = pipeline.children
    machines = [job for name, job in child.jobs.items() if name.startswith("hotlap-evaluate-")]
    assert [job.tags for job in machines] == [("amd",), ("arm",), ("old",)]
    assert all(f"hotlap-ci/evidence/{job.tags[0]}.json" in job.artifacts for job in machines), said
    assert len(talking.bots) == 1, said
    (request,) = talking.bots
    assert request.target_branch == "feature"
    assert "| | `amd` | `arm` | `old` |" in request.description
    (reply,) = [one for one in replies(talking) if "suggestion:" not in one]
    assert f"[!{request.iid}]" in reply
    assert {award.name for award in note.awards} == {"eyes", "white_check_mark"}


def waited(shop, child):
    """Do what the delayed job does once its time has come: this GitLab does not wait for it."""
    given = child.jobs["hotlap-wait"].definition["variables"]
    environ = {
        **given, "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PIPELINE_ID": str(child.id),
        "CI_PROJECT_PATH": "team/shop",
        "CI_PIPELINE_CREATED_AT": "2020-01-01T00:00:00Z", "CI_COMMIT_SHA": child.sha, "CI_DEFAULT_BRANCH": "main",
        "CI_SERVER_URL": shop.server.url, "CI_PROJECT_ID": str(shop.project.id), "PATH": os.environ["PATH"],
        "HOTLAP_GITLAB_TOKEN": shop.token.secret,
    }  # fmt: skip
    command = (sys.executable, "-m", "bot", "ci")
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_machine_without_a_runner_is_waited_for_only_so_long_and_named(talking):
    talking.project.runners[:] = [one for one in talking.project.runners if one.tags == ("amd",)]
    talking.server.say(talking.mr, talking.maria, "/optimize known --hardware amd,arm --budget 1m")
    talking.server.deliver()
    pipeline, said = talking.run()
    (child,) = pipeline.children
    assert (child.jobs["hotlap-evaluate-arm"].status, child.jobs["hotlap-publish"].status) == ("pending", "created"), (
        said
    )
    assert "no runner came for: arm" in waited(talking, child)
    talking.server.resume(pipeline)
    assert child.jobs["hotlap-publish"].status == "success", child.jobs["hotlap-publish"].trace
    (reply,) = replies(talking)
    assert "`arm`: no runner with the tags arm took the job within 30 minutes" in reply
    assert talking.bots == []


@pytest.mark.slow
def test_a_guest_and_a_comment_without_a_command_start_nothing(talking):
    guest = talking.server.add_user("gustav")
    talking.server.add_member(talking.project, guest, Access.GUEST)
    _, pipeline, said = heard(talking, guest, "/optimize known")
    assert pipeline.children[0].jobs.keys() == {"hotlap-nothing"}, said
    (reply,) = replies(talking)
    assert "needs the role Developer" in reply
    _, pipeline, said = heard(talking, talking.maria, "what a nice change")
    assert pipeline.children[0].jobs.keys() == {"hotlap-nothing"}, said
    assert len(replies(talking)) == 1
    assert talking.bots == []


@pytest.mark.slow
def test_a_job_that_fails_is_told_to_whoever_asked(talking):
    talking.server.add_variable(talking.project, "HOTLAP_MODEL_KEY", KEY)
    talking.server.say(talking.mr, talking.maria, "/optimize known")
    talking.server.deliver()
    pipeline, said = talking.run()
    assert pipeline.jobs["hotlap-command-survey"].status == "failed", said
    assert "must not see HOTLAP_MODEL_KEY" in said
    (reply,) = replies(talking)
    assert "has failed" in reply, said


@pytest.mark.measures
def test_a_merge_request_pipeline_stacks_one_merge_request_on_its_branch(server):
    fast = CORE.replace('[customer["name"] for', '{customer["name"] for').replace("customers]", "customers}")
    shop = Shop(server, "optimize", FILES | {"shop/core.py": fast})
    server.push(shop.project, shop.maria, "feature", {"shop/core.py": CORE})
    server.open_merge_request(shop.project, shop.maria, "feature")
    pipeline, said = shop.run()
    assert pipeline.status == "success", said
    assert len(shop.bots) == 1, said
    (request,) = shop.bots
    assert request.target_branch == "feature"


@pytest.mark.slow
def test_one_job_does_it_all_and_holds_no_secret_where_nothing_isolates(server):
    shop = Shop(server, "single", inputs=", dry_run: plan")
    server.start_pipeline(shop.project, shop.maria, ref="main", source="schedule")
    pipeline, said = shop.run()
    assert pipeline.status == "success", said
    assert "hotlap-ci/plan.json" in pipeline.jobs["hotlap-single"].artifacts
    server.add_variable(shop.project, "HOTLAP_GITLAB_TOKEN", shop.token.secret, scope="hotlap/single")
    server.start_pipeline(shop.project, shop.maria, ref="main", source="schedule")
    pipeline, said = shop.run()
    assert (pipeline.status, pipeline.jobs["hotlap-single"].exit_code) == ("failed", 2), said
    assert "nothing on this runner isolates" in said


@pytest.mark.slow
def test_the_regression_gate_runs_in_a_merge_request_pipeline(server):
    shop = Shop(server, "check")
    server.push(shop.project, shop.maria, "feature", {"README.md": "only words\n"})
    server.open_merge_request(shop.project, shop.maria, "feature")
    pipeline, said = shop.run()
    assert pipeline.status == "success", said
    assert "hotlap-report/speed-check.md" in pipeline.jobs["hotlap-check"].artifacts


ONE_LINE = """\
    names_set = set(names)
    return [order for order in orders if order["customer"] in names_set]
"""


@pytest.mark.measures
def test_a_reviewer_of_the_bots_change_gets_another_one_on_top_of_it(server):
    shop = Shop(server, "command")
    secret = server.add_trigger(shop.project, shop.maria)
    server.add_hook(shop.project, server.trigger_url(shop.project, "main", secret))
    branch, first = "hotlap/shop-core-known", CORE.partition("    found = []\n")[0] + ONE_LINE
    bot = "Hotlap <hotlap@noreply.invalid>"
    shop.project.repository.commit(branch, {"shop/core.py": first}, "Make known faster\n", bot, "main")
    tip = shop.project.repository.sha(branch)
    shop.mr = server.open_merge_request(shop.project, shop.token.user, branch)
    note, _, said = heard(shop, shop.maria, "I can hardly read this.\n\n/optimize revise not in one line, please")
    assert shop.bots == [shop.mr], said
    assert shop.project.repository.sha(f"{branch}~1") == tip, said
    assert "        if order" in shop.project.repository.read(branch, "shop/core.py").decode()
    assert "times faster" in shop.mr.title
    (answer,) = replies(shop)
    assert "another change is on the branch now" in answer
    assert {award.name for award in note.awards} == {"eyes", "white_check_mark"}
