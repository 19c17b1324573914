"""What a program inside a container cannot reach."""

import json
import re
import time

import pytest

from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.ports import End, Place
from bot.wiring import tools
from tests.contract.sandbox.docker import here

pytestmark = pytest.mark.slow

_LAYOUT = "print([line.split('-')[0] for line in open('/proc/self/maps') if '[stack]' in line or 'libc' in line])"


@pytest.fixture(scope="module")
def timing(image, daemon):
    made = DockerSandbox(tools(), DockerSettings(image, timing=True, spares=0), daemon)
    yield made
    made.close()


def test_a_program_has_no_privileges_and_a_filter(session):
    status = session.run(["cat", "/proc/self/status"], env=here.ENV, timeout=10).stdout.decode()
    assert set(re.findall(r"^Cap\w+:\s+(\w+)", status, re.MULTILINE)) == {"0" * 16}
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert int(re.findall(r"^Uid:\s+(\d+)", status, re.MULTILINE)[0]) >= 20_000


def test_no_network_is_reached(python):
    hosts = ["1.1.1.1", "169.254.169.254", "172.17.0.1", "2606:4700:4700::1111", "deb.debian.org"]
    result = python(
        f"import socket\nfor host in {hosts!r}:\n"
        " try: socket.create_connection((host, 80), 3)\n except OSError as error: print(error.errno)"
    )
    # unreachable, cannot assign an address, no name service
    assert len(result.stdout.split()) == len(hosts)
    assert set(result.stdout.split()) <= {b"101", b"99", b"-3", b"-2"}


def test_nothing_of_the_system_can_be_written(python):
    paths = ["/x", "/etc/x", "/dev/x", "/proc/sys/kernel/core_pattern", "/sys/x", "/usr/bin/x", "/proc/1/mem"]
    code = f"for p in {paths!r}:\n try: open(p, 'w'); print('opened', p)\n except OSError: pass"
    assert python(code).stdout == b""


def test_every_writable_place_is_bounded(python):
    code = """
import os
for place in ("/tmp", "/work/scratch", "/dev/shm"):
    try:
        with open(f"{place}/fill", "wb") as f:
            for _ in range(400):
                f.write(bytes(1 << 20))
    except OSError as error:
        print(error.errno)
    os.unlink(f"{place}/fill")
"""
    assert python(code).stdout.split() == [b"28"] * 3


def test_inodes_are_bounded(python):
    result = python("import os\nfor n in range(101_000): os.close(os.open(f'/tmp/{n}', os.O_CREAT))", timeout=25)
    assert b"No space left" in result.stderr


def test_namespaces_mounts_and_setuid_programs_are_refused(session, timing, limits):
    line = "unshare -U true && echo in; mount -t tmpfs x /tmp && echo in; su -c id </dev/null && echo in"
    assert session.run(["sh", "-c", line], env=here.ENV, timeout=10).stdout == b""
    with timing.open(Snapshot(""), limits) as measured:
        assert measured.run(["sh", "-c", line], env=here.ENV, timeout=10).stdout == b""


def test_a_fork_bomb_and_a_thread_bomb_are_stopped_and_leave_the_container_usable(session, python):
    bomb = python("import os\nwhile True:\n try: os.fork()\n except OSError: pass", timeout=2)
    assert bomb.end is End.TIMED_OUT
    threads = python(
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()", timeout=3
    )
    assert b"can't start new thread" in threads.stderr
    assert session.run(["echo", "fine"], env=here.ENV, timeout=10).stdout == b"fine\n"


def test_memory_is_counted_over_all_processes(python):
    code = (
        "import os, time\nfor _ in range(8):\n"
        " if os.fork() == 0:\n  x = b'x' * (100 << 20); time.sleep(2); os._exit(0)\ntime.sleep(2.5)"
    )
    assert python(code).end is End.OOM


def test_output_without_end_is_read_capped_and_counted(session):
    result = session.run(["yes"], env=here.ENV, timeout=1.0)
    assert result.end is End.TIMED_OUT
    assert result.stdout_bytes > len(result.stdout)
    assert len(result.stdout) < (1 << 20) + 100


def test_an_orphan_that_holds_the_output_does_not_hold_the_run(session):
    started = time.monotonic()
    result = session.run(["sh", "-c", "(setsid sleep 60 &); echo done"], env=here.ENV, timeout=20)
    assert (result.end, result.stdout) == (End.EXITED, b"done\n")
    assert time.monotonic() - started < 5


def test_a_program_that_closes_its_streams_is_waited_for(session):
    result = session.run(["sh", "-c", "exec >&- 2>&-; sleep 0.6; exit 7"], env=here.ENV, timeout=20)
    assert (result.end, result.code) == (End.EXITED, 7)
    assert result.seconds >= 0.6


def test_a_program_that_stops_itself_or_ignores_signals_ends_at_the_deadline(python):
    assert python("import os; os.kill(os.getpid(), 19)", timeout=1).end is End.TIMED_OUT
    assert (
        python("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)", timeout=1).end is End.TIMED_OUT
    )


def test_the_memory_layout_is_fixed_for_timing_and_only_there(timing, sandbox, limits):
    assert timing.fixes_layout
    assert not sandbox.fixes_layout
    with timing.open(Snapshot(""), limits) as measured:
        argv, fixed = [here.PYTHON, "-c", _LAYOUT], Place(fixed_layout=True)
        runs = {measured.run(argv, env=here.ENV, timeout=10, place=fixed).stdout for _ in range(3)}
        loose = {measured.run(argv, env=here.ENV, timeout=10).stdout for _ in range(3)}
    assert len(runs) == 1, runs
    assert len(loose) > 1


def test_a_run_stays_on_the_cores_that_it_was_given(session, python):
    if not session._box.local:
        pytest.skip("the daemon is not on this host, or we are not root")
    result = python("import os; print(sorted(os.sched_getaffinity(0)))", place=Place(cpus=(0,)))
    assert result.stdout == b"[0]\n"


def test_arguments_variables_and_input_arrive_as_they_are(session):
    odd = "a'b\"c\nd $(id) `id` \\ * ;&|\u00e9"
    code = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), sys.stdin.read()]))"
    env = {**here.ENV, "ODD": odd, "LC_ALL": "C.UTF-8"}
    text = "first\nsecond" * 50_000
    result = session.run([here.PYTHON, "-c", code, odd, ""], env=env, timeout=10, stdin=text.encode())
    assert json.loads(result.stdout) == [[odd, ""], env, text]
