"""Merges without a person: opted in, proven, green at the very commit, and nobody has anything against it."""

import pytest

from bot.adapters.store.database import connect
from bot.adapters.store.lessons import SqlLessonBook
from bot.adapters.store.migrate import opened
from bot.domain.evidence import Outcome
from bot.domain.lesson import Lesson, LessonState, Polarity
from tests.fakes.merged_shop import KIND, stocked
from tests.gitlab_server import Access, Fault
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow
BRANCH = "hotlap/shop-known"
CONFIG = f"rollout: {{phase: auto, kinds: {{{KIND}: auto}}}}\n"


@pytest.fixture
def stock(gitlab_server, tmp_path, monkeypatch):  # noqa: F811
    return lambda config=CONFIG: stocked(gitlab_server, tmp_path, monkeypatch, config, Access.MAINTAINER)


@pytest.fixture
def job(stock):
    made = stock()
    made.publish(made.candidate())
    return made


def green(job, status="success"):
    """The pipeline of the head of the bot's merge request, which ends as `status`."""
    pipeline = job.server.merge_request_pipeline(request(job), job.maria)
    job.server.finish(pipeline, status)


def request(job):
    return job.requests[BRANCH]


def merges(job):
    return [call for call in job.server.log if call.method == "PUT" and call.path.endswith("/merge")]


def said(job):
    return [one for one in job.said(request(job)) if "by itself" in one or "without a person" in one]


def test_it_merges_what_was_proven_at_the_commit_that_is_green_once(job):
    assert not request(job).draft
    job.publish()
    assert (request(job).state, said(job)) == ("opened", [])
    green(job)
    head = request(job).sha
    for _ in range(2):
        job.publish()
        assert request(job).state == "merged"
    (call,) = merges(job)
    assert (call.body["sha"], call.body["merge_when_pipeline_succeeds"]) == (head, False)
    (note,) = said(job)
    assert KIND in note
    (line,) = job.memory.ledger()
    assert line.merged == job.head


def test_an_answer_that_was_lost_is_looked_up(job):
    green(job)
    job.server.faults.add(Fault.reset(acted=True), method="PUT", path="*/merge")
    job.publish()
    assert request(job).state == "merged"
    job.publish()
    (line,) = job.memory.ledger()
    assert line.landed


def someone_pushes(job):
    green(job)
    job.push({"theirs.py": "x = 1\n"}, BRANCH)


def pipeline_of_another_commit(job):
    green(job)
    request(job).pipelines[-1].sha = job.head


def failed(job):
    green(job, "failed")


def back_to_draft(job):
    green(job)
    request(job).title = "Draft: " + request(job).title


def a_maintainer_asks(job, access=Access.DEVELOPER):
    green(job)
    person = job.server.add_user("ulla")
    if access:
        job.server.add_member(job.project, person, access)
    note = job.server.say(request(job), person, "Is this right for empty lists?")
    note.kind = "DiscussionNote"
    return note


def base_moves(job):
    green(job)
    job.push({"other.py": "x = 1\n"})


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (someone_pushes, "another commit than the one that was proven"),
        (pipeline_of_another_commit, ""),
        (failed, "its pipeline ended as failed"),
        (back_to_draft, "it is a draft"),
        (a_maintainer_asks, "a thread of ulla is not resolved"),
        (base_moves, ""),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_everything_else_is_left_and_the_reason_is_said_once(job, happens, reason):
    happens(job)
    for _ in range(2):
        job.publish()
    assert (request(job).state, merges(job)) == ("opened", [])
    assert len(said(job)) == bool(reason)
    assert reason in "".join(said(job))


def test_a_thread_that_is_resolved_or_of_a_guest_stops_nothing(job):
    note = a_maintainer_asks(job)
    note.resolved = True
    a_guest = job.server.add_user("gustav")
    job.server.add_member(job.project, a_guest, Access.GUEST)
    job.server.say(request(job), a_guest, "Do not merge this").kind = "DiscussionNote"
    job.publish()
    assert request(job).state == "merged"


