"""Real git over HTTP: tokens, scopes, protected branches, and what pushes do to merge requests."""

import os
import subprocess

import pytest

from tests.gitlab_server import Access


@pytest.fixture
def git(tmp_path):
    """Run git as a stranger's machine would; returns the completed process."""

    def run(*words, cwd=None):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
        }  # fmt: skip
        return subprocess.run(
            ("git", *words), cwd=cwd or tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


def with_token(project, secret):
    return project.url.replace("://", f"://oauth2:{secret}@")


@pytest.fixture
def clone(shop, git, tmp_path):
    assert git("clone", "-q", with_token(shop.project, shop.token.secret), "copy").returncode == 0
    return tmp_path / "copy"


def commit(git, clone, text):
    (clone / "core.py").write_text(text)
    git("commit", "-qam", text, cwd=clone)


def test_a_push_reaches_the_merge_request(shop, git, clone):
    mr = shop.change()
    git("fetch", "-q", cwd=clone)
    git("checkout", "-q", "hotlap/core", cwd=clone)
    commit(git, clone, "more = 1\n")
    assert git("push", "-q", "origin", "hotlap/core", cwd=clone).returncode == 0
    held = shop.project.merge_requests[mr.iid]
    assert held.sha == shop.project.repository.sha("hotlap/core") != mr.sha
    assert [call.user for call in shop.server.log if call.path.endswith("git-receive-pack")] == [shop.bot.username]


def test_a_protected_branch_refuses(shop, git, clone):
    commit(git, clone, "more = 1\n")
    done = git("push", "origin", "HEAD:main", cwd=clone)
    assert done.returncode != 0
    assert "GitLab: You are not allowed to push code to protected branches on this project." in done.stderr


@pytest.mark.parametrize(
    ("scopes", "access", "reads", "writes"),
    [
        (("api",), Access.DEVELOPER, True, True),
        (("read_repository",), Access.DEVELOPER, True, False),
        (("read_api",), Access.DEVELOPER, False, False),
        (("write_repository",), Access.REPORTER, True, False),
        (("write_repository",), Access.GUEST, False, False),
    ],
)
def test_scopes_and_levels(shop, git, clone, scopes, access, reads, writes):
    secret = shop.server.add_project_token(shop.project, "other", access, scopes).secret
    commit(git, clone, "more = 1\n")
    where = with_token(shop.project, secret)
    assert (git("ls-remote", where).returncode == 0) is reads
    assert (git("push", "-q", where, "HEAD:side", cwd=clone).returncode == 0) is writes


def test_without_a_token_a_private_project_asks_and_a_public_one_reads(shop, git):
    assert "could not read Username" in git("ls-remote", shop.project.url).stderr
    shop.project.visibility = "public"
    assert git("ls-remote", shop.project.url).returncode == 0


def test_a_job_token_pushes_only_where_the_project_allows_it(shop, git, clone):
    where = with_token(shop.project, shop.server.add_job_token(shop.project, shop.owner).secret)
    commit(git, clone, "more = 1\n")
    assert git("push", "-q", where, "HEAD:side", cwd=clone).returncode != 0
    shop.project.job_token_push = True
    assert git("push", "-q", where, "HEAD:side", cwd=clone).returncode == 0


def test_a_lease_that_is_old_is_refused(shop, git, clone):
    shop.change()
    git("fetch", "-q", cwd=clone)
    shop.server.push(shop.project, shop.owner, "hotlap/core", {"core.py": "theirs = 1\n"})
    commit(git, clone, "mine = 1\n")
    done = git("push", "-q", "--force-with-lease=hotlap/core", "origin", "HEAD:hotlap/core", cwd=clone)
    assert "stale info" in done.stderr
