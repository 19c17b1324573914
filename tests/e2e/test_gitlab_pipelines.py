"""The components on a GitLab that executes pipelines: three ways in, each with one merge request out."""

import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import BENCH, CORE, TESTS, UNISOLATED
from tests.gitlab_server import Access, GitLabServer
from tests.gitlab_server.executor import CiLocal
from tests.gitlab_server.executor.program import missing

pytestmark = [pytest.mark.measures, pytest.mark.skipif(missing() is not None, reason=missing() or "")]

ROOT = Path(__file__).parents[2]
INCLUDE = """\
include:
  - component: $CI_SERVER_FQDN/hotlap/hotlap/{}@main
    inputs: {{install: "true", budget: 3m}}
"""
FILES = {
    "shop/__init__.py": "", "shop/core.py": CORE, "tests/test_core.py": TESTS, "benchmarks/bench_core.py": BENCH,
    ".hotlap.yml": f"{UNISOLATED}budget: {{targets: 1, candidates: 1}}\n",
}  # fmt: skip


class Shop:
    """A project that uses one component, and the tokens of the bot in the environments that they belong to."""

    def __init__(self, server, component, files=FILES) -> None:
        self.server = server
        self.maria = server.add_user("maria")
        templates = {f"templates/{path.name}": path.read_text() for path in (ROOT / "templates").glob("*.yml")}
        server.add_project("hotlap/hotlap", self.maria, templates | {"README.md": "x"}, visibility="public")
        pipeline = {".gitlab-ci.yml": INCLUDE.format(component)}
        self.project = server.add_project("team/shop", self.maria, files | pipeline)
        scopes = ("api", "write_repository")
        self.token = server.add_project_token(self.project, "hotlap", Access.DEVELOPER, scopes)
        reader = server.add_project_token(self.project, "reader", Access.REPORTER, ("read_api", "read_repository"))
        server.add_variable(self.project, "HOTLAP_GITLAB_TOKEN", self.token.secret, scope="hotlap/publish")
        server.add_variable(self.project, "HOTLAP_GITLAB_TOKEN", reader.secret, scope="hotlap/propose")

    @property
    def bots(self):
        """The merge requests of the bot, in any state."""
        return [one for one in self.project.merge_requests.values() if one.author.id == self.token.user.id]

    def run(self):
        """Execute what waits; return the last pipeline, and what all jobs said."""
        pipelines = self.server.run_pipelines()
        said = "\n".join(_said(one) for one in pipelines)
        assert self.token.secret not in said
        return pipelines[-1], said


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


def test_a_nightly_sweep_opens_one_merge_request_however_often_and_keeps_a_dashboard(server):
    shop = Shop(server, "sweep")
    for _ in range(2):
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