def test_a_head_that_moves_at_the_last_moment_is_refused_by_gitlab(job):
    green(job)
    moves = Fault.call(lambda: job.push({"late.py": "x = 1\n"}, BRANCH), acted=False)
    job.server.faults.add(moves, method="PUT", path="*/merge")
    job.publish()
    assert request(job).state == "opened"
    assert job.project.repository.read("main", "late.py") is None


@pytest.mark.parametrize("outcome", [Outcome.HELD, Outcome.REJECTED])
def test_what_was_judged_again_and_not_accepted_waits_for_a_person(job, outcome):
    green(job)
    job.publish(job.candidate(), outcome=outcome)
    for _ in range(2):
        assert request(job).state == "opened"
        assert "judged again and not accepted" in "".join(said(job))
        job.publish()  # a job that does not try the function knows it as well
    job.publish(job.candidate())
    green(job)
    job.publish()
    assert request(job).state == "merged"


def asked_otherwise(job):
    person = job.server.add_user("ulla")
    job.server.add_member(job.project, person, Access.DEVELOPER)
    job.server.say(request(job), person, "/optimize revise without a set, please")


def a_lesson(*subjects, scope="project:team/shop"):
    def learned(job):
        lesson = Lesson(scope, "please do not do this", (), LessonState.ACTIVE, Polarity.AVOID, subjects)
        database = opened(connect(job.store, lambda: "2026-01-01T00:00:00+00:00", str))
        SqlLessonBook(database, "team/shop").learn([lesson])

    return learned


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (asked_otherwise, "ulla asked for another change here"),
        (a_lesson("node:SetComp"), "please do not do this"),
        (a_lesson(scope="path:shop.py"), "please do not do this"),
        (a_lesson(scope=f"kind:{KIND}"), "please do not do this"),
        (a_lesson(scope="kind:another"), ""),
        (a_lesson("node:Lambda"), ""),
        (a_lesson(scope="path:other.py"), ""),
    ],
)
def test_what_people_said_later_counts(job, happens, reason):
    green(job)
    happens(job)
    job.publish()
    assert request(job).state == ("opened" if reason else "merged")
    assert not reason or reason in "".join(said(job))


def test_a_merge_request_whose_branch_is_gone_stops_no_job(job):
    green(job)
    job.project.repository.delete_branch(BRANCH)
    job.publish()
    assert merges(job) == []
    assert job.project.issues


def test_a_merge_request_that_the_bot_has_no_evidence_of_is_left(job):
    green(job)
    (claim,) = job.memory.ledger()
    job.server.push(job.project, job.bot, "hotlap/other", {"other.py": "x = 1\n"})
    other = job.server.open_merge_request(job.project, job.bot, "hotlap/other", description=request(job).description)
    job.server.finish(job.server.merge_request_pipeline(other, job.maria), "success")
    job.publish()
    assert (other.state, request(job).state) == ("opened", "merged")
    assert claim.mr == request(job).iid


@pytest.mark.parametrize(
    "config", ["rollout: {phase: approve}", "rollout: {phase: auto}", "rollout: {phase: auto, kinds: {hoisting: auto}}"]
)
def test_nothing_merges_itself_that_was_not_opted_in_by_name(stock, config):
    job = stock(config)
    job.publish(job.candidate())
    assert request(job).draft
    request(job).title = "Ready"
    green(job)
    job.publish()
    assert (request(job).state, merges(job), said(job)) == ("opened", [], [])


def test_gitlab_has_the_last_word(job):
    green(job)
    job.project.only_allow_merge_if_all_discussions_are_resolved = True
    guest = job.server.add_user("gustav")
    job.server.say(request(job), guest, "hm").kind = "DiscussionNote"
    job.publish()
    assert request(job).state == "opened"
    assert "GitLab refuses" in said(job)[0]
