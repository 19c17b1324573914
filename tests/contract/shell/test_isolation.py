"""Who may say that code runs without isolation, as people and merge requests meet it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BENCH = "def bench_sum():\n    return sum(range(100))\n"
AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
JOB = {"CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_REF_NAME": "topic"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def temporary():
    """A place for boxes and leases of cores: another bot that measures on this machine is none of ours."""
    place = Path(tempfile.mkdtemp(prefix="hotlap-tests-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(autouse=True)
def apart(temporary, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(temporary))


@pytest.fixture
def repository(tmp_path):
    """A repository with one benchmark on main, and a PATH without anything that isolates."""
    place = tmp_path / "r"
    (place / "benchmarks").mkdir(parents=True)
    (place / "benchmarks" / "bench_sum.py").write_text(BENCH)
    git(place, "init", "-q", "-b", "main")
    commit(place)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git"))
    return place


def git(place, *words):
    subprocess.run(["git", *AUTHOR, *words], cwd=place, check=True, capture_output=True)


def commit(place):
    git(place, "add", "-A")
    git(place, "commit", "-q", "--allow-empty", "-m", "x")


def configured(place, text):
    (place / ".hotlap.yml").write_text(text)
    commit(place)


def hotlap(place, *words, **environment):
    """Run a command where no program that isolates can be found."""
    kept = {"PATH": str(place.parent / "bin"), "HOME": str(place.parent), "PYTHONPATH": str(ROOT)}
    kept |= {"TMPDIR": os.environ["TMPDIR"], **environment}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words, "--repo", str(place)],
        env=kept, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def measure(place, **environment):
    return hotlap(place, "localize", "--all", "--json", "-", **environment)


def refused(done):
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_without_anything_that_isolates_one_sentence_says_how_to_go_on(repository):
    sentence = refused(hotlap(repository, "optimize"))
    for part in ("bubblewrap", "apt-get install", "`isolation: process`", ".hotlap.yml on main"):
        assert part in sentence


def test_commands_that_run_nothing_need_nothing_that_isolates(repository):
    assert hotlap(repository, "config", "check").returncode == 0
    assert hotlap(repository, "init").returncode == 0


def test_a_yes_on_the_checked_out_default_branch_is_enough(repository):
    (repository / ".hotlap.yml").write_text("isolation: process\n")
    done = measure(repository)
    assert json.loads(done.stdout)["targets"] is not None, done.stderr
    assert "process, NOT ISOLATED" in done.stderr


def test_a_merge_request_cannot_say_yes_for_itself(repository):
    git(repository, "checkout", "-q", "-b", "topic")
    configured(repository, "isolation: process\n")
    done = measure(repository)
    assert ".hotlap.yml on main" in refused(done)
    assert "`isolation:` in .hotlap.yml is not heeded here: only what main says counts" in done.stderr


def test_in_a_job_only_the_fetched_default_branch_counts(repository):
    configured(repository, "isolation: process\n")
    sentence = refused(measure(repository, **JOB))
    assert "the default branch" in sentence
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    done = measure(repository, **JOB)
    assert done.returncode in {0, 1}, done.stderr
    git(repository, "checkout", "-q", "--detach")
    configured(repository, "isolation: auto\n")
    assert measure(repository, **JOB).returncode in {0, 1}


def test_what_is_named_and_does_not_work_is_infrastructure(repository):
    configured(repository, "isolation: namespace\n")
    done = measure(repository)
    assert done.returncode == 3
    assert "`isolation: namespace` does not work here" in done.stderr
    configured(repository, f"isolation: docker\nsandbox: {{image: 'sha256:{'0' * 64}'}}\n")
    done = measure(repository, DOCKER_HOST="unix:///nowhere/docker.sock")
    assert done.returncode == 3
    assert "no Docker daemon answers" in done.stderr


def test_a_broken_file_on_the_default_branch_is_named_with_its_branch(repository):
    configured(repository, "isolation: none\n")
    git(repository, "checkout", "-q", "-b", "topic")
    configured(repository, "isolation: process\n")
    assert refused(measure(repository)).startswith("main:.hotlap.yml:1: 'isolation' must be")


def test_an_interpreter_that_is_not_there(repository):
    configured(repository, "isolation: process\npython: /nowhere/python\n")
    assert "the interpreter /nowhere/python cannot be run" in refused(measure(repository))


def test_a_set_up_that_fails_hangs_or_floods(repository):
    flood = "python -c \"import sys; sys.stdout.write('x' * (100 << 20)); sys.exit(3)\""
    for command, part in ((flood, "ended with code 3"), ("sleep 60", "did not end within 2 s"), ("nope", "started")):
        text = f"isolation: process\nsetup: [{json.dumps(command)}]\nsandbox: {{setup_timeout: 2}}\n"
        configured(repository, text)
        sentence = refused(measure(repository))
        assert part in sentence
        assert len(sentence) < 600


def test_what_a_set_up_adds_is_there_for_the_benchmarks(repository):
    (repository / "benchmarks" / "bench_sum.py").write_text(
        f"from made.numbers import ALL\n{BENCH}".replace("range(100)", "ALL")
    )
    script = "import os; os.mkdir('made'); open('made/numbers.py', 'w').write('ALL = list(range(50))')"
    configured(repository, f"isolation: process\nsetup: [{json.dumps(['python', '-c', script])}]\n")
    done = measure(repository)
    assert done.returncode in {0, 1}, done.stderr
    assert "bench_sum" in done.stdout + done.stderr
    assert not (repository / "made").exists()


def test_bubblewrap_is_taken_where_it_works(repository):
    program = shutil.which("bwrap")
    if program is None:
        pytest.skip("missing: bubblewrap")
    (repository.parent / "bin" / "bwrap").symlink_to(program)
    done = measure(repository)
    assert done.returncode in {0, 1}, done.stderr
    assert "isolation (namespace" in done.stderr


INSIDE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def test_a_socket_of_a_daemon_outside_of_the_job_is_refused_loudly(repository):
    configured(repository, "isolation: process\n")
    if subprocess.run([*INSIDE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may make no process namespace, as a job's container has one")
    path = repository.parent / "docker.sock"
    environment = {"PATH": os.environ["PATH"], "HOME": str(repository.parent), "PYTHONPATH": str(ROOT)}
    environment |= {"CI": "true", "DOCKER_HOST": f"unix://{path}", "TMPDIR": os.environ["TMPDIR"]}
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(path))
        daemon.listen()
        answers = [
            subprocess.run(
                [*INSIDE, sys.executable, "-m", "bot", *words, "--repo", str(repository)],
                env=environment, capture_output=True, text=True, timeout=120, check=False,
            )
            for words in (("localize", "--all"), ("doctor",))
        ]  # fmt: skip
    assert [one.returncode for one in answers] == [2, 1]
    for said in (answers[0].stderr, answers[1].stdout):
        assert "docker.sock IS MOUNTED IN THIS CI JOB" in said
        assert "config.toml" in said
