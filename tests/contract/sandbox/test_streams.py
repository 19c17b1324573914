"""Cases 12-15: output without end, without lines, of any bytes, and readers that do not read."""

import concurrent.futures
import threading
import time

import pytest

from bot.adapters.sandbox.stream import printable
from bot.domain.errors import SandboxError
from bot.ports import End
from tests.contract.sandbox.conftest import PATH, SMALL, alive

FLOOD = "import os, sys\nblock = b'x' * (1 << 16)\nwhile True: os.write(int(sys.argv[1]), block)"


@pytest.mark.case(12)
@pytest.mark.case(13)
@pytest.mark.parametrize("stream", [1, 2])
def test_output_without_end_is_drained_and_capped(run, stream, name):
    found = run(FLOOD, str(stream), name, timeout=0.7)
    kept, other = (found.stdout, found.stderr) if stream == 1 else (found.stderr, found.stdout)
    assert found.end is End.TIMED_OUT
    assert SMALL.output_bytes <= len(kept) < SMALL.output_bytes + 100
    assert b"bytes left out" in kept
    assert other == b""
    assert alive(name) == []


@pytest.mark.case(14)
def test_bytes_of_any_kind_are_kept_and_shown_safely(run):
    raw = bytes(range(256)) + b"\x1b[2J\xff\xfe" + "\u202e".encode()
    found = run(f"import sys; sys.stdout.buffer.write({raw!r})")
    assert found.stdout == raw
    shown = printable(found.stdout)
    assert "\x1b" not in shown
    assert "\x00" not in shown


@pytest.mark.case(15)
def test_a_driver_whose_output_nobody_reads_can_be_killed(session, python, name):
    channel = session.talk([python, "-I", "-S", "-c", FLOOD, "1", name], env=PATH)
    until = time.monotonic() + 10
    while not alive(name) and time.monotonic() < until:
        time.sleep(0.01)
    started = time.monotonic()
    channel.close()
    assert time.monotonic() - started < 5
    assert alive(name) == []


def test_input_that_is_never_read_blocks_nobody(run):
    found = run("import time; time.sleep(0.1); print(1)", stdin=b"x" * (4 << 20))
    assert (found.end, found.stdout) == (End.EXITED, b"1\n")
    assert run("import sys; print(len(sys.stdin.read()))", stdin=b"x" * (1 << 20)).stdout == b"1048576\n"


ECHO = """
import struct, sys
while True:
    size = struct.unpack(">I", sys.stdin.buffer.read(4))[0]
    data = sys.stdin.buffer.read(size)
    sys.stdout.buffer.write(struct.pack(">I", size) + data)
    sys.stdout.buffer.flush()
"""


def test_a_driver_answers_and_its_death_is_told(session, python):
    channel = session.talk([python, "-I", "-S", "-c", ECHO], env=PATH)
    assert channel.ask(b"x" * 200_000, 10).payload == b"x" * 200_000
    used = channel.usage()
    assert used.cpu_seconds > 0
    assert used.peak_bytes > 1 << 20
    assert used.threads == 1
    channel.close()
    dies = session.talk([python, "-I", "-S", "-c", "raise SystemExit('no words')"], env=PATH)
    with pytest.raises(SandboxError, match="ended with code 1: no words"):
        dies.ask(b"1", 10)
    hangs = session.talk([python, "-I", "-S", "-c", "import time; time.sleep(30)"], env=PATH)
    with pytest.raises(SandboxError, match="did not answer in time"):
        hangs.ask(b"1", 0.2)
    with pytest.raises(SandboxError, match="could not be started: there is no such program"):
        session.talk(["nowhere"], env=PATH)


def test_a_driver_is_closed_while_another_thread_asks_it(session):
    """Pairs of processes are started ahead in threads of their own, and given up in the middle."""
    found = []

    def asks(channel):
        try:
            channel.ask(b"1", 30)
        except SandboxError as error:
            found.append(error)

    for number in range(12):
        channel = session.talk(["sleep", "60"], env=PATH)
        thread = threading.Thread(target=asks, args=(channel,))
        thread.start()
        time.sleep(0.002 * number)
        channel.close()
        thread.join(10)
        assert not thread.is_alive()
    assert len(found) == 12


def test_one_box_starts_drivers_for_many_threads(session):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        drivers = list(pool.map(lambda _: session.talk(["cat"], env=PATH), range(24)))
        said = list(pool.map(lambda pair: pair[1].ask(b"%d" % pair[0], 20).payload, enumerate(drivers)))
        list(pool.map(lambda driver: driver.close(), drivers))
    assert said == [b"%d" % number for number in range(24)]


def test_programs_that_cannot_be_started_say_why(sandbox):
    from bot.domain.code import File, Snapshot

    tree = Snapshot("", {
        "lost.sh": File(b"#!/no/such/thing\n", executable=True), "plain.sh": File(b"echo 5\n", executable=True),
        "not.sh": File(b"echo 5\n"),
    })  # fmt: skip
    with sandbox.open(tree, SMALL) as session:
        said = {name: session.run([f"./{name}"], env=PATH, timeout=5) for name in tree.files}
        nowhere = session.run(["nowhere"], env=PATH, timeout=5)
    assert said["plain.sh"].stdout == b"5\n"
    assert (said["lost.sh"].end, said["lost.sh"].stderr) == (End.UNAVAILABLE, b"./lost.sh: its interpreter is missing")
    assert said["not.sh"].stderr == b"./not.sh: there is no such program"
    assert (nowhere.end, nowhere.code) == (End.UNAVAILABLE, 127)
