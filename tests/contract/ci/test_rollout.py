"""How far the last job goes is what `rollout:` of the default branch says, for the project and each kind of change."""

import pytest

from bot.app.ci.child_pipeline import NOTHING
from bot.app.ci.environment import read
from bot.app.start import only_looks
from bot.domain.errors import Refused
from bot.domain.forge import Noteable, NoteableKind
from bot.domain.job import TriggerKind
from bot.domain.rollout import OFF, Phase, Rollout
from bot.wiring.pipelines import Pipeline
from tests.e2e.conftest import Repository
from tests.fakes.merged_shop import CORE, KIND, stocked
from tests.fakes.ports import FakeProgress
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    return lambda config="": stocked(gitlab_server, tmp_path, monkeypatch, config)


@pytest.mark.parametrize(
    ("config", "requests", "issues"),
    [
        ("rollout: {phase: off}", 0, 0),
        ("rollout: {phase: observe}", 0, 0),
        ("rollout: {phase: suggest}", 0, 1),
        ("rollout: {phase: approve}", 1, 1),
        (f"rollout: {{kinds: {{{KIND}: suggest}}}}", 0, 1),
        (f"rollout: {{kinds: {{{KIND}: off}}}}", 0, 1),
        ("rollout: {kinds: {hoisting: off}}", 1, 1),
        (f"rollout: {{phase: suggest, kinds: {{{KIND}: auto}}}}", 0, 1),
    ],
)
def test_a_sweep_writes_what_its_phase_allows(shop, config, requests, issues):
    job = shop(config)
    (done,) = job.publish(job.candidate())
    assert (len(job.requests), len(job.project.issues)) == (requests, issues)
    assert (job.place / "hotlap-ci" / "report" / "report.md").is_file()
    if not requests:
        assert "`rollout:` stops this kind of change at" in done.entry.sentence
        assert set(job.project.repository.branches()) == {"main"}
        assert job.memory.ledger() == ()
    for issue in job.project.issues.values():
        assert ("shop.py::known" in issue.description) is (f"{KIND}: off" not in config)


def asked_on(job, kind, **trigger):
    """A merge request that adds the slow function, and the order of a run on it."""
    job.push({"shop.py": "def count(orders):\n    return len(orders)\n"})
    job.server.push(job.project, job.maria, "feature", {"shop.py": CORE})
    mr = job.server.open_merge_request(job.project, job.maria, "feature")
    sha = job.project.repository.sha("feature")
    at = Noteable(NoteableKind.MERGE_REQUEST, mr.iid)
    values = {"target_branch": "feature", "at": at, "diff_base": job.head, "most": 1}
    return mr, sha, job.order(sha, kind, trigger={"merge_request": mr.iid, **trigger}, **values)


@pytest.mark.parametrize(("phase", "notes", "requests"), [("observe", 0, 0), ("suggest", 2, 0), ("approve", 2, 1)])
def test_a_merge_request_pipeline_says_what_its_phase_allows(shop, phase, notes, requests):
    job = shop(f"rollout: {{phase: {phase}}}")
    mr, sha, order = asked_on(job, TriggerKind.MERGE_REQUEST)
    job.publish(job.candidate(sha), order=order)
    said = job.said(mr)
    assert (len(said), sum("```suggestion" in one for one in said)) == (notes, notes // 2)
    assert len(job.requests) == requests


def test_who_asked_is_answered_where_the_project_only_observes(shop):
    job = shop("rollout: {phase: observe}")
    mr, sha, order = asked_on(job, TriggerKind.COMMAND)
    job.publish(job.candidate(sha), order=order)
    (reply,) = job.said(mr)
    assert "stops this kind of change at 'observe'" in reply.replace("\\", "")
    assert job.requests == {}


def test_what_a_branch_says_of_its_own_rollout_is_not_heeded(shop):
    job = shop("rollout: {phase: suggest}")
    mr, _, order = asked_on(job, TriggerKind.MERGE_REQUEST)
    job.server.push(
        job.project, job.maria, "feature", {".hotlap.yml": f"rollout: {{phase: auto, kinds: {{{KIND}: auto}}}}"}
    )
    sha = job.project.repository.sha("feature")
    _, order = mr, job.order(
        sha, TriggerKind.MERGE_REQUEST, trigger={"merge_request": mr.iid}, target_branch="feature", at=order.at,
        diff_base=order.diff_base, most=1,
    )  # fmt: skip
    job.publish(job.candidate(sha), order=order)
    assert job.requests == {}


def test_no_job_does_anything_where_the_project_has_switched_it_off(tmp_path):
    shop = Repository(tmp_path / "shop")
    shop.write(".hotlap.yml", "rollout: {phase: off}\n")
    shop.write("shop.py", CORE)
    environ = {
        "CI_PIPELINE_SOURCE": "schedule", "CI_PROJECT_PATH": "team/shop", "CI_COMMIT_SHA": shop.commit(),
        "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main",
    }  # fmt: skip
    progress = FakeProgress()
    job = Pipeline(read(environ), shop.root, progress, environ)
    assert job.survey().notes == ("nothing was asked for",)
    assert job.propose().candidates == ()
    assert (shop.root / "hotlap-ci" / "child.yml").read_text() == NOTHING
    assert job.single() == ()
    assert ("run", "rollout", OFF) in progress.steps


@pytest.mark.parametrize(
    ("phase", "looks"), [("observe", True), ("suggest", True), ("approve", False), ("auto", False)]
)
def test_the_command_line_leaves_a_branch_from_approve_on(phase, looks):
    assert only_looks(Rollout(Phase(phase))) is looks
    with pytest.raises(Refused, match="'off'"):
        only_looks(Rollout(Phase.OFF))
