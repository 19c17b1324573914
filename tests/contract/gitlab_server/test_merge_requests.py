"""Merge requests from opening to the end, with GitLab's refusals and its lateness."""

import gitlab
import pytest

from tests.gitlab_server import Access


def test_a_second_one_for_the_same_branch_names_the_first(shop):
    mr = shop.change()
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.change()
    assert refused.value.response_code == 409
    assert f"Another open merge request already exists for this source branch: !{mr.iid}" in str(refused.value)


def test_a_branch_that_is_not_there_yet(shop):
    shop.server.late.source_branch = 2
    for _ in range(2):
        with pytest.raises(gitlab.GitlabCreateError) as refused:
            shop.change()
        assert refused.value.response_code == 400
        assert "source_branch" in str(refused.value)
    assert shop.change().state == "opened"


def test_facts_that_settle_late(shop):
    shop.server.late.merge_status = shop.server.late.diff_refs = 3
    mr = shop.change()
    assert (mr.detailed_merge_status, mr.diff_refs) == ("checking", None)
    seen = [shop.api.mergerequests.get(mr.iid) for _ in range(3)]
    assert [one.detailed_merge_status for one in seen] == ["checking", "checking", "mergeable"]
    assert seen[-1].diff_refs["head_sha"] == mr.sha


def test_a_head_pipeline_that_comes_late(shop):
    shop.server.late.head_pipeline = 2
    mr = shop.change()
    pipeline = shop.server.merge_request_pipeline(shop.project.merge_requests[mr.iid], shop.owner)
    seen = [shop.api.mergerequests.get(mr.iid).head_pipeline for _ in range(2)]
    assert seen[0] is None
    assert (seen[1]["id"], seen[1]["sha"]) == (pipeline.id, mr.sha)


def test_labels_are_added_and_removed_without_replacing(shop):
    mr = shop.change(labels="one,two")
    shop.api.mergerequests.update(mr.iid, {"add_labels": "three", "remove_labels": "one"})
    assert shop.project.merge_requests[mr.iid].labels == ["two", "three"]


def test_reviewers_and_draft(shop):
    mr = shop.change(title="Draft: Faster", reviewer_ids=[shop.owner.id])
    assert (mr.draft, mr.detailed_merge_status) == (True, "draft_status")
    assert [one["username"] for one in mr.reviewers] == ["maria"]


def test_changes_and_diffs(shop):
    mr = shop.change()
    (changed,) = mr.changes()["changes"]
    assert changed["new_path"] == "core.py"
    assert "-line_5 = 5\n+line_5 = 6\n" in changed["diff"]
    assert [one.head_commit_sha for one in mr.diffs.list(get_all=True)] == [mr.sha]


def test_a_push_makes_a_new_version(shop):
    mr = shop.change()
    head = shop.server.push(shop.project, shop.owner, "hotlap/core", {"core.py": "mine = 1\n"})
    assert shop.api.mergerequests.get(mr.iid).sha == head
    assert len(mr.diffs.list(get_all=True)) == 2


def test_a_branch_that_goes_takes_its_merge_request_with_it(shop):
    mr = shop.change()
    shop.api.branches.delete("hotlap/core")
    assert shop.api.mergerequests.get(mr.iid).state == "closed"
    with pytest.raises(gitlab.GitlabGetError):
        shop.api.branches.get("hotlap/core")


def test_conflicts_are_seen_and_not_merged(shop):
    mr = shop.change()
    shop.server.push(shop.project, shop.owner, "main", {"core.py": "other = 1\n"})
    assert shop.api.mergerequests.get(mr.iid).detailed_merge_status == "conflict"


def test_only_who_may_merge_merges(shop, client):
    mr = shop.change()
    with pytest.raises(gitlab.GitlabAuthenticationError):
        mr.merge()
    owner = client(shop.server.add_token(shop.owner).secret).projects.get(shop.project.id)
    owner.mergerequests.get(mr.iid).merge()
    merged = shop.api.mergerequests.get(mr.iid)
    assert (merged.state, merged.merged_by["username"]) == ("merged", "maria")
    assert b"line_5 = 6" in shop.project.repository.read("main", "core.py")


