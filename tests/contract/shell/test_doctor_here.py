"""`hotlap doctor` on the machine that runs the tests: it must answer, whatever that machine is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


def doctor(directory, *arguments: str):
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "bot", "doctor", "--json", "-", *arguments]
    done = subprocess.run(
        argv, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done, json.loads(done.stdout)


def repository(directory):
    (directory / "benchmarks").mkdir()
    (directory / "benchmarks" / "bench_sum.py").write_text("def bench_sum():\n    return sum(range(100))\n")
    (directory / "tests").mkdir()
    (directory / "tests" / "test_sum.py").write_text("def test_sum():\n    assert sum([1, 2]) == 3\n")
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "start"]):
        subprocess.run(["git", *words], cwd=directory, check=True, capture_output=True)


def statuses(found):
    return {check["name"]: check["status"] for check in found["checks"]}


def test_a_repository_is_looked_at(tmp_path):
    repository(tmp_path)
    done, found = doctor(tmp_path, "--python", sys.executable)
    told = statuses(found)
    assert (told["git"], told["repository"], told["interpreter"]) == ("ok", "ok", "ok")
    assert (told["tests"], told["benchmarks"]) == ("ok", "ok")
    assert done.returncode == (0 if found["ok"] else 1)
    assert "isolation" in done.stderr


def test_outside_of_a_repository_the_machine_alone_is_looked_at(tmp_path):
    done, found = doctor(tmp_path)
    assert statuses(found)["repository"] == "note"
    assert done.returncode == (0 if found["ok"] else 1)


def test_a_broken_configuration_fails_with_its_line(tmp_path):
    repository(tmp_path)
    (tmp_path / ".hotlap.yml").write_text("bugdet: 1\n")
    done, found = doctor(tmp_path)
    assert done.returncode == 1
    (wrong,) = [check for check in found["checks"] if check["name"] == "configuration"]
    assert wrong["found"] == ".hotlap.yml:1: unknown key 'bugdet'; did you mean 'budget'?"
