"""Bad input gets one clear sentence, the right exit code, and changes nothing."""

import pytest

pytestmark = pytest.mark.slow


def refused(done, code=2):
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return [line for line in done.stderr.splitlines() if line.strip()][-1]


def test_no_git_repository(hotlap, tmp_path):
    assert "not a git repository" in refused(hotlap("optimize", "--repo", tmp_path))


def test_no_such_directory(hotlap, tmp_path):
    assert "does not exist" in refused(hotlap("optimize", "--repo", tmp_path / "missing"))


def test_dirty_tree(hotlap, repository):
    repository.write("shop/core.py", "x = 1\n")
    before = repository.state()
    sentence = refused(hotlap("optimize", "--repo", repository.root))
    assert "uncommitted changes in shop/core.py" in sentence
    assert repository.state() == before
    assert repository.branches() == {"main"}


def test_no_benchmark(hotlap, repository):
    repository.git("rm", "-q", "benchmarks/bench_core.py")
    repository.commit()
    for command in (["optimize"], ["localize", "--profile"]):
        assert "no benchmark was found" in refused(hotlap(*command, "--repo", repository.root))


def test_benchmark_that_fails(hotlap, repository):
    repository.write("benchmarks/bench_core.py", "def bench_broken():\n    raise RuntimeError('out of order')\n")
    repository.commit()
    before = repository.state()
    sentence = refused(hotlap("optimize", "--repo", repository.root))
    assert "bench_broken" in sentence
    assert "out of order" in sentence
    assert repository.state() == before


def test_benchmark_that_cannot_be_imported(hotlap, repository):
    repository.write("benchmarks/bench_core.py", "import does_not_exist\ndef bench_x(): pass\n")
    repository.commit()
    assert "does_not_exist" in refused(hotlap("optimize", "--repo", repository.root))


def test_test_command_not_found(hotlap, repository):
    repository.write(".hotlap.yml", "isolation: process\ntests:\n  command: no-such-tool --all\n")
    repository.commit()
    assert "no-such-tool" in refused(hotlap("optimize", "--repo", repository.root))


def test_tests_that_cannot_be_collected(hotlap, repository):
    repository.write("tests/test_core.py", "import does_not_exist\n")
    repository.commit()
    assert "does_not_exist" in refused(hotlap("optimize", "--repo", repository.root))


def test_unknown_target(hotlap, repository):
    sentence = refused(hotlap("optimize", "shop/core.py::knwon", "--repo", repository.root))
    assert "knwon" in sentence
    assert "known" in sentence


def test_invalid_configuration(hotlap, repository):
    repository.write(".hotlap.yml", "bugdet:\n  seconds: 5\n")
    repository.commit()
    sentence = refused(hotlap("optimize", "--repo", repository.root))
    assert ".hotlap.yml:1" in sentence
    assert "budget" in sentence


@pytest.mark.parametrize("flag", [["--budget", "soon"], ["--proposer", "oracle"], ["--resume", "nothing"]])
def test_bad_flags(hotlap, repository, flag):
    refused(hotlap("optimize", "--repo", repository.root, *flag))


def test_unknown_revisions(hotlap, repository):
    assert "nope" in refused(hotlap("measure", "--base", "nope", "--candidate", "HEAD", "--repo", repository.root))
    assert "nope" in refused(hotlap("verify", "--base", "HEAD", "--candidate", "nope", "--repo", repository.root))


def test_verify_wants_one_change(hotlap, repository):
    refused(hotlap("verify", "--base", "HEAD", "--repo", repository.root))


def test_a_patch_that_does_not_apply_is_a_no(hotlap, repository, tmp_path):
    (tmp_path / "p.diff").write_text("--- a/shop/core.py\n+++ b/shop/core.py\n@@ -1 +1 @@\n-nothing\n+something\n")
    done = hotlap("verify", "--base", "HEAD", "--patch", tmp_path / "p.diff", "--repo", repository.root)
    assert done.returncode == 1
    assert "apply.refused" in done.stdout


def test_an_empty_repository(hotlap, tmp_path):
    from tests.e2e.conftest import Repository

    empty = Repository(tmp_path / "empty")
    assert "no commit yet" in refused(hotlap("optimize", "--repo", empty.root))
