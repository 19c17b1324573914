"""Drivers that share a shell: one after the other on one stream, and none of them hears or harms the next."""

import contextlib
import os
import secrets
import signal
import struct

import pytest

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from tests.contract.sandbox_docker import here

pytestmark = pytest.mark.slow

FRAMES = """
import os, signal, struct, subprocess, sys, time
def receive():
    size = struct.unpack(">I", os.read(0, 4))[0]
    return os.read(0, size)
def answer(data):
    os.write(1, struct.pack(">I", len(data)) + data)
"""
ECHO = FRAMES + "while True: answer(receive())"


class Counting(Daemon):
    """A daemon that counts the programs that it was asked to start."""

    started = 0

    def execute(self, *words, **more):
        self.started += 1
        return super().execute(*words, **more)


@pytest.fixture
def counted(image, limits):
    """A session, and the daemon that counts for it."""
    daemon = Counting(30)
    sandbox = DockerSandbox({}, DockerSettings(image, run=secrets.token_hex(6), spares=0), daemon)
    with sandbox.open(Snapshot(""), limits) as session:
        if not session._box.local:
            pytest.skip("the daemon is not on this host, or we are not root")
        yield session, daemon
    sandbox.close()
    daemon.close()


def driver(session, code=ECHO):
    return session.talk([here.PYTHON, "-I", "-S", "-c", code], env=here.ENV)


def test_drivers_that_end_in_good_order_cost_the_daemon_nothing(counted):
    session, daemon = counted
    held, before = driver(session), daemon.started
    for number in range(12):
        one = driver(session)
        assert one.ask(b"%d" % number, 10).payload == b"%d" % number
        assert one.usage().threads == 1
        one.close()
    assert daemon.started - before <= 1
    assert held.ask(b"still here", 10).payload == b"still here"
    held.close()
    assert driver(session).ask(b"swept", 10).payload == b"swept"


ENDS = {
    "raise SystemExit('no words')": "ended with code 1: no words",
    "raise SystemExit(3)": "ended with code 3",
    FRAMES + "receive(); os.kill(os.getpid(), signal.SIGKILL)": f"ended with code {128 + signal.SIGKILL}",
}


def test_a_driver_that_dies_says_how_while_its_shell_lives(counted):
    session, _ = counted
    held = driver(session)
    for code, said in ENDS.items():
        one = driver(session, code)
        with pytest.raises(SandboxError, match=said):
            one.ask(b"x", 10)
        one.close()
    one = driver(session, FRAMES + "answer(receive()); os._exit(4)")
    assert one.ask(b"last", 10).payload == b"last"
    with pytest.raises(SandboxError, match="ended with code 4"):
        one.ask(b"x", 10)
    assert held.ask(b"on", 10).payload == b"on"


