"""What only this backend has to prove about its containers; the rest is in the suite that all backends share."""

import json
import re

import pytest

from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.ports import End, Place
from bot.wiring import tools
from tests.contract.sandbox_docker import here

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


def test_a_program_that_closes_its_streams_is_waited_for(session):
    result = session.run(["sh", "-c", "exec >&- 2>&-; sleep 0.6; exit 7"], env=here.ENV, timeout=20)
    assert (result.end, result.code) == (End.EXITED, 7)
    assert result.seconds >= 0.6


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


def test_without_a_view_of_the_daemons_host_the_container_itself_is_asked(sandbox, limits):
    with sandbox.open(Snapshot(""), limits) as session:
        session._box.local = False
        here_only = "import os; print(sorted(os.sched_getaffinity(0)))"
        place = Place(cpus=(0,))
        assert session.run([here.PYTHON, "-c", here_only], env=here.ENV, timeout=10, place=place).stdout == b"[0]\n"
        channel = session.talk(["cat"], env=here.ENV)
        channel.pin([0])
        assert channel.ask(b"echoed", 10).payload == b"echoed"
        assert channel.usage().cpu_seconds == 0.0
        channel.close()
        assert session.run(["true"], env=here.ENV, timeout=10).end is End.EXITED
