"""Cases 4-6 and 21: memory of one process, of many, of files, and who killed whom."""

import pytest

from bot.ports import End

HOG = "x = bytearray({0} << 20)\nx[::4096] = b'1' * len(x[::4096])\nprint(len(x) >> 20)"


@pytest.mark.case(4)
def test_one_process_cannot_have_more_memory_than_it_may(run):
    found = run(HOG.format(400))
    assert found.stdout == b""
    assert (found.end, found.code) != (End.EXITED, 0)
    assert run(HOG.format(60)).stdout == b"60\n"


MANY = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        x = bytearray(90 << 20)
        x[::4096] = b"1" * len(x[::4096])
        print("held", flush=True)
        time.sleep(20)
while True:
    try:
        os.wait()
        print("killed", flush=True)
        break
    except ChildProcessError:
        break
"""


@pytest.mark.case(5)
def test_many_processes_share_one_limit(run):
    found = run(MANY, timeout=6)
    assert found.stdout.count(b"held") < 5
    assert found.end is End.OOM


@pytest.mark.case(6)
def test_files_in_memory_count_as_memory(sandbox, python):
    from dataclasses import replace

    from bot.domain.code import Snapshot
    from tests.contract.sandbox.conftest import PATH, SMALL

    code = (
        "import os\nwith open('/tmp/big', 'wb') as file:\n    for _ in range(96): file.write(bytes(1 << 20))\nprint(1)"
    )
    tight = replace(SMALL, memory_bytes=48 << 20, tmp_bytes=128 << 20)
    with sandbox.open(Snapshot("", {}), tight) as session:
        try:
            found = session.run([python, "-I", "-S", "-c", code], env=PATH, timeout=10)
        finally:
            session.run(["rm", "-f", "/tmp/big"], env=PATH, timeout=10)
    assert found.end is End.OOM


@pytest.mark.case(21)
def test_running_out_of_memory_and_killing_oneself_are_told_apart(run):
    assert run("import os; os.kill(os.getpid(), 9)").end is End.SIGNALLED
    assert run(HOG.format(400)).end is End.OOM


def test_what_a_program_used_is_the_kernels_count(run):
    found = run("x = bytearray(80 << 20); sum(range(300_000))")
    assert (80 << 20) < found.peak_bytes < (160 << 20)
    assert 0 < found.cpu_seconds <= found.seconds + 0.02
    assert 0 <= found.waited_seconds <= found.seconds + 0.02
