"""GitCheckout against real repositories made by git itself."""

import subprocess
from pathlib import Path

import pytest

from bot.adapters.git import GitCheckout
from bot.domain.code import FileChange
from bot.domain.errors import EditError, Refused
from bot.domain.job import EditSet


def run(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
    done = subprocess.run(("git", *identity, *words), cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path):
    run(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "tool.sh").write_text("#!/bin/sh\n")
    (tmp_path / "tool.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("a.py")
    (tmp_path / "naïve name.py").write_text("y = 2\n")
    run(tmp_path, "add", ".")
    run(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


EDIT = EditSet((FileChange("a.py", b"x = 1\n", b"x = 2\n"), FileChange("new.py", None, b"n = 1\n")))


def state(root: Path) -> tuple[str, str, str, bytes]:
    return (
        run(root, "status", "--porcelain"),
        run(root, "rev-parse", "HEAD"),
        run(root, "branch", "--show-current"),
        (root / ".git" / "index").read_bytes(),
    )


def test_snapshot_holds_the_commit_and_not_the_working_tree(root):
    (root / "a.py").write_text("x = 99\n")
    tree = GitCheckout(root).snapshot("HEAD")
    assert tree.data("a.py") == b"x = 1\n"
    assert tree.data("naïve name.py") == b"y = 2\n"
    assert tree.files["tool.sh"].executable
    assert tree.files["link"].link == "a.py"
    assert tree.commit == run(root, "rev-parse", "HEAD")


def test_commit_and_branch_leave_working_tree_index_and_head_alone(root):
    (root / "a.py").write_text("x = 99\n")
    checkout = GitCheckout(root)
    before = state(root)
    sha = checkout.commit("HEAD", EDIT, "faster\n\nbody")
    assert checkout.branch("hotlap/a", sha) == "hotlap/a"
    assert state(root) == before
    assert (root / "a.py").read_text() == "x = 99\n"
    assert run(root, "show", "hotlap/a:a.py") == "x = 2"
    assert run(root, "show", "hotlap/a:new.py") == "n = 1"
    assert run(root, "log", "-1", "--format=%s %an", "hotlap/a") == "faster Hotlap"
    assert "100755" in run(root, "ls-tree", "hotlap/a", "tool.sh")


def test_deletion_is_committed(root):
    sha = GitCheckout(root).commit("HEAD", EditSet((FileChange("a.py", b"x = 1\n", None),)), "gone")
    assert "a.py" not in run(root, "ls-tree", "--name-only", sha).split()


def test_own_branch_is_replaced_but_not_a_persons(root):
    checkout = GitCheckout(root)
    first = checkout.commit("HEAD", EDIT, "one")
    second = checkout.commit("HEAD", EDIT, "two")
    assert checkout.branch("hotlap/a", first) == "hotlap/a"
    assert checkout.branch("hotlap/a", second) == "hotlap/a"
    tree = run(root, "rev-parse", "hotlap/a^{tree}")
    human = run(root, "commit-tree", tree, "-p", second, "-m", "mine")
    run(root, "update-ref", "refs/heads/hotlap/a", human)
    assert checkout.branch("hotlap/a", first) == "hotlap/a-2"
    assert run(root, "rev-parse", "hotlap/a") == human


def test_checked_out_branch_is_left_alone(root):
    checkout = GitCheckout(root)
    sha = checkout.commit("HEAD", EDIT, "one")
    checkout.branch("hotlap/a", sha)
    run(root, "checkout", "-q", "hotlap/a")
    assert checkout.branch("hotlap/a", sha) == "hotlap/a-2"


@pytest.mark.parametrize("revision", ["nope", "-h", "--all", "", "a\nb", "HEAD:a.py"])
def test_a_revision_that_is_none_is_one_sentence(root, revision):
    with pytest.raises(Refused) as caught:
        GitCheckout(root).resolve(revision)
    assert "\n" not in str(caught.value)


def test_no_repository_no_commit_and_no_directory(tmp_path):
    with pytest.raises(Refused, match="not a git repository"):
        GitCheckout(tmp_path)
    with pytest.raises(Refused, match="does not exist"):
        GitCheckout(tmp_path / "missing")
    run(tmp_path, "init", "-q")
    with pytest.raises(Refused, match="no commit yet"):
        GitCheckout(tmp_path).resolve("HEAD")


def test_dirty_names_tracked_changes_only(root):
    (root / "untracked.py").write_text("")
    assert GitCheckout(root).dirty() == ()
    (root / "naïve name.py").write_text("changed\n")
    assert GitCheckout(root).dirty() == ("naïve name.py",)


def test_diff_starts_at_the_merge_base(root):
    checkout = GitCheckout(root)
    sha = checkout.commit("HEAD", EDIT, "one")
    assert "+x = 2" in checkout.diff("HEAD", sha)


def test_the_merge_base_is_none_where_this_clone_does_not_reach_it(root, tmp_path):
    first = run(root, "rev-parse", "HEAD").strip()
    run(root, "commit", "-q", "--allow-empty", "-m", "main goes on")
    run(root, "checkout", "-q", "-b", "topic", first)
    run(root, "commit", "-q", "--allow-empty", "-m", "a topic")
    assert GitCheckout(root).merge_base("main", "topic") == first
    assert GitCheckout(root).merge_base("main", first) == first
    shallow = tmp_path / "shallow"
    run(root, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{root}", str(shallow))
    assert GitCheckout(shallow).merge_base("origin/main", "origin/topic") is None
    with pytest.raises(Refused, match="names no commit"):
        GitCheckout(root).merge_base("main", "none")


def test_hooks_of_the_repository_do_not_run(root):
    hook = root / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch hook-ran\n")
    hook.chmod(0o755)
    checkout = GitCheckout(root)
    checkout.branch("hotlap/a", checkout.commit("HEAD", EDIT, "one"))
    assert not (root / "hook-ran").exists()
    assert not (root / ".git" / "hook-ran").exists()


@pytest.mark.parametrize("name", ["bad name", "-x", "a..b", "x.lock", ""])
def test_bad_branch_names_are_refused(root, name):
    checkout = GitCheckout(root)
    with pytest.raises(Refused):
        checkout.branch(name, checkout.resolve("HEAD"))


PATCH = """--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-x = 1
+x = 2
"""


def test_a_patch_becomes_a_tree_and_touches_nothing(root):
    (root / "p.diff").write_text(PATCH)
    before = state(root)
    checkout = GitCheckout(root)
    tree = checkout.patched(checkout.resolve("HEAD"), root / "p.diff")
    assert tree.data("a.py") == b"x = 2\n"
    (root / "p.diff").write_text(PATCH.replace("a/a.py", "a.py").replace("b/a.py", "a.py"))
    assert checkout.patched(checkout.resolve("HEAD"), root / "p.diff").data("a.py") == b"x = 2\n"
    assert state(root) == before


@pytest.mark.parametrize("text", ["", "no patch", PATCH.replace("x = 1", "x = 7"), PATCH.replace("a.py", "../a.py")])
def test_a_patch_that_does_not_apply_is_one_sentence(root, text):
    (root / "p.diff").write_text(text)
    checkout = GitCheckout(root)
    with pytest.raises(EditError) as caught:
        checkout.patched(checkout.resolve("HEAD"), root / "p.diff")
    assert "\n" not in str(caught.value)
    assert "p.diff" in str(caught.value)