STAYS = "\ntime.sleep(60)"
FLOOD = "\nif os.fork() == 0:\n os.setsid()\n while True: os.write(1, b'x' * 4096)"
FORGED = (
    "words = open('/proc/%d/cmdline' % os.getppid(), 'rb').read(); os.write(2, b'\\n' + words[-40:] + b' 0\\n'); "
    "os.write(2, b'\\n' + b'0' * 32 + b' 0\\n')"
)
ESCAPED = "\nif os.fork() == 0:\n os.setsid()\n if os.fork(): os._exit(0)\n"
HOSTILE = {
    "input that nobody has read": FRAMES + "answer(b'{}')" + STAYS,
    "shell killed": FRAMES + "answer(receive()); os.kill(os.getppid(), 9)" + STAYS,
    "shell stopped": FRAMES + "answer(receive()); os.kill(os.getppid(), 19)" + STAYS,
    "all killed": FRAMES + "answer(receive()); os.kill(-1, 9)",
    "flood": FRAMES + "answer(receive())" + FLOOD + STAYS,
    "end forged": FRAMES + "answer(receive()); " + FORGED + STAYS,
    "shell made to fail": FRAMES + "answer(receive()); os.set_blocking(0, False)" + STAYS,
    "escaped writer": FRAMES
    + "answer(receive())"
    + ESCAPED
    + " while True: answer(b'forged'); time.sleep(0.01)"
    + STAYS,
    "escaped reader": FRAMES + "answer(receive())" + ESCAPED + " while True: os.read(0, 1)" + STAYS,
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_whatever_one_driver_leaves_others_answer_truly_or_fail_with_a_sentence(counted, code):
    session, _ = counted
    held = driver(session)
    one = driver(session, code)
    with contextlib.suppress(SandboxError):
        one.ask(b"first", 5)
    one.close()
    answers = []
    for _ in range(2):
        good = driver(session)
        with contextlib.suppress(SandboxError):
            answers.append(good.ask(b"next", 5).payload)
        good.close()
    assert set(answers) <= {b"next"}
    held.close()
    assert driver(session).ask(b"after a sweep", 10).payload == b"after a sweep"


def test_escaped_processes_and_sweeps_cost_a_shell_and_no_answer(counted):
    session, _ = counted
    held = driver(session)
    for name in ("escaped writer", "escaped reader", "shell made to fail"):
        one = driver(session, HOSTILE[name])
        assert one.ask(b"first", 5).payload == b"first"
        one.close()
        good = driver(session)
        assert good.ask(b"real", 10).payload == b"real", name
        good.close()
    held.close()
    driver(session).close()
    assert session.run(["true"], env=here.ENV, timeout=10).code == 0
    assert driver(session).ask(b"after a run", 10).payload == b"after a run"


def test_a_driver_begins_as_any_other_program_does(counted):
    session, _ = counted
    interrupt, end = "signal.getsignal(signal.SIGINT)", "signal.getsignal(signal.SIGQUIT)"
    code = f"{interrupt} is signal.default_int_handler, {end} == signal.SIG_DFL"
    seen = f"repr(({code}, sorted(os.listdir('/proc/self/fd')), dict(os.environ))).encode()"
    held = driver(session)
    for _ in range(2):
        one = driver(session, FRAMES + f"import signal; receive(); answer({seen})" + STAYS)
        said = one.ask(b"", 10).payload.decode()
        assert said == repr((True, True, ["0", "1", "2", "3"], here.ENV)), "the fourth is the listing itself"
        one.close()
    bare = session.talk([here.PYTHON, "-I", "-S", "-c", ECHO], env={"PATH": "/nonexistent"})
    assert bare.ask(b"well", 10).payload == b"well"
    dying = driver(session, FRAMES + "receive(); os.write(2, b'the reason\\n'); os.abort()")
    with pytest.raises(SandboxError, match="134: the reason"):
        dying.ask(b"", 10)
    held.close()


def test_a_request_that_was_not_answered_is_no_line_of_the_shell(counted):
    session, _ = counted
    held = driver(session)
    hangs = driver(session, "import time; time.sleep(60)")
    with pytest.raises(SandboxError, match="in time"):
        hangs.ask(b"\ntouch /tmp/was-run\n", 0.3)
    hangs.close()
    assert driver(session).ask(b"well", 10).payload == b"well"
    assert session.run(["test", "-e", "/tmp/was-run"], env=here.ENV, timeout=10).code == 1
    held.close()


def test_a_frame_is_read_whole_however_it_comes(counted):
    session, _ = counted
    held, big = driver(session), os.urandom(3 << 20)
    code = FRAMES + (
        "size = struct.unpack('>I', os.read(0, 4))[0]\ndata = b''\n"
        "while len(data) < size: data += os.read(0, size - len(data))\n"
        "while data: data = data[os.write(1, data):]\ntime.sleep(60)"
    )
    one = driver(session, code)
    framed = struct.pack(">I", len(big)) + big
    assert one.ask(framed, 30).payload == big
    one.close()
    assert driver(session).ask(b"well", 10).payload == b"well"
    held.close()
