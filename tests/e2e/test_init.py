"""A repository is set up by one command, and setting it up twice changes nothing."""

import json

import pytest

from tests.e2e.conftest import UNISOLATED

pytestmark = pytest.mark.slow


@pytest.fixture
def unconfigured(repository):
    repository.git("rm", "-q", ".hotlap.yml")
    repository.commit()
    return repository


def test_init_writes_what_was_detected_and_never_over_a_file(hotlap, unconfigured):
    repository = unconfigured
    done = hotlap("init", "--repo", repository.root, "--json", "-")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["written"] == [".hotlap.yml"]
    assert said["detected"]["benchmark_sources"] == [["functions", "benchmarks/bench_core.py"]]
    assert "next: hotlap localize --profile" in done.stderr
    assert ".hotlap.yml is valid" in hotlap("config", "check", "--repo", repository.root).stdout
    written = (repository.root / ".hotlap.yml").read_text()
    repository.write(".hotlap.yml", "tests:\n  command: my-tests\n")
    before = repository.state()
    said = hotlap("init", "--repo", repository.root).stdout
    assert "left as it is" in said
    assert "tests: my-tests" in said
    assert repository.state() == before
    assert hotlap("init", "--repo", repository.root, "--force").returncode == 0
    assert (repository.root / ".hotlap.yml").read_text() == written


def test_a_link_is_replaced_not_followed(hotlap, unconfigured, tmp_path):
    repository = unconfigured
    outside = tmp_path / "outside.yml"
    outside.write_text("mine")
    (repository.root / ".hotlap.yml").symlink_to(outside)
    done = hotlap("init", "--repo", repository.root)
    assert done.returncode == 2
    assert "is a symbolic link" in done.stderr
    assert hotlap("init", "--repo", repository.root, "--force").returncode == 0
    assert outside.read_text() == "mine"
    assert not (repository.root / ".hotlap.yml").is_symlink()


def test_a_first_benchmark_runs_as_it_is(hotlap, repository):
    repository.git("rm", "-q", "benchmarks/bench_core.py")
    repository.commit()
    done = hotlap("init", "--repo", repository.root, "--benchmark")
    assert "wrote benchmarks/bench_shop.py" in done.stdout
    repository.write("benchmarks/bench_shop.py", (repository.root / "benchmarks/bench_shop.py").read_bytes() + b"#\n")
    assert "left as it is" in hotlap("init", "--repo", repository.root, "--benchmark", "--force").stdout
    repository.write(".hotlap.yml", UNISOLATED)
    repository.commit()
    found = json.loads(hotlap("localize", "--profile", "--repo", repository.root, "--json", "-").stdout)
    assert [one["path"] for one in found["targets"]] == ["benchmarks/bench_shop.py"]


def test_no_repository_no_commit_and_no_place_to_write(hotlap, repository, tmp_path):
    bare = tmp_path / "bare.git"
    repository.git("clone", "-q", "--bare", ".", str(bare))
    (tmp_path / "empty").mkdir()
    for place, sentence in [(bare, "is a bare repository"), (tmp_path / "empty", "is not a git repository")]:
        done = hotlap("init", "--repo", place)
        assert done.returncode == 2
        assert sentence in done.stderr
