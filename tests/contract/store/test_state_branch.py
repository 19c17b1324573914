"""The state branch against a real git repository: what is pushed comes back, whoever else pushes meanwhile."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.adapters.store.database import connect
from bot.adapters.store.migrate import opened
from bot.adapters.store.records import Record, packed, unpacked
from bot.adapters.store.state_branch import BRANCH, Patience, StateBranch
from bot.adapters.store.sync import StateSync
from bot.domain.errors import ForgeError
from bot.domain.feedback import Feedback, Reception
from bot.domain.lesson import LessonState
from tests.contract.store.conftest import Stores, Ticking, keep
from tests.fakes.store_contents import AT, fill

ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


@pytest.fixture
def remote(tmp_path):
    place = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(place)], check=True)
    return place


def git(place, *words):
    done = subprocess.run(["git", *words], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def record(number, data=b"data"):
    return Record(f"records/2026-11/run-{number}.jsonl.zst", data)


def branch(remote, **more):
    return StateBranch(str(remote), ENV, **more)


def test_a_repository_without_the_branch_has_no_records(remote):
    assert list(branch(remote).pull()) == []


def test_what_is_pushed_comes_back_byte_for_byte(remote):
    records = [record(number, os.urandom(number * 1000)) for number in range(5)]
    assert branch(remote).push(records[:3]) == 1
    assert branch(remote).push(records[3:]) == 1
    assert list(branch(remote).pull()) == records
    assert list(branch(remote).pull({record(0).name, record(4).name})) == records[1:4]


def test_each_push_is_a_commit_on_top_and_nothing_else_is_touched(remote):
    branch(remote).push([record(1)])
    first = git(remote, "rev-parse", BRANCH)
    branch(remote).push([record(2)])
    assert git(remote, "rev-parse", f"{BRANCH}^") == first
    assert git(remote, "for-each-ref", "--format=%(refname)").splitlines() == [f"refs/heads/{BRANCH}"]
    assert git(remote, "log", "--format=%ae", BRANCH).splitlines() == ["hotlap@noreply.invalid"] * 2


def test_pushing_again_adds_nothing(remote):
    branch(remote).push([record(1)])
    tip = git(remote, "rev-parse", BRANCH)
    assert branch(remote).push([record(1)]) == 0
    assert branch(remote).push([]) == 0
    assert git(remote, "rev-parse", BRANCH) == tip


def test_files_of_others_on_the_branch_are_kept_and_not_read(remote, tmp_path):
    branch(remote).push([record(1)])
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(remote), str(clone))
    (clone / "README.md").write_text("what this is")
    (clone / "records/2026-11/link.jsonl.zst").symlink_to("/etc/passwd")
    git(clone, "add", ".")
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "x")
    git(clone, "push", "--quiet")
    branch(remote).push([record(2)])
    assert [one.name for one in branch(remote).pull()] == [record(1).name, record(2).name]
    assert "README.md" in git(remote, "ls-tree", "--name-only", BRANCH)


HOOK = """#!/bin/sh
# Refuses the first pushes as a race would be refused.
count=$(cat "{count}" 2>/dev/null || echo 0)
echo $((count + 1)) > "{count}"
[ "$count" -ge {failures} ] && exit 0
exec {fault}
"""


def hooked(remote, tmp_path, kind, failures, fault):
    place = remote / "hooks" / kind
    place.parent.mkdir(exist_ok=True)
    place.write_text(HOOK.format(count=tmp_path / "count", failures=failures, fault=fault))
    place.chmod(0o755)


def test_a_push_that_lost_the_race_is_made_again_on_top(remote, tmp_path):
    # Somebody else's commit comes in between our fetch and our push, three times.
    intruder = tmp_path / "intruder.py"
    intruder.write_text(
        "import os, subprocess\n"
        f"count = open({str(tmp_path / 'count')!r}).read().strip()\n"
        "env = {k: v for k, v in os.environ.items() if not k.startswith('GIT_')}\n"
        f"run = lambda *words: subprocess.run(['git', '-C', {str(remote)!r}, *words], check=True, env=env,"
        " capture_output=True, text=True).stdout.strip()\n"
        "found = subprocess.run(['git', '-C', "
        + repr(str(remote))
        + f", 'rev-parse', '--verify', 'refs/heads/{BRANCH}'],"
        " env=env, capture_output=True, text=True).stdout.strip()\n"
        "tree = run('rev-parse', found + '^{tree}')\n"
        "new = run('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit-tree', tree, '-p', found, '-m', count)\n"
        f"run('update-ref', 'refs/heads/{BRANCH}', new)\n"
    )
    branch(remote).push([record(1)])
    hooked(remote, tmp_path, "pre-receive", 3, f"python3 {intruder}")
    waits = []
    tries = branch(remote, sleep=waits.append).push([record(2)])
    assert tries == 4
    assert len(waits) == 3
    assert [one.name for one in branch(remote).pull()] == [record(1).name, record(2).name]


def test_patience_ends_and_says_that_nothing_is_lost(remote, tmp_path):
    branch(remote).push([record(1)])
    (remote / "refs/heads/hotlap/state.lock").touch()
    with pytest.raises(ForgeError, match="pushed next time") as caught:
        branch(remote, patience=Patience(tries=2), sleep=lambda _: None).push([record(2)])
    assert caught.value.retryable


def test_a_push_without_the_right_is_not_tried_again(remote, tmp_path):
    hooked(remote, tmp_path, "pre-receive", 99, "false")
    waits = []
    with pytest.raises(ForgeError, match="could not be pushed"):
        branch(remote, sleep=waits.append).push([record(1)])
    assert waits == []


SPY = """#!/bin/sh
# Stands in for git: writes down what it could answer with, and goes on as git.
case " $* " in *" fetch "*|*" push "*) head -n 1 <"/dev/fd/$HOTLAP_ASKPASS_PIPE" >>"{seen}";; esac
exec {git} "$@"
"""


def test_git_is_handed_the_token_by_a_pipe_whenever_it_reaches_the_remote(remote, tmp_path):
    spy, seen = tmp_path / "bin" / "git", tmp_path / "seen"
    spy.parent.mkdir()
    spy.write_text(SPY.format(git=shutil.which("git"), seen=seen))
    spy.chmod(0o755)

    @contextlib.contextmanager
    def answering(place):
        assert place.is_dir()
        reading, writing = os.pipe()
        os.write(writing, b"the-token\n")
        os.close(writing)
        try:
            yield SimpleNamespace(environment={"HOTLAP_ASKPASS_PIPE": str(reading)}, descriptor=reading)
        finally:
            os.close(reading)

    environ = ENV | {"PATH": f"{spy.parent}:{ENV['PATH']}"}
    StateBranch(str(remote), environ, answering).push([record(1)])
    assert seen.read_text().split() == ["the-token"] * 2
    assert [one.name for one in branch(remote).pull()] == [record(1).name]


def test_a_remote_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(ForgeError, match=f"{BRANCH} could not be fetched"):
        list(branch(tmp_path / "nowhere.git").pull())


@pytest.fixture
def job(tmp_path, remote):
    """Return a function that makes a job with a store of its own."""
    made = []

    def new(name, project="group/name"):
        database = opened(connect(str(tmp_path / f"{name}.sqlite"), Ticking(), keep))
        made.append(database)
        sync = StateSync(database, branch(remote), tmp_path / f"{name}-outbox", project)
        sync.begin()
        return Stores(database), sync

    yield new
    for database in made:
        database.close()


def test_a_job_begins_with_what_others_have_learned(job):
    first, first_sync = job("first")
    fill(first, "run-1")
    first_sync.keep("run-1")
    assert first_sync.publish() == 1
    second, second_sync = job("second")
    assert second_sync.merge().records == 1
    assert second_sync.merge().records == 0
    assert [one.run.id for one in second.history.runs("group/name")] == ["run-1"]
    assert second.book().lessons()[0].state is LessonState.ACTIVE
    assert first_sync.merge().records == 0, "what a store has pushed is known to it"


def test_what_could_not_be_pushed_waits_and_goes_with_the_next(job, remote):
    stores, sync = job("one")
    fill(stores, "run-1")
    sync.keep("run-1")
    moved = remote.rename(remote.with_name("away.git"))
    with pytest.raises(ForgeError):
        sync.publish()
    assert len(sync.waiting()) == 1
    moved.rename(remote)
    fill(stores, "run-2")
    sync.keep("run-2")
    assert sync.publish() == 2
    assert sync.waiting() == []


def test_a_push_that_was_not_heard_of_is_not_made_twice(job, remote):
    stores, sync = job("one")
    fill(stores, "run-1")
    place = sync.keep("run-1")
    data = place.read_bytes()
    sync.publish()
    # The process was killed after the push and before it could forget the file.
    place.write_bytes(data)
    tip = git(remote, "rev-parse", BRANCH)
    assert sync.publish() == 1
    assert git(remote, "rev-parse", BRANCH) == tip


def test_a_damaged_record_is_skipped_and_named_and_the_others_come_in(job, remote):
    stores, _ = job("one")
    fill(stores, "run-1")
    good = packed(stores.database, "run-1", AT)
    bad = Record("records/2026-11/bad.jsonl.zst", good.data[:-5])
    branch(remote).push([bad, good])
    other, other_sync = job("other")
    merged = other_sync.merge()
    assert (merged.records, merged.damaged) == (1, (bad.name,))
    assert len(other.history.runs("group/name")) == 1


def test_a_half_written_file_in_the_outbox_is_no_record(job, tmp_path):
    _, sync = job("one")
    folder = tmp_path / "one-outbox" / "records" / "2026-11"
    folder.mkdir(parents=True)
    Path(folder / ".tmpabc").write_bytes(b"half")
    assert sync.publish() == 0


def test_what_a_run_learned_that_was_killed_goes_with_the_next_one(job, tmp_path):
    late = Feedback("group/name", 99, "closed", Reception.REJECTED, seen="2020-01-01T00:00:00+00:00")
    if (process := os.fork()) == 0:
        killed, its_sync = job("one")
        fill(killed)  # a run, lessons, a ledger; and no record of it
        killed.memory().keep_feedback([late])
        its_sync.heard(late.key)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(process, 0)[1] == signal.SIGKILL
    _, sync = job("one")
    sync.keep("run-2")
    assert sync.publish() == 1
    other, other_sync = job("other")
    assert other_sync.merge().records == 1
    assert len(other.book().lessons()) == 2
    assert late in other.memory().feedback()
    assert list((tmp_path / "one-outbox" / "begun").iterdir()) == [], "what was kept is not kept twice"


def test_what_a_run_still_works_on_is_not_taken_from_it(job, tmp_path):
    _, first = job("one")
    _, second = job("one")
    second.keep("run-2")
    (note,) = (tmp_path / "one-outbox" / "begun").iterdir()
    first.heard("group/name!7")
    assert "group/name!7" in note.read_text()
    first.keep("run-1")
    assert not note.exists()


@pytest.mark.parametrize("text", [b"", b"{", b"[]\n", b'"yesterday"\n"x"\n', b"1\n", b'"2026-11-01"\n"cut'])
def test_a_note_of_a_beginning_that_is_none_stops_nothing(job, tmp_path, text):
    folder = tmp_path / "one-outbox" / "begun"
    folder.mkdir(parents=True)
    (folder / "left.jsonl").write_bytes(text)
    _, sync = job("one")
    sync.keep("run-1")
    assert sync.publish() == 1
    assert list(folder.iterdir()) == []


def test_rows_of_another_project_neither_come_nor_go(job):
    shared, sync = job("one")
    fill(shared)
    fill(shared, "run-2", "other/name")
    place = sync.keep("run-1")
    assert b"other/name" not in "".join(unpacked(Record(str(place), place.read_bytes()))).encode()
    theirs, liar = job("liar", "other/name")
    fill(theirs, "run-2", "other/name")
    liar.keep("run-2")
    liar.publish()
    stores, sync = job("two")
    merged = sync.merge()
    assert (merged.records, len(merged.damaged)) == (0, 1)
    assert stores.book("other/name").lessons() == ()


def test_nobody_takes_the_name_of_a_run_of_another_project(job):
    stores, sync = job("victim")
    fill(stores, "run-1", "other/name")
    liar, its_sync = job("liar")
    fill(liar, "run-1")
    its_sync.keep("run-1")
    its_sync.publish()
    assert len(sync.merge().damaged) == 1
    assert [one.run.id for one in stores.history.runs("other/name")] == ["run-1"]
    assert stores.history.runs("group/name") == ()
