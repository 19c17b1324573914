"""Many jobs at once on one state branch: every record is on it afterwards, and nobody had to resolve a thing.

`make soak-store` runs it as the issue asks for it: 20 jobs with 50 records each.
"""

import multiprocessing
import os
import subprocess
import time

import pytest

from bot.adapters.store.records import Record
from bot.adapters.store.state_branch import BRANCH, StateBranch

JOBS = int(os.environ.get("HOTLAP_STATE_JOBS", "6"))
RECORDS = int(os.environ.get("HOTLAP_STATE_RECORDS", "50"))


def _job(remote, number, starts):
    records = [
        Record(f"records/2026-11/job-{number}-{one}.jsonl.zst", f"{number} {one}".encode() * 200)
        for one in range(RECORDS)
    ]
    time.sleep(max(0.0, starts - time.time()))
    StateBranch(remote, {"PATH": os.environ["PATH"]}).push(records)


@pytest.mark.slow
def test_no_record_of_any_job_is_lost(tmp_path):
    remote = str(tmp_path / "remote.git")
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    starts = time.time() + 2
    spawn = multiprocessing.get_context("spawn")
    jobs = [spawn.Process(target=_job, args=(remote, number, starts)) for number in range(JOBS)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join(900)
    assert [one.exitcode for one in jobs] == [0] * JOBS
    found = {one.name: one.data for one in StateBranch(remote, {"PATH": os.environ["PATH"]}).pull()}
    assert len(found) == JOBS * RECORDS
    assert found[f"records/2026-11/job-{JOBS - 1}-{RECORDS - 1}.jsonl.zst"].startswith(f"{JOBS - 1} ".encode())
    commits = subprocess.run(
        ["git", "-C", remote, "rev-list", "--count", "--no-merges", BRANCH], check=True, capture_output=True, text=True
    )
    assert int(commits.stdout) == JOBS
