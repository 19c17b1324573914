"""A fault at any call of the last job, after GitLab has acted or before: the next run leaves one of everything."""

import contextlib
from types import SimpleNamespace

import pytest

from bot.app.ci.environment import read
from bot.app.ci.exchange import EVIDENCE, PLAN, Exchange
from bot.domain.code import File, FileChange, Snapshot, Target
from bot.domain.errors import HotlapError
from bot.domain.exchange import Order, Plan, Proposed
from bot.domain.job import Candidate, EditSet, Trigger, TriggerKind
from bot.localize.index import Index
from bot.wiring.pipelines import Pipeline
from tests.fakes import exchange as made
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access, Fault
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow

CORE = "def known(orders, names):\n    return [one for one in orders if one in list(names)]\n"
FASTER = "def known(orders, names):\n    kept = set(names)\n    return [one for one in orders if one in kept]\n"
MOST_CALLS = 60


@pytest.fixture
def begun(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    """Make one project after the other, each with a plan and its evidence, ready for the last job."""
    maria = gitlab_server.add_user("maria")
    monkeypatch.setenv("HOTLAP_GITLAB_URL", gitlab_server.url)
    monkeypatch.setenv("HOTLAP_GITLAB_ATTEMPTS", "1")  # what a fault stops stays stopped: as if the job were killed

    def make(name):
        project = gitlab_server.add_project(f"team/{name}", maria, {"shop.py": CORE})
        token = gitlab_server.add_project_token(project, "hotlap", Access.DEVELOPER, ("api", "write_repository"))
        monkeypatch.setenv("HOTLAP_GITLAB_TOKEN", token.secret)
        monkeypatch.setenv("HOTLAP_GITLAB_PROJECT", project.path)
        sha = project.repository.sha("main")
        (function,) = Index(Snapshot(sha, {"shop.py": File(CORE.encode())})).functions("shop.py")
        edits = EditSet((FileChange("shop.py", CORE.encode(), FASTER.encode()),))
        candidate = Candidate(edits, sha, "a set", "rules:membership", Target(function, (made.BENCHMARK,)))
        order = Order(Trigger(TriggerKind.SWEEP, "maria", project.path, sha), "main")
        exchange = Exchange(tmp_path / name / "hotlap-ci")
        digest = exchange.write(PLAN, Plan(order, sha, (Proposed.of(candidate),)))
        exchange.write(EVIDENCE, made.evidence("here", made.verdict(of=candidate), plan_digest=digest), "here")
        child = gitlab_server.start_pipeline(project, maria, ref="main", source="schedule")
        environ = {
            "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PROJECT_PATH": project.path, "CI_COMMIT_SHA": sha,
            "CI_DEFAULT_BRANCH": "main", "HOTLAP_PLAN": digest, "HOTLAP_STEP": "publish",
            "CI_PIPELINE_ID": str(child.id),
        }  # fmt: skip
        job = Pipeline(read(environ), tmp_path / name, FakeProgress(), environ)
        return SimpleNamespace(project=project, bot=token.user, job=job)

    return make


ROUND = (
    Fault.status(429, retry_after=1), Fault.status(500), Fault.status(500, acted=True),
    Fault.silence(acted=True, seconds=5), Fault.reset(acted=False),
)  # fmt: skip
KINDS = {
    "reset": lambda _: Fault.reset(acted=True),
    "502": lambda _: Fault.status(502),
    "the others in turn": lambda number: ROUND[number % len(ROUND)],
}
LEAST = 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_any_call_and_a_second_run_leave_one_of_everything(gitlab_server, begun, kind, monkeypatch):  # noqa: F811
    for number in range(1, MOST_CALLS):
        shop = begun(f"shop-{number}")
        before = len(gitlab_server.faults.fired)
        fault = KINDS[kind](number)
        gitlab_server.faults.add(fault, at=gitlab_server.calls + number)
        # Only who waits for an answer that never comes is in a hurry: a busy machine is no fault of the server.
        monkeypatch.setenv("HOTLAP_GITLAB_TIMEOUT", "0.5" if fault.kind == "silence" else "30")
        with contextlib.suppress(HotlapError):  # where the bot ends, and where it goes on, are both right
            shop.job.publish()
        gitlab_server.faults.clear()
        if len(gitlab_server.faults.fired) == before:
            break
        monkeypatch.setenv("HOTLAP_GITLAB_TIMEOUT", "30")
        shop.job.publish()
        (request,) = shop.project.merge_requests.values()
        (issue,) = shop.project.issues.values()
        assert (request.state, request.source_branch) == ("opened", "hotlap/shop-known")
        assert f"!{request.iid}" in issue.description
        assert set(shop.project.repository.branches()) == {"main", "hotlap/shop-known", "hotlap/state"}
    assert number > LEAST