def test_a_merge_is_of_the_named_commit_and_of_what_the_project_asks_for(shop, client):
    mr = shop.change()
    shop.project.only_allow_merge_if_pipeline_succeeds = True
    owner = client(shop.server.add_token(shop.owner).secret).projects.get(shop.project.id).mergerequests.get(mr.iid)
    with pytest.raises(gitlab.GitlabMRClosedError, match="405"):
        owner.merge(sha=mr.sha)
    pipeline = shop.server.merge_request_pipeline(shop.project.merge_requests[mr.iid], shop.owner)
    shop.server.finish(pipeline, "success")
    with pytest.raises(gitlab.GitlabMRClosedError, match="does not match HEAD"):
        owner.merge(sha="0" * 40)
    owner.merge(sha=mr.sha, merge_when_pipeline_succeeds=False)
    assert shop.project.merge_requests[mr.iid].state == "merged"


@pytest.mark.parametrize(("method", "squash"), [("merge", True), ("ff", False), ("ff", True)])
def test_how_a_merge_request_comes_to_its_target(shop, client, method, squash):
    mr = shop.change()
    shop.project.merge_method = method
    owner = client(shop.server.add_token(shop.owner).secret).projects.get(shop.project.id)
    owner.mergerequests.get(mr.iid).merge(squash=squash)
    merged, tip = shop.api.mergerequests.get(mr.iid), shop.project.repository.sha("main")
    assert (merged.squash_commit_sha is not None, merged.merge_commit_sha is not None) == (squash, method == "merge")
    assert tip == (merged.merge_commit_sha or merged.squash_commit_sha or merged.sha)


def test_approvals(shop, client):
    mr = shop.change()
    owner = client(shop.server.add_token(shop.owner).secret).projects.get(shop.project.id)
    owner.mergerequests.get(mr.iid).approve()
    assert [one["user"]["username"] for one in mr.approvals.get().approved_by] == ["maria"]


def test_disabled_merge_requests(shop):
    shop.project.merge_requests_enabled = False
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.change()
    assert refused.value.response_code == 403


def test_a_fork_opens_one_in_its_parent(shop, client):
    outsider = shop.server.add_user("otto")
    shop.project.visibility = "public"
    fork = shop.server.fork(shop.project, outsider)
    shop.server.push(fork, outsider, "mine", {"core.py": "x = 1\n"})
    api = client(shop.server.add_token(outsider).secret).projects.get(fork.id)
    made = api.mergerequests.create(
        {"source_branch": "mine", "target_branch": "main", "title": "Mine", "target_project_id": shop.project.id}
    )
    seen = shop.api.mergerequests.get(made.iid)
    assert (seen.source_project_id, seen.target_project_id) == (fork.id, shop.project.id)


@pytest.mark.parametrize(("title", "description"), [("x" * 256, ""), ("x", "y" * 1_048_577)])
def test_texts_that_are_too_long(shop, title, description):
    with pytest.raises(gitlab.GitlabCreateError, match="too long"):
        shop.change(title=title, description=description)


def test_issues_and_filters(shop):
    made = shop.api.issues.create({"title": "Dashboard", "description": "- [ ] one", "labels": "hotlap"})
    shop.api.issues.create({"title": "Other"})
    assert [one.iid for one in shop.api.issues.list(labels="hotlap", state="opened", get_all=True)] == [made.iid]
    made.state_event = "close"
    made.save()
    assert shop.api.issues.get(made.iid).state == "closed"


def test_branches_commits_and_files(shop):
    shop.api.branches.create({"branch": "side", "ref": "main"})
    shop.api.commits.create(
        {
            "branch": "side", "commit_message": "two at once",
            "actions": [
                {"action": "create", "file_path": "a/new.txt", "content": "new"},
                {"action": "update", "file_path": "README.md", "content": "# Other\n"},
            ],
        }
    )  # fmt: skip
    assert shop.api.files.get("a/new.txt", ref="side").decode() == b"new"
    assert shop.api.files.raw("README.md", ref="side") == b"# Other\n"
    assert [entry["path"] for entry in shop.api.repository_tree(ref="side", path="a", get_all=True)] == ["a/new.txt"]
    assert {one["new_path"] for one in shop.api.repository_compare("main", "side")["diffs"]} == {
        "a/new.txt",
        "README.md",
    }
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.api.files.create({"file_path": "x", "branch": "main", "content": "x", "commit_message": "x"})
    assert refused.value.response_code == 403
    shop.server.protect(shop.project, "main", push=Access.DEVELOPER)
    shop.api.files.create({"file_path": "x", "branch": "main", "content": "x", "commit_message": "x"})
    shop.api.branches.delete("side")
    assert [branch.name for branch in shop.api.branches.list(get_all=True)] == ["main"]
