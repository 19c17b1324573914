"""A bot that is killed in the middle: nothing of it stays, and `--resume` comes to the verdict of an unbroken run.

One moment is drawn in each run of the tests; `make soak-kills` draws fifty.
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.measures

KILLS = int(os.environ.get("HOTLAP_KILLS", "1"))
TRIES = 5
LONGEST = 15.0
"""Seconds into a run at which it may be killed; an unbroken one takes somewhat longer."""


def state(pid):
    """A process's state letter and start time; None where there is none of that number."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return words[0], words[19]


def descendants(pid):
    """The processes from `pid` on downwards with their start times: a number can be used again."""
    found, left = {}, [pid]
    while left:
        one = left.pop()
        here = state(one)
        if here is not None:
            found[one] = here[1]
        with contextlib.suppress(OSError):
            left += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def alive(processes):
    now = {pid: state(pid) for pid in processes}
    return {pid for pid, here in now.items() if here and here[0] != "Z" and here[1] == processes[pid]}


def kill_at(moment, command, environment, log):
    """Start a run and kill it, and it alone, after `moment` seconds; returns what ran below it and what it said."""
    with log.open("wb") as out:
        bot = subprocess.Popen(command, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        until = time.monotonic() + moment
        below = {}
        while time.monotonic() < until and bot.poll() is None:
            below |= descendants(bot.pid)
            time.sleep(0.05)
        os.kill(bot.pid, signal.SIGKILL)
        bot.wait()
    return {pid: start for pid, start in below.items() if pid != bot.pid}, log.read_text(errors="replace")


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_run_leaves_nothing_and_goes_on(repository, tmp_path, number):
    if shutil.which("bwrap") is None:
        pytest.skip("missing: bubblewrap")
    repository.write(".hotlap.yml", "isolation: namespace\n")
    repository.commit("isolated")
    before = repository.state()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "HOTLAP_STATE_DIR": str(tmp_path / "state"),
        "TMPDIR": str(temporary), "CI": "true",
    }  # fmt: skip
    command = [sys.executable, "-m", "bot", "optimize", "--repo", str(repository.root), "--candidates", "1"]
    below, said = kill_at(random.SystemRandom().uniform(0.5, LONGEST), command, environment, tmp_path / "log")
    deadline = time.monotonic() + 10
    while alive(below):
        assert time.monotonic() < deadline, f"processes of a dead bot: {alive(below)}"
        time.sleep(0.1)
    assert repository.state() == before

    run = re.search(r"--resume ([0-9A-Za-z-]+)", said)
    resumed = ["--resume", run[1]] if run else []  # killed before it had a name
    for _ in range(TRIES):
        done = subprocess.run(
            [*command, *resumed, "--json", "-"], env=environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        report = json.loads(done.stdout)
        if report["canary"] is None or report["canary"]["quiet"]:
            break  # else the machine is too noisy for any verdict: that run has ended, and another one is asked for
        resumed = []
    outcomes = {tried["verdict"]["outcome"] for worked in report["worked"] for tried in worked["tried"]}
    assert outcomes == {"accepted"}
    assert repository.state() == before
    # Locks of cores are files that stay; who holds one is the kernel's to know.
    assert [path.name for path in temporary.glob("hotlap*") if path.suffix != ".lock"] == []
