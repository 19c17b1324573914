"""Cases 41 and 45: the bot is killed, its helpers are killed, and many boxes stand at once."""

import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.ports import End
from tests.contract.sandbox.conftest import PATH, PATIENCE, SMALL, alive, keepers, left, made

BOT = """
import sys
from tests.contract.sandbox.conftest import PATH, SMALL, made
from bot.domain.code import Snapshot
sandbox = made(sys.argv[1])
with sandbox.open(Snapshot("", {}), SMALL) as session:
    driver = session.talk(["sleep", "60", "0." + sys.argv[2]], env=PATH)
    print("standing", flush=True)
    session.run(["sh", "-c", "(setsid sleep 60 0." + sys.argv[2] + " &) ; sleep 60"], env=PATH, timeout=60)
"""


@pytest.mark.case(41)
def test_when_the_bot_is_killed_nothing_of_it_stays(backend):
    before, mark = left(), str(time.time_ns())
    argv = [sys.executable, "-c", BOT, backend[0], mark]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == b"standing\n"
        until = time.monotonic() + PATIENCE
        while len(alive(f"0.{mark}")) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(alive(f"0.{mark}")) >= 2
        bot.kill()
    until = time.monotonic() + PATIENCE
    while (stays := left(bot.pid) - before) or alive(mark):
        if time.monotonic() > until:
            break
        time.sleep(0.02)
    assert alive(mark) == []
    assert not stays


SPARED = """
import os, signal, sys, time
from pathlib import Path
from tests.contract.sandbox.conftest import PATH, SMALL, keepers
from bot.adapters.sandbox.namespace import NamespaceSandbox
from bot.domain.code import File, Snapshot
sandbox, me = NamespaceSandbox({}), os.getpid()
def used(files, limits=SMALL):
    with sandbox.open(Snapshot("", {str(number): File(b"") for number in range(files)}), limits) as session:
        assert session.run(["ls"], env=PATH, timeout=20).stdout.count(b"\\n") == files
        return keepers(me)
def spare():
    until = time.monotonic() + 20
    while len(found := keepers(me)) != 1:
        assert time.monotonic() < until, found
    return found.pop()
used(1)
ready = spare()
assert ready in used(1)
ready = spare()
os.kill(ready, signal.SIGKILL)
stat = Path(f"/proc/{ready}/stat")  # a process lets go of its memory, and so of its name, before its connections
while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX":
    time.sleep(0.01)
used(1)
ready = spare()
assert ready not in used(5000), "no room for so many files was asked for"
if sys.argv[1] == "killed":
    os.kill(me, signal.SIGKILL)
"""


@pytest.mark.case(41)
@pytest.mark.parametrize("how", ["ended", "killed"])
def test_the_next_box_stands_already_and_goes_with_the_bot(how):
    if shutil.which("bwrap") is None:
        pytest.skip("missing: bubblewrap")
    before = left()
    argv = [sys.executable, "-c", SPARED, how]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, cwd=Path(__file__).parents[3], text=True) as bot:
        _, said = bot.communicate(timeout=60)
    assert bot.returncode == (0 if how == "ended" else -signal.SIGKILL), said
    until = time.monotonic() + PATIENCE
    while (stays := left(bot.pid) - before) and time.monotonic() < until:
        time.sleep(0.02)
    assert not stays


@pytest.mark.case(19)
@pytest.mark.case(41)
def test_when_a_keeper_is_killed_the_box_is_gone_and_the_next_one_works(backend, name):
    if backend[0] == "docker":
        pytest.skip("its keeper is the daemon's: see tests/contract/sandbox_docker")
    sandbox = made(backend[0])
    before = keepers(os.getpid())

    def lost():
        with sandbox.open(Snapshot("", {}), SMALL) as session:
            session.talk(["sh", "-c", "setsid sleep 60 & sleep 60", name], env=PATH)
            for keeper in keepers(os.getpid()) - before:
                os.kill(keeper, signal.SIGKILL)
            session.run(["true"], env=PATH, timeout=5)

    with pytest.raises(SandboxError, match="helper process"):
        lost()
    with sandbox.open(Snapshot("", {}), SMALL) as session:
        assert session.run(["true"], env=PATH, timeout=5).end is End.EXITED
    assert alive(name) == []


@pytest.mark.case(41)
def test_when_the_warden_is_killed_its_boxes_go_on_and_the_next_box_has_another(backend, name):
    if backend[0] == "docker":
        pytest.skip("it has no warden: see tests/contract/sandbox_docker")
    sandbox = made(backend[0])
    before = keepers(os.getpid())
    with sandbox.open(Snapshot("", {}), SMALL) as first:
        (keeper,) = keepers(os.getpid()) - before
        stat = Path(f"/proc/{keeper}/stat").read_text()
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
        assert first.run(["sleep", "0.01"], env=PATH, timeout=5).end is End.EXITED
        with sandbox.open(Snapshot("", {}), SMALL) as second:
            assert second.run(["sh", "-c", f"setsid sleep 60 0 {name} & true"], env=PATH, timeout=5).end is End.EXITED
    assert alive(name) == []


@pytest.mark.case(45)
@pytest.mark.slow
def test_many_boxes_at_once_do_not_mix(sandbox):
    """Once for each of 32 threads; `make soak-boxes` goes on for a minute."""
    until = time.monotonic() + float(os.environ.get("HOTLAP_SOAK_SECONDS", "0"))

    def once(number):
        tree = Snapshot("", {"number": File(str(number).encode())})
        with sandbox.open(tree, SMALL) as session:
            assert session.run(["sh", "-c", f"cat number > {session.scratch}/out"], env=PATH, timeout=60).code == 0
            return session.take("out", 100)

    def again_and_again(number):
        found = [once(number)]
        while time.monotonic() < until:
            found.append(once(number))
        return found

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        found = list(pool.map(again_and_again, range(32)))
    assert [set(one) for one in found] == [{str(number).encode()} for number in range(32)]


def test_what_a_dead_owner_has_left_is_removed_by_the_next(tmp_path):
    from bot.adapters.sandbox.process import ProcessSandbox
    from bot.adapters.sandbox.warden import names

    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = f"{names.here()}{int(ended.stdout):08d}-{1:012d}"
    (tmp_path / dead / "tree").mkdir(parents=True)
    mine, foreign = names.of(os.getpid()), "hotlap-00000000-0000000001-00000001-000000000001"
    for name in (mine, foreign):
        (tmp_path / name).mkdir()
    with ProcessSandbox({}, tmp_path).open(Snapshot("", {}), SMALL):
        assert not (tmp_path / dead).exists()
        assert (tmp_path / mine).exists()
        assert (tmp_path / foreign).exists()
