"""What a job reads of its variables: which pipeline it is in, and one sentence for a variable that is wrong."""

import pytest

from bot.app.ci import orders, privilege
from bot.app.ci.environment import Step, Way, read, seconds
from bot.app.comment import Heard
from bot.config import parse
from bot.domain.command import Command, Verb
from bot.domain.errors import ConfigError, Refused
from bot.domain.evidence import Isolation
from bot.domain.exchange import DryRun
from bot.domain.forge import MergeRequest, MergeState, Noteable, NoteableKind, User
from bot.domain.hardware import Agreement, Hardware
from bot.domain.job import Trigger, TriggerKind

SHA, BASE, MERGED = "a" * 40, "b" * 40, "c" * 40
SWEEP = {
    "CI_PIPELINE_SOURCE": "schedule", "CI_PROJECT_PATH": "team/shop", "CI_COMMIT_SHA": SHA, "CI_DEFAULT_BRANCH": "main",
    "GITLAB_USER_LOGIN": "maria", "CI_PIPELINE_ID": "7",
}  # fmt: skip
REQUEST = SWEEP | {
    "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "faster", "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE,
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
}  # fmt: skip
CONFIG = parse(
    b"hardware: [{name: amd, tags: [amd], weight: 2}, {name: arm}]\n"
    b"accept: {hardware: named, named: [amd]}\nbudget: {seconds: 600, merge_requests: 2}\n"
)


def test_a_schedule_is_a_sweep_of_the_default_branch_in_one_job_unless_a_step_is_named():
    job = read(SWEEP)
    assert (job.way, job.step, job.sha, job.pipeline) == (Way.SWEEP, Step.SINGLE, SHA, 7)
    assert read(SWEEP | {"HOTLAP_STEP": "survey"}).step is Step.SURVEY
    assert read(SWEEP | {"HOTLAP_STEP": "survey"}, "propose").step is Step.PROPOSE
    order = orders.of_sweep(job, CONFIG)
    assert (order.trigger.kind, order.target_branch, order.at, order.diff_base) == (TriggerKind.SWEEP, "main", None, "")
    assert (order.most, order.budget.seconds) == (2, 600.0)
    assert order.hardware == (Hardware("amd", ("amd",), "", 2.0), Hardware("arm"))
    assert (order.policy.agreement, order.policy.names) == (Agreement.NAMED, ("amd",))


def test_inputs_go_before_the_configuration():
    given = {
        "HOTLAP_BUDGET": "2m",
        "HOTLAP_MERGE_REQUESTS": "9",
        "HOTLAP_TARGETS": "a.py::f  g",
        "HOTLAP_DRY_RUN": "plan",
    }
    order = orders.of_sweep(read(SWEEP | given), CONFIG)
    assert (order.budget.seconds, order.most, order.trigger.wanted) == (120.0, 9, ("a.py::f", "g"))
    assert order.dry is DryRun.PLAN


def test_a_merge_request_is_about_its_own_head_and_goes_onto_its_own_branch():
    order = orders.of_merge_request(read(REQUEST), CONFIG)
    assert (order.trigger.head_sha, order.target_branch, order.diff_base, order.most) == (SHA, "faster", BASE, 1)
    assert order.at == Noteable(NoteableKind.MERGE_REQUEST, 3)
    merged = REQUEST | {"CI_COMMIT_SHA": MERGED, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": SHA}
    assert read(merged).sha == SHA


def test_a_trigger_without_a_payload_is_no_command():
    assert read(SWEEP | {"CI_PIPELINE_SOURCE": "trigger"}).way is Way.SWEEP
    assert read(SWEEP | {"CI_PIPELINE_SOURCE": "trigger", "TRIGGER_PAYLOAD": "/tmp/x"}).way is Way.COMMAND


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}, "comes from a fork"),
        ({"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "hotlap/x"}, "branch of Hotlap's own"),
        ({"CI_PIPELINE_SOURCE": ""}, "runs inside a GitLab job"),
    ],
)
def test_what_is_not_for_the_bot_is_refused(change, said):
    with pytest.raises(Refused, match=said):
        read(REQUEST | change)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLAP_STEP", "deploy"),
        ("HOTLAP_DRY_RUN", "maybe"),
        ("HOTLAP_BUDGET", "soon"),
        ("HOTLAP_BUDGET", "0"),
        ("HOTLAP_MERGE_REQUESTS", "-1"),
        ("CI_MERGE_REQUEST_IID", "3; rm"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "main"),
        ("CI_COMMIT_SHA", ""),
        ("CI_DEFAULT_BRANCH", ""),
    ],
)
def test_a_variable_that_is_wrong_is_named(name, value):
    with pytest.raises(ConfigError, match=name):
        read(REQUEST | {name: value})


