"""Merged gains that are measured again: planned from the ledger, believed from evidence, and told once."""

from dataclasses import replace

import pytest

from bot.adapters.gitlab.remote import GitRemote
from bot.adapters.past import GitPast
from bot.app.ci import checks
from bot.domain.evidence import Machine
from bot.domain.exchange import Checked
from bot.domain.ledger import Standing
from tests.fakes.merged_shop import CORE, FASTER, answer, stocked
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow
BRANCH = "hotlap/shop-known"


@pytest.fixture
def job(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    return stocked(gitlab_server, tmp_path, monkeypatch)


@pytest.fixture
def merged(job):
    """A change that was published and merged, with its line in the ledger; the commit of main is returned."""
    job.publish(job.candidate())
    tip = job.merged(job.requests[BRANCH])
    job.publish()
    (line,) = job.memory.ledger()
    assert line.merged == tip
    return tip


@pytest.fixture
def planned(job, tmp_path):
    """Plan the checks of a sweep, as the job that may read does it."""
    from bot.wiring import forge as gitlab

    def plan(most=2, hardware=("here",)):
        place = tmp_path / f"clone-{len(list(tmp_path.iterdir()))}"
        clone: GitRemote = gitlab.remote(place, gitlab.forge().directory.project().clone_url)
        clone.fetch("main")
        return checks.planned(job.memory.ledger(), GitPast(clone.checkout), job.head, hardware, most)

    return plan


def line(job):
    (found,) = job.memory.ledger()
    return found


def reverts(job):
    return {name: one for name, one in job.requests.items() if name.startswith("hotlap/revert-")}


def issues(job):
    return [one for one in job.project.issues.values() if one.title.startswith("The gain of")]


def moved(job, number):
    """Somebody merges something else."""
    return job.push({f"other_{number}.py": f"x = {number}\n"})


def test_what_lasts_is_written_down_and_told_to_nobody(job, merged, planned):
    head = moved(job, 1)
    (check,) = planned()
    assert (check.commit, [one.path for one in check.changes]) == (head, ["shop.py"])
    assert check.changes[0].after.decode() == CORE
    for _ in range(2):
        job.publish(checks=[check], checked=[answer(check, 1.4)])
        (again,) = line(job).checks
        assert (again.commit, again.standing) == (head, Standing.LASTING)
        assert again.ratio.low > 1.3
    assert (planned(), issues(job), reverts(job)) == ((), [], {})


def test_a_gain_that_is_gone_is_followed_to_the_commit_that_ended_it_and_told_once(job, merged, planned):
    commits = [moved(job, number) for number in range(5)]
    culprit, measured = commits[2], []
    while found := planned():
        (check,) = found
        measured.append(check.commit)
        gone = commits.index(check.commit) >= commits.index(culprit)
        job.publish(checks=found, checked=[answer(check, 1.0 if gone else 1.4)])
        assert issues(job) == [] or not planned()
    assert measured[0] == commits[-1]
    assert len(measured) <= 4
    for _ in range(2):
        (issue,) = issues(job)
        assert f"It ended with `{culprit}`" in issue.description
        assert line(job).suspects == (culprit,)
        job.publish()
    assert reverts(job) == {}
    job.server.close(issue, job.maria)
    job.publish()
    assert (len(issues(job)), issue.state) == (1, "closed")


def test_a_proven_regression_is_one_draft_that_is_the_exact_reverse(job, merged, planned):
    job.push({"shop.py": FASTER + "\n\ndef more():\n    return 1\n"})
    (check,) = planned()
    for _ in range(2):
        job.publish(checks=[check], checked=[answer(check, 0.8)])
        ((branch, request),) = reverts(job).items()
        assert (branch, request.draft) == (f"hotlap/revert-{merged[:12]}", True)
    job.publish()
    assert len(job.project.repository.log(branch)) == len(job.project.repository.log("main")) + 1
    assert job.project.repository.read(branch, "shop.py").decode() == CORE + "\n\ndef more():\n    return 1\n"
    assert "0.80x" in request.description
    assert "exact reverse" in request.description
    assert len(reverts(job)) == 1
    assert issues(job) == []


def test_a_revert_that_a_person_closed_is_not_opened_again_and_one_with_their_commits_is_theirs(job, merged, planned):
    found = planned()
    job.publish(checks=found, checked=[answer(found[0], 0.8)])
    ((branch, request),) = reverts(job).items()
    theirs = job.push({"theirs.py": "x = 1\n"}, branch) and job.project.repository.sha(branch)
    job.publish()
    assert job.project.repository.sha(branch) == theirs
    job.server.close(request, job.maria)
    moved(job, 1)
    found = planned()
    job.publish(checks=found, checked=[answer(found[0], 0.8)])
    assert (len(reverts(job)), request.state) == (1, "closed")
    assert line(job).standing is Standing.REGRESSION


def test_other_hardware_adds_nothing_and_is_not_asked_where_it_is_known(job, merged, planned):
    assert planned(hardware=("epyc",)) == ()
    found = planned()
    other = Machine("another CPU", 8, "6.1", "performance", "3.11.9", "fixed")
    job.publish(checks=found, checked=[answer(found[0], 0.8)], machine=other)
    assert (line(job).checks, reverts(job)) == ((), {})


@pytest.mark.parametrize(
    "forged",
    [
        lambda check: answer(replace(check, entry="team/shop!99:x"), 0.8),
        lambda check: answer(replace(check, commit="0" * 40), 0.8),
        lambda check: answer(replace(check, benchmark="another"), 0.8),
    ],
    ids=["line", "commit", "benchmark"],
)
def test_evidence_on_another_check_counts_for_nothing(job, merged, planned, forged):
    found = planned()
    job.publish(checks=found, checked=[forged(found[0])])
    assert (line(job).checks, reverts(job)) == ((), {})


def test_figures_are_computed_again_from_the_samples_of_the_very_change(job, merged, planned):
    (check,) = planned()
    told = answer(check, 1.4)
    liar = replace(told.comparison, ratio=answer(check, 0.5).comparison.ratio)
    job.publish(checks=[check], checked=[replace(told, comparison=liar)])
    assert line(job).checks[0].ratio.estimate == pytest.approx(1.4, rel=0.02)
    moved(job, 1)
    (check,) = planned()
    other = replace(check, changes=(replace(check.changes[0], after=b"import os\n"),))
    job.publish(checks=[other], checked=[answer(other, 0.5)])
    assert (len(line(job).checks), reverts(job)) == (1, {})


def test_code_that_has_changed_is_not_measured_and_the_ledger_says_why(job, merged, planned):
    job.push({"shop.py": FASTER.replace('{one["name"]', '{"x" + one["name"]')})
    assert planned() == ()
    job.publish()
    assert (line(job).note, line(job).standing) == (checks.CHANGED, Standing.UNDECIDED)
    assert "cannot be taken out by itself" in (job.place / "hotlap-ci" / "report" / "ledger.md").read_text()
    job.push({"shop.py": CORE})
    assert planned() == ()
    job.publish()
    assert line(job).note == checks.OUT


def test_what_a_machine_can_never_measure_is_said_and_not_asked_again(job, merged, planned):
    (check,) = planned()
    job.publish(checks=[check], checked=[Checked(check.entry, check.commit, why="the tests need it by now: t fails")])
    assert "the tests need it by now" in line(job).note
    assert line(job).standing is Standing.UNDECIDED
    assert planned() == ()


def test_what_a_machine_says_is_kept_short(job, merged, planned):
    (check,) = planned()
    job.publish(checks=[check], checked=[Checked(check.entry, check.commit, why="never\n" * 100_000)])
    assert "never never" in line(job).note
    assert len(line(job).note) < 400


@pytest.mark.parametrize(("phase", "opened"), [("observe", 0), ("suggest", 0), ("approve", 1)])
def test_a_project_that_only_looks_gets_no_revert(job, merged, planned, phase, opened):
    job.push({".hotlap.yml": f"rollout: {{phase: {phase}}}\n"})
    found = planned()
    job.publish(checks=found, checked=[answer(found[0], 0.8)])
    assert len(reverts(job)) == opened
    assert line(job).standing is Standing.REGRESSION
