from dataclasses import dataclass, field

import pytest

from bot.adapters.default_branch import DefaultBranch, default_branch


@dataclass
class Clone:
    """A clone by the references it has."""

    known_refs: dict = field(default_factory=dict)
    current: str | None = None
    advertised: str | None = None
    remote: bool = True

    def known(self, reference):
        return self.known_refs.get(reference)


FAR, LOCAL = "refs/remotes/origin/main", "refs/heads/main"
JOB = {"CI": "true", "CI_DEFAULT_BRANCH": "main"}


def test_in_a_job_only_what_was_fetched_from_origin_counts():
    stale = {LOCAL: "stale", "HEAD": "head"}
    assert default_branch(Clone({**stale, FAR: "far"}), JOB) == DefaultBranch("main", "far")
    assert default_branch(Clone(stale), JOB) is None


def test_a_pipeline_of_the_default_branch_itself_counts_its_own_commit():
    clone = Clone({"HEAD": "head", FAR: "older"})
    assert default_branch(clone, JOB | {"CI_COMMIT_BRANCH": "main"}) == DefaultBranch("main", "head")
    assert default_branch(clone, JOB | {"CI_COMMIT_BRANCH": "change"}) == DefaultBranch("main", "older")


def test_a_merge_request_cannot_call_its_own_branch_the_default():
    clone = Clone({"HEAD": "head", "refs/heads/change": "head", FAR: "far"}, current="change", advertised="main")
    assert default_branch(clone, {"CI": "true"}) == DefaultBranch("main", "far")


def test_on_a_laptop_the_work_tree_counts_while_the_default_branch_is_checked_out():
    assert default_branch(Clone({LOCAL: "sha"}, current="main"), {}) == DefaultBranch("main", None)


@pytest.mark.parametrize(
    ("refs", "advertised", "expected"),
    [
        ({LOCAL: "here", FAR: "far"}, None, DefaultBranch("main", "here")),
        ({FAR: "far"}, "main", DefaultBranch("main", "far")),
        ({"refs/heads/trunk": "t", LOCAL: "m"}, "trunk", DefaultBranch("trunk", "t")),
        ({"refs/heads/master": "m"}, None, DefaultBranch("master", "m")),
        ({}, None, None),
    ],
)
def test_on_another_branch_the_merged_file_counts(refs, advertised, expected):
    assert default_branch(Clone(refs, current="change", advertised=advertised), {}) == expected


def test_a_repository_with_one_branch_of_another_name():
    alone = Clone({"HEAD": "h"}, current="trunk", remote=False)
    assert default_branch(alone, {}) == DefaultBranch("trunk", None)
    assert default_branch(Clone({"HEAD": "h"}, remote=False), {}) is None
    assert default_branch(Clone({"HEAD": "h"}, current="change"), {}) is None


def test_in_a_job_of_another_system_a_branch_that_only_has_the_name_does_not_win():
    clone = Clone({LOCAL: "fork", FAR: "far"}, current="main", advertised="main")
    assert default_branch(clone, {"CI": "true"}) == DefaultBranch("main", "far")
    assert default_branch(Clone({LOCAL: "own"}, current="main", remote=False), {"CI": "1"}).sha is None


@pytest.mark.parametrize("current", ["main", "change", None])
def test_a_pushed_branch_with_a_usual_name_does_not_become_the_default(current):
    develop = {"refs/remotes/origin/develop": "real", "refs/heads/develop": "real"}
    clone = Clone({**develop, FAR: "pushed", LOCAL: "pushed"}, current=current)
    assert default_branch(clone, {}) is None
    assert default_branch(clone, {"CI": "true"}) is None
    clone.advertised = "develop"
    assert default_branch(clone, {}).sha == default_branch(clone, {"CI": "true"}).sha == "real"


def test_in_a_job_no_name_is_guessed():
    assert default_branch(Clone({FAR: "pushed", LOCAL: "pushed"}, current="main"), {"CI": "true"}) is None


def test_the_only_usual_name_that_origin_has_is_taken_elsewhere():
    develop = Clone({"refs/remotes/origin/develop": "real", LOCAL: "own"}, current="main")
    assert default_branch(develop, {}) == DefaultBranch("develop", "real")
    assert default_branch(Clone({LOCAL: "own", FAR: "far"}, current="main"), {}) == DefaultBranch("main", None)
