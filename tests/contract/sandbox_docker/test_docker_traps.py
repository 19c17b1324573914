"""Traps that were found while the design was tried: each was reproduced once, and is held here."""

import secrets
import time

import pytest

from bot.adapters.sandbox.docker import shell
from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.ports import End
from tests.contract.sandbox_docker import here

pytestmark = pytest.mark.slow


def test_trap_1_an_unread_stream_does_not_wedge_the_container(session):
    box = session._box
    noisy = box.shell()
    noisy.wire.send(shell.command(["yes"], here.ENV, "/").line, time.perf_counter() + 5, lambda _kind, _data: None)
    time.sleep(0.5)
    started = time.monotonic()
    box.kill(noisy)
    result = session.run(["echo", "alive"], env=here.ENV, timeout=10)
    assert result.stdout == b"alive\n"
    assert time.monotonic() - started < 8


def test_trap_1_a_noisy_driver_that_nobody_asks_is_read_all_the_same(session):
    channel = session.talk(["sh", "-c", "yes >&2"], env=here.ENV)
    time.sleep(1.0)
    assert "y" in channel.stderr_tail()
    started = time.monotonic()
    channel.close()
    assert session.run(["true"], env=here.ENV, timeout=10).end is End.EXITED
    assert time.monotonic() - started < 8


def test_trap_2_a_deadline_kills_the_program_and_what_left_its_session(session, python):
    marker = f"31{secrets.randbelow(10**9)}"
    result = python(
        f"import os, time\nif os.fork() == 0:\n os.setsid()\n os.execlp('sleep', 'sleep', '{marker}')\ntime.sleep(99)",
        timeout=0.8,
    )
    assert result.end is End.TIMED_OUT
    session.run(["true"], env=here.ENV, timeout=10)
    assert not here.processes_with(marker)


@pytest.mark.parametrize("local", [True, False])
def test_trap_3_a_driver_is_killed_by_the_right_process_id(session, local):
    box = session._box
    if local and not box.local:
        pytest.skip("the daemon is not on this host, or we are not root")
    box.local = local
    marker = f"32{secrets.randbelow(10**9)}"
    channel = session.talk(["sh", "-c", f"sleep {marker} & wait"], env=here.ENV)
    deadline = time.monotonic() + 5
    while not here.processes_with(f"sleep\0{marker}"):
        assert time.monotonic() < deadline
    assert channel.driver.inner != channel.driver.outer
    channel.close()
    while here.processes_with(marker):
        assert time.monotonic() < deadline


def test_trap_4_a_candidate_cannot_kill_the_keeper(session, python):
    result = python("import os, signal\nos.kill(-1, signal.SIGKILL)\nprint('still here')")
    assert result.stdout == b"still here\n"
    assert session.run(["echo", "next"], env=here.ENV, timeout=10).stdout == b"next\n"


def test_trap_4_children_that_start_each_other_again_are_swept(session, python):
    code = "import os\nif os.fork() == 0:\n os.setsid()\n while True:\n  if os.fork():\n   os._exit(0)\n  os.setsid()"
    assert python(code).end is End.EXITED
    listed = session.run(["sh", "-c", "grep -l '^State:.[^Z]' /proc/[0-9]*/status | wc -l"], env=here.ENV, timeout=10)
    # init, timeout, cat, and the three of this pipeline
    assert int(listed.stdout) <= 6


def test_trap_5_the_keeper_cannot_be_read_and_files_end_with_the_container(sandbox, session, python, limits):
    reads = python(
        "import os\nfor p in ('1', '7', '8'):\n try: open(f'/proc/{p}/environ').read()\n except OSError: print('no')"
    )
    assert reads.stdout == b"no\nno\nno\n"
    python("open('/tmp/stash', 'w').write('an answer')")
    with sandbox.open(Snapshot(""), limits) as other:
        assert other.run(["ls", "/tmp"], env=here.ENV, timeout=10).stdout == b""


def test_trap_6_out_of_memory_and_killing_oneself_are_told_apart(python):
    assert python("import os; os.kill(os.getpid(), 9)").end is End.SIGNALLED
    hog = python("x = []\nwhile True: x.append(bytearray(1 << 24))")
    assert hog.end is End.OOM
    assert python("import os; os.kill(os.getpid(), 9)").end is End.SIGNALLED


def test_trap_7_files_go_in_and_come_out_although_the_root_is_read_only(sandbox, limits):
    tree = Snapshot("", {"a b/run.sh": File(b"#!/bin/sh\necho ran", executable=True), "link": File(link="a b/run.sh")})
    with sandbox.open(tree, limits) as session:
        assert session.run(["./link"], env=here.ENV, timeout=10).stdout == b"ran\n"
        session.run(["sh", "-c", f"head -c 300000 /dev/zero > {session.scratch}/out"], env=here.ENV, timeout=10)
        assert session.take("out", 1 << 20) == bytes(300_000)


def test_trap_7_a_tree_that_does_not_fit_is_our_fault_and_says_so(sandbox, limits):
    big = Snapshot("", {"big": File(bytes(120 << 20))})
    sentence = "could not be laid into the container: No space left: it takes 126 MB of 67 MB"
    with pytest.raises(SandboxError, match=sentence), sandbox.open(big, limits):
        pass


@pytest.mark.parametrize(
    "make",
    [
        "ln -s /etc/passwd out",
        "mkfifo out",
        "mkdir out && head -c 9000000 /dev/zero > out/big",
        "truncate -s 1G out",
        "head -c 200000 /dev/zero > out",
        "true",
        "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('out')\"",
    ],
)
def test_trap_8_only_a_regular_file_of_the_right_size_is_taken(session, make):
    session.run(["sh", "-c", f"cd {session.scratch} && {make}"], env=here.ENV, timeout=10)
    started = time.monotonic()
    assert session.take("out", 100_000) is None
    assert time.monotonic() - started < 5
    assert session.run(["true"], env=here.ENV, timeout=10).end is End.EXITED


def test_trap_9_locks_between_processes_work(python):
    result = python("import multiprocessing as m\nlock = m.Lock()\nwith lock: print('locked')")
    assert result.stdout == b"locked\n"


def test_trap_10_what_a_process_says_of_time_is_not_what_is_measured(session):
    code = (
        "import os, struct, time\n"
        "time.perf_counter = lambda: 0.0\n"
        "def read(n):\n return os.read(0, n)\n"
        "while True:\n"
        " read(struct.unpack('>I', read(4))[0]); time.sleep(0.3); os.write(1, struct.pack('>I', 2) + b'{}')"
    )
    channel = session.talk([here.PYTHON, "-c", code], env=here.ENV)
    assert channel.ask(b"{}", 10).seconds >= 0.3


def test_trap_10_an_answer_that_stands_ready_before_the_question_is_refused(session):
    code = "import os, time; os.write(1, bytes([0, 0, 0, 2]) + b'{}'); os.write(2, b'said'); time.sleep(60)"
    channel = session.talk([here.PYTHON, "-c", code], env=here.ENV)
    until = time.monotonic() + 20
    while "said" not in channel.stderr_tail() and time.monotonic() < until:
        time.sleep(0.02)
    with pytest.raises(SandboxError, match="before it was asked"):
        channel.ask(b"{}", 5)
