import datetime as dt
from dataclasses import replace

import pytest

from bot.domain.command import Verb
from bot.domain.forge import Access, Asked, MergeRequest, MergeState, User
from bot.triggers.authorise import Policy, Refusal, allowed, decide
from bot.triggers.commands import commands
from bot.triggers.limits import Limits, exceeded

HEAD = "a" * 40
ABOUT = MergeRequest(1, "t", "", MergeState.OPENED, "feature", "main", 7, 7, HEAD, User(1, "dev"), "")
FORK = replace(ABOUT, source_project=8)
POLICY = Policy(hardware=("x86", "arm"), strategies=("sequential", "beam"))
NOW = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


def refusal(line, access=Access.DEVELOPER, about=ABOUT, hinted=""):
    (command,) = commands(f"/optimize {line}")
    found = decide(command, access, about, hinted, POLICY)
    return None if found is None else found.code


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("access", [Access.NONE, Access.MINIMAL, Access.GUEST, Access.PLANNER])
def test_a_guest_gets_nothing(verb, access):
    assert refusal("" if verb is Verb.RUN else str(verb), access) is Refusal.ACCESS


@pytest.mark.parametrize(
    ("line", "least"),
    [
        ("help", Access.REPORTER),
        ("status", Access.REPORTER),
        ("", Access.DEVELOPER),
        ("retry", Access.DEVELOPER),
        ("revise use a dict", Access.DEVELOPER),
        ("stop", Access.DEVELOPER),
    ],
)
def test_each_command_has_a_least_role(line, least):
    assert refusal(line, least) is None
    assert refusal(line, max(level for level in Access if level < least)) is Refusal.ACCESS


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("f --budget soon", Refusal.SYNTAX),
        ("f --hardware gpu", Refusal.HARDWARE),
        ("f --strategy luck", Refusal.STRATEGY),
        ("f --budget 2h", Refusal.BUDGET),
        ("f --budget 30m --hardware arm --strategy beam", None),
    ],
)
def test_what_is_asked_for_must_be_there(line, code):
    assert refusal(line) is code


def test_more_time_needs_a_maintainer_and_has_an_end():
    assert refusal("f --budget 2h", Access.MAINTAINER) is None
    assert refusal("f --budget 5h", Access.OWNER) is Refusal.BUDGET
    (command,) = commands("/optimize f --budget 5h")
    assert allowed(command, POLICY) == POLICY.ceiling


@pytest.mark.parametrize("state", [MergeState.CLOSED, MergeState.MERGED, MergeState.LOCKED])
def test_a_merge_request_that_is_not_open_is_left_alone(state):
    assert refusal("f", about=replace(ABOUT, state=state)) is Refusal.CLOSED
    assert refusal("stop", about=replace(ABOUT, state=state)) is None


def test_the_head_must_be_the_one_that_was_looked_at():
    assert refusal("f", hinted=HEAD) is None
    assert refusal("f", hinted="b" * 40) is Refusal.HEAD
    assert refusal("f", about=replace(ABOUT, head_sha="")) is Refusal.HEAD


@pytest.mark.parametrize(
    ("line", "access", "code"),
    [
        ("f", Access.OWNER, Refusal.FORK),
        (f"f {HEAD}", Access.DEVELOPER, Refusal.FORK),
        (f"f {'b' * 40}", Access.MAINTAINER, Refusal.FORK),
        (f"f {HEAD[:12]}", Access.MAINTAINER, Refusal.FORK),
        (f"f x{HEAD}", Access.MAINTAINER, Refusal.FORK),
        (f"f {HEAD}", Access.MAINTAINER, None),
        (HEAD, Access.MAINTAINER, None),
        ("status", Access.REPORTER, None),
    ],
)
def test_code_of_a_fork_runs_only_when_a_maintainer_names_its_commit(line, access, code):
    assert refusal(line, access, FORK) is code


def ago(hours, user=1, seconds=600.0):
    return Asked(user, (NOW - dt.timedelta(hours=hours)).isoformat().replace("+00:00", "Z"), seconds, 5)


@pytest.mark.parametrize(
    ("asked", "broken"),
    [
        ([], False),
        ([ago(0.5)] * 5, False),
        ([ago(0.5)] * 6, True),
        ([ago(1.5)] * 6, False),
        ([ago(0.5, user=2)] * 6, False),
        ([ago(0.5, user=2)] * 20, True),
        ([ago(10, seconds=13_800)], False),
        ([ago(10, seconds=13_801)], True),
        ([ago(25, seconds=13_801)], False),
        ([ago(10, user=2, seconds=42_601)], True),
        ([Asked(1, "yesterday", 600, 5)] * 6, True),
        ([ago(-1)] * 6, True),
    ],
)
def test_limits_by_person_and_project(asked, broken):
    assert (exceeded(Limits(), asked, 1, 600, NOW) is not None) is broken