@pytest.mark.parametrize(("text", "value"), [("90", 90.0), ("90s", 90.0), ("1.5m", 90.0), ("2h", 7200.0)])
def test_durations(text, value):
    assert seconds(text, "x") == value


ABOUT = MergeRequest(3, "t", "", MergeState.OPENED, "faster", "main", 1, 1, SHA, User(2, "ada"), "u", base_sha=BASE)


def ordered(command, about=ABOUT):
    trigger = Trigger(TriggerKind.COMMAND, "ada", "team/shop", SHA, merge_request=3, note=5, command=command)
    job = read(SWEEP | {"CI_PIPELINE_SOURCE": "trigger", "TRIGGER_PAYLOAD": "/x"})
    return orders.of_command(Heard("", trigger, 300.0), Noteable(NoteableKind.MERGE_REQUEST, 3), about, job, CONFIG)


def test_a_comment_chooses_machines_and_time():
    order = ordered(Command(Verb.RUN, hardware=("arm",)))
    assert [one.name for one in order.hardware] == ["arm"]
    assert (order.policy.agreement, order.budget.seconds) == (Agreement.ALL, 300.0)
    assert (order.target_branch, order.diff_base, order.most) == ("faster", BASE, 1)
    with pytest.raises(Refused, match="there is amd, arm"):
        ordered(Command(Verb.RUN, hardware=("vax",)))


def test_nothing_is_pushed_to_a_fork():
    fork = MergeRequest(3, "t", "", MergeState.OPENED, "faster", "main", 9, 1, SHA, User(2, "ada"), "u", base_sha=BASE)
    assert ordered(Command(Verb.RUN), fork).most == 0


@pytest.mark.parametrize(
    ("step", "name", "allowed"),
    [
        (Step.SURVEY, "HOTLAP_GITLAB_TOKEN", False),
        (Step.EVALUATE, "HOTLAP_GITLAB_TOKEN", False),
        (Step.EVALUATE, "HOTLAP_MODEL_KEY", False),
        (Step.PUBLISH, "HOTLAP_MODEL_KEY", False),
        (Step.WAIT, "HOTLAP_MODEL_KEY", False),
        (Step.PROPOSE, "HOTLAP_MODEL_KEY", True),
        (Step.PUBLISH, "HOTLAP_GITLAB_TOKEN", True),
    ],
)
def test_a_job_that_holds_more_than_it_needs_refuses_to_work(step, name, allowed):
    if allowed:
        privilege.held(step, {name: "secret"})
        return
    with pytest.raises(Refused, match="environment scope") as found:
        privilege.held(step, {name: "glpat-canary"})
    assert "canary" not in str(found.value)
    privilege.held(step, {name: ""})


def test_secrets_and_candidates_share_a_job_only_where_something_keeps_them_apart():
    privilege.apart(Isolation.NAMESPACE, {"HOTLAP_GITLAB_TOKEN": "x"})
    privilege.apart(Isolation.PROCESS, {})
    with pytest.raises(Refused, match="HOTLAP_MODEL_KEY"):
        privilege.apart(Isolation.PROCESS, {"HOTLAP_MODEL_KEY": "x"})


def test_a_database_is_a_secret_and_a_file_is_none():
    privilege.held(Step.EVALUATE, {"HOTLAP_STORE": "/var/lib/hotlap.sqlite"})
    with pytest.raises(Refused, match="must not see HOTLAP_STORE"):
        privilege.held(Step.EVALUATE, {"HOTLAP_STORE": "postgresql://me:word@host/name"})
    with pytest.raises(Refused, match="holds HOTLAP_STORE"):
        privilege.apart(Isolation.PROCESS, {"HOTLAP_STORE": "postgresql://me:word@host/name"})
