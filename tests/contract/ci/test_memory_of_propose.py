"""The job that proposes reads the memory by itself, with whatever token it has, and heeds it."""

import os
import subprocess
from types import SimpleNamespace

import pytest

from bot import wiring
from bot.app.ci.environment import read
from bot.app.ci.exchange import PLAN, SURVEY, Exchange
from bot.domain.code import File, Snapshot, Target
from bot.domain.exchange import Survey
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.localize.index import Index
from bot.wiring.pipelines import Pipeline
from tests.fakes import exchange as made
from tests.fakes import last_job
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    return last_job.opened(gitlab_server, tmp_path, monkeypatch)


@pytest.fixture
def reader(shop, monkeypatch):
    """Give the environment the token of a job that reads, or with "job" only the one of GitLab itself."""

    def give(kind):
        found = shop.server.add_project_token(
            shop.project, "reader", Access.REPORTER, ("read_api", "read_repository")
        ).secret
        if kind == "job":
            monkeypatch.delenv("HOTLAP_GITLAB_TOKEN")
            monkeypatch.setenv("CI_JOB_TOKEN", shop.server.add_job_token(shop.project, shop.people["dev"]).secret)
        else:
            monkeypatch.setenv("HOTLAP_GITLAB_TOKEN", found if kind == "reader" else "")

    return give


def proposed(shop, before=lambda _: None):
    """Run the job in a fresh clone, after `before` was there; return its plan and what it said."""
    place = shop.place / f"propose-{len(list(shop.place.iterdir()))}"
    subprocess.run(["git", "clone", "--quiet", str(shop.project.repository.path), str(place)], check=True)
    tree = Snapshot(shop.sha, {path: File(text.encode()) for path, text in last_job.FILES.items()})
    targets = [
        Target(one, (made.BENCHMARK,), 0.3, 0.6, 0.7, 12, 3.3, "hot") for one in Index(tree).functions("shop.py")
    ]
    exchange = Exchange(place / "hotlap-ci")
    exchange.write(SURVEY, Survey(shop.sha, tuple(targets)))
    environ = dict(os.environ) | {
        "CI_PIPELINE_SOURCE": "schedule", "CI_PROJECT_PATH": shop.project.path, "CI_COMMIT_SHA": shop.sha,
        "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "HOTLAP_STEP": "propose",
    }  # fmt: skip
    before(place)
    progress = FakeProgress()
    Pipeline(read(environ), place, progress, environ).propose()
    memory = [detail for _, stage, detail in progress.steps if stage == "memory"]
    return SimpleNamespace(plan=exchange.read(PLAN), memory=memory)


def learned(shop, words):
    """Publish a change, have a maintainer close it with these words, and let a next job read them."""
    shop.job().publish()
    shop.server.say(shop.requests[0], shop.people["max"], words)
    shop.server.close(shop.requests[0], shop.people["max"])
    shop.job(last_job.CORE + "\n", function="count").publish()


@pytest.mark.parametrize("kind", ["reader", "job"])
def test_what_shall_be_left_alone_is_not_planned(shop, reader, kind):
    first = proposed(shop)
    assert [one.target.function.qualname for one in first.plan.candidates] == ["known"]
    assert [one.function.qualname for one in first.plan.ranked] == ["known", "count"]
    learned(shop, "Please do not touch shop.py, ever.")
    reader(kind)
    found = proposed(shop)
    assert found.plan.candidates == ()
    assert any("shop.py::known was left out: lesson" in note for note in found.plan.notes)
    assert found.memory == ["2 record(s) of other jobs"]


def test_a_job_without_any_token_says_that_it_remembers_nothing(shop, reader):
    learned(shop, "Please do not touch shop.py, ever.")
    reader("none")
    found = proposed(shop)
    assert len(found.plan.candidates) == 1
    assert found.memory == ["no token to read the branch hotlap/state with: nothing is remembered"]


def test_what_another_job_planted_in_the_clone_is_not_believed(shop):
    planted = Lesson("path:shop.py", "leave it", ("x",), LessonState.ACTIVE, Polarity.AVOID)
    found = proposed(shop, lambda place: wiring.lesson_book(place).learn([planted]))
    assert len(found.plan.candidates) == 1


def test_the_branch_is_not_read_where_the_operator_does_not_want_it(shop, monkeypatch):
    learned(shop, "Please do not touch shop.py, ever.")
    monkeypatch.setenv("HOTLAP_STATE_BRANCH", "off")
    assert len(proposed(shop).plan.candidates) == 1
