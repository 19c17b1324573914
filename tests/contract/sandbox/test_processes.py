"""Cases 1-3, 16-20 and 22: processes that multiply, hide, refuse to end, or end at the wrong moment."""

import time

import pytest

from bot.domain.code import Snapshot
from bot.ports import End
from tests.contract.sandbox.conftest import PATH, PATIENCE, SMALL, alive

SPARE = 10  # without a control group, other processes of the same user are allowed for

FORKS = """
import os, sys, time
made = 0
for _ in range(200):
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError:
        break
    made += 1
print(made)
"""


@pytest.mark.case(1)
def test_a_fork_bomb_is_stopped_and_gone_afterwards(run, name):
    found = run(FORKS, name)
    assert found.end is End.EXITED
    assert 0 < int(found.stdout) <= SMALL.pids + SPARE
    assert alive(name) == []
    assert run("print(1)").stdout == b"1\n"


@pytest.mark.case(2)
def test_a_thread_bomb_is_stopped(run, name):
    code = (
        "import threading, time\nmade = 0\ntry:\n"
        "    for _ in range(200):\n"
        "        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()\n        made += 1\n"
        "except RuntimeError: pass\nprint(made, flush=True)\nimport os; os._exit(0)\n"
    )
    found = run(code, name)
    assert 0 < int(found.stdout) <= SMALL.pids + SPARE
    assert alive(name) == []


RESPAWN = """
import os, sys, time
def chain():
    os.setsid()
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            pass
for _ in range(4):
    if os.fork() == 0:
        chain()
time.sleep(0.2)
"""


@pytest.mark.case(3)
def test_children_that_respawn_do_not_outrun_the_sweep(run, name):
    assert run(RESPAWN, name).end is End.EXITED
    assert alive(name) == []


@pytest.mark.case(16)
def test_a_program_that_ignores_signals_ends_at_its_deadline(run, name):
    code = "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(30)"
    started = time.monotonic()
    assert run(code, name, timeout=0.5).end is End.TIMED_OUT
    assert time.monotonic() - started < 5
    assert alive(name) == []


ORPHAN = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
    os._exit(0)
os.wait()
print("done")
"""


@pytest.mark.case(17)
@pytest.mark.case(18)
def test_an_orphan_that_holds_the_streams_is_gone_before_the_next_run(run, name):
    started = time.monotonic()
    found = run(ORPHAN, name)
    assert (found.end, found.code, found.stdout) == (End.EXITED, 0, b"done\n")
    assert time.monotonic() - started < 5
    assert alive(name) == []


@pytest.mark.case(17)
def test_an_orphan_of_a_driver_is_gone_when_its_channel_is_closed(session, python, name):
    channel = session.talk([python, "-I", "-S", "-c", ORPHAN + "time.sleep(30)", name], env=PATH)
    until = time.monotonic() + PATIENCE
    while len(alive(name)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    channel.close()
    assert alive(name) == []


REACHES = """
import os
reached = []
for entry in os.listdir("/proc"):
    if entry.isdigit() and int(entry) not in (os.getpid(), 1):
        try:
            os.kill(int(entry), 0)
            reached.append(entry)
        except OSError:
            pass
print(len(reached))
"""


@pytest.mark.case(19)
def test_what_supervises_a_box_cannot_be_signalled_from_inside(run):
    found = run(REACHES)
    assert found.stdout == b"0\n", "the next step would hit the host"
    killed = run("import os\nfor one in (-1, 1):\n    try: os.kill(one, 9)\n    except OSError: pass\nprint(2)")
    assert (killed.end, killed.stdout) == (End.EXITED, b"2\n")
    assert run("print(3)").stdout == b"3\n"


STOPS = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            os.kill(-1, signal.SIGSTOP)
        except OSError:
            pass
time.sleep(0.2)
"""


@pytest.mark.case(3)
@pytest.mark.case(19)
@pytest.mark.slow
def test_who_stops_every_process_that_it_reaches_is_outwaited(run, session, python, name):
    assert run(REACHES).stdout == b"0\n", "the next step would hit the host"
    for _ in range(3):
        run(STOPS, name, timeout=2)
        assert run("print(5)").stdout == b"5\n"
    assert alive(name) == []
    channel = session.talk([python, "-I", "-S", "-c", STOPS + "time.sleep(30)", name], env=PATH)
    until = time.monotonic() + PATIENCE
    while len(alive(name)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    channel.close()
    assert session.take("nothing", 10) is None
    assert run("print(6)").stdout == b"6\n"
    assert alive(name) == []


@pytest.mark.case(20)
def test_a_program_that_stops_itself_ends_at_its_deadline(run, name):
    assert run("import os; os.kill(os.getpid(), 19)", name, timeout=0.5).end is End.TIMED_OUT
    assert alive(name) == []


@pytest.mark.case(22)
def test_a_program_that_ends_at_its_deadline_has_exactly_one_end(run):
    ends = set()
    for step in range(8):
        found = run("import time; time.sleep(0.05)", timeout=0.04 + step * 0.015)
        assert found.end in {End.EXITED, End.TIMED_OUT}
        assert found.code == 0
        ends.add(found.end)
    assert End.TIMED_OUT in ends


def test_two_boxes_do_not_see_each_others_end(sandbox, run, name):
    with sandbox.open(Snapshot("", {}), SMALL) as other:
        assert other.run(["true"], env={"PATH": "/usr/bin:/bin"}, timeout=5).end is End.EXITED
    assert run("print(4)").stdout == b"4\n"
