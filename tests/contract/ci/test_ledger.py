"""Claims of published changes become lines of the ledger when people merge them: once, and only what was measured."""

import contextlib

import pytest

from bot.app.ci.ledger import OTHERWISE
from bot.domain.errors import HotlapError
from bot.domain.evidence import Interval
from bot.domain.ledger import Standing
from tests.fakes import exchange as made
from tests.fakes.merged_shop import FASTER, KIND, stocked
from tests.gitlab_server import Fault
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow
BRANCH = "hotlap/shop-known"


@pytest.fixture
def job(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    return stocked(gitlab_server, tmp_path, monkeypatch)


def test_a_published_change_is_a_claim_and_a_merged_one_a_line_however_often_the_job_runs(job):
    base = job.head
    for _ in range(2):
        job.publish(job.candidate())
    (claim,) = job.memory.ledger()
    head = job.project.repository.sha(BRANCH)
    assert (claim.landed, claim.mr, claim.head, claim.before) == (False, 1, head, base)
    assert (claim.kinds, claim.machine, claim.hardware) == ((KIND,), "here", "here CPU, 8 cores")
    best = made.comparison(1.42)
    assert (claim.benchmark, claim.claimed) == (best.benchmark, best.ratio)
    tip = job.merged(job.requests[BRANCH])
    for _ in range(2):
        job.publish()
        (line,) = job.memory.ledger()
        assert (line.id, line.before, line.merged, line.claimed) == (claim.id, base, tip, claim.claimed)
        assert (line.standing, line.checks) == (Standing.UNDECIDED, ())
    page = (job.place / "hotlap-ci" / "report" / "ledger.md").read_text()
    assert "1 merged gains, 0 of them measured again" in page
    assert "`shop.py::known`" in page
    (dashboard,) = job.project.issues.values()
    assert "### Merged gains" in dashboard.description


@pytest.mark.parametrize(("method", "squash"), [("merge", True), ("ff", False), ("ff", True)])
def test_a_change_is_known_again_however_it_came_to_the_branch(job, method, squash):
    job.publish(job.candidate())
    before, request = job.head, job.requests[BRANCH]
    job.project.merge_method, request.squash = method, squash
    tip = job.merged(request)
    job.publish()
    (line,) = job.memory.ledger()
    assert (line.before, line.merged) == (before, tip)


def test_the_line_is_of_the_merge_where_others_merged_in_between(job):
    job.publish(job.candidate())
    other = job.push({"other.py": "x = 1\n"})
    tip = job.merged(job.requests[BRANCH])
    job.push({"later.py": "x = 1\n"})
    job.publish()
    (line,) = job.memory.ledger()
    assert (line.before, line.merged) == (other, tip)


def test_what_people_changed_before_they_merged_it_is_no_line(job):
    job.publish(job.candidate())
    job.push({"shop.py": FASTER.replace("names", "known")}, BRANCH)
    job.merged(job.requests[BRANCH])
    for _ in range(2):
        job.publish()
        (claim,) = job.memory.ledger()
        assert (claim.landed, claim.note) == (False, OTHERWISE)
    assert "Nothing was merged yet" in (job.place / "hotlap-ci" / "report" / "ledger.md").read_text()


def test_what_stands_in_a_description_counts_for_nothing(job):
    job.publish(job.candidate())
    request = job.requests[BRANCH]
    forged = request.description.replace("1.42", "99.00").replace("hotlap-state base=", "hotlap-state base=" + "0" * 40)
    request.description = forged + '\n<!-- hotlap-ledger {"claimed": [99, 98, 100], "hardware": "mine"} -->\n'
    stranger = job.server.add_user("eve")
    job.server.push(job.project, job.maria, "hotlap/forged", {"forged.py": "x = 1\n"})
    other = job.server.open_merge_request(job.project, job.maria, "hotlap/forged", description=forged)
    job.server.merge(other, job.maria)
    job.merged(request)
    job.publish()
    (line,) = job.memory.ledger()
    assert line.claimed == made.comparison(1.42).ratio
    assert (line.mr, line.hardware) == (request.iid, "here CPU, 8 cores")
    assert stranger.username not in str(line)


def test_closed_ones_and_those_onto_other_branches_are_none(job):
    job.publish(job.candidate())
    job.server.close(job.requests[BRANCH], job.maria)
    job.publish()
    (claim,) = job.memory.ledger()
    assert not claim.landed
    assert isinstance(claim.claimed, Interval)


def test_a_job_that_ends_at_any_call_leaves_one_line_to_the_next(job, monkeypatch):
    monkeypatch.setenv("HOTLAP_GITLAB_ATTEMPTS", "1")
    job.publish(job.candidate())
    (claim,) = job.memory.ledger()
    job.merged(job.requests[BRANCH])
    faults = 0
    for number in range(1, 40):
        job.memory.keep_ledger([claim])
        before = len(job.server.faults.fired)
        job.server.faults.add(Fault.status(502), at=job.server.calls + number)
        with contextlib.suppress(HotlapError):
            job.publish()
        job.server.faults.clear()
        if len(job.server.faults.fired) == before:
            break
        faults += 1
        job.publish()
        (line,) = job.memory.ledger()
        assert line.landed
    assert faults >= 5
