"""A daemon that fails says nothing about a candidate: one clear sentence, and nothing is left."""

import concurrent.futures
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time

import pytest

from bot.adapters.sandbox.docker import flags, owner
from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.domain.errors import Refused, SandboxError
from bot.ports import End, Limits
from tests.contract.sandbox_docker import here
from tests.fakes.docker_daemon import FULL, VERSION, Cable, answering, listening

pytestmark = pytest.mark.slow

_ABSENT = "sha256:" + "0" * 64
_BOT = """
import sys, time
from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.ports import Limits
limits = Limits(memory_bytes=256 << 20, pids=64)
sandbox = DockerSandbox({}, DockerSettings(sys.argv[1], run=sys.argv[2], spares=1), Daemon(30))
with sandbox.open(Snapshot(""), limits) as session:
    session.talk(["sleep", "1000"], env={"PATH": "/usr/bin:/bin"})
    print("up", flush=True)
    time.sleep(1000)
"""


def _until(there, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_an_absent_daemon_is_named(tmp_path):
    with pytest.raises(SandboxError, match=r"no Docker daemon answers .*No such file.*hotlap doctor"):
        Daemon(5, f"unix://{tmp_path}/none.sock")


def test_a_silent_daemon_is_given_up(tmp_path):
    started = time.monotonic()
    with listening(tmp_path / "s", answering(b"")) as address, pytest.raises(SandboxError, match="not answer in time"):
        Daemon(1, address)
    assert time.monotonic() - started < 5


def test_a_full_disk_is_told_apart(tmp_path):
    with listening(tmp_path / "s", answering(VERSION, FULL)) as address:
        daemon = Daemon(5, address)
        with pytest.raises(SandboxError, match="disk is full; `docker system prune`"):
            daemon.create("sha256:0", ("cat",), 1, {}, {})
        daemon.close()


def test_an_image_that_is_not_there_is_not_fetched(daemon):
    with pytest.raises(SandboxError, match="does not hold the image; none is fetched during a run"):
        DockerSandbox({}, DockerSettings(_ABSENT), daemon)


@pytest.mark.parametrize("name", ["python:3.11", "python@sha256:12", "sha256:" + "g" * 64, ""])
def test_an_image_without_a_digest_is_refused(name):
    with pytest.raises(Refused, match="not named by its digest"):
        DockerSettings(name)


def test_a_daemon_that_goes_away_in_the_middle_is_unavailable(image, tmp_path, limits):
    real = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not real.startswith("unix://"):
        pytest.skip("the daemon is not behind a local socket")
    cable, run = Cable(real.removeprefix("unix://")), secrets.token_hex(6)
    with listening(tmp_path / "s", cable.serve) as address:
        daemon = Daemon(5, address)
        sandbox = DockerSandbox({}, DockerSettings(image, run=run, spares=0), daemon)
        with sandbox.open(Snapshot(""), limits) as session:
            driver = session.talk(["cat"], env=here.ENV)
            threading.Timer(0.5, cable.cut).start()
            result = session.run(["sleep", "20"], env=here.ENV, timeout=20)
            assert result.end is End.UNAVAILABLE
            assert b"Docker" in result.stderr
            assert session.run(["true"], env=here.ENV, timeout=5).end is End.UNAVAILABLE
            with pytest.raises(SandboxError, match="Docker"):
                driver.ask(b"", 5)
        with pytest.raises(SandboxError, match="no Docker daemon answers"), sandbox.open(Snapshot(""), limits):
            pass
        sandbox.close()
        daemon.close()
    # Its containers ended with the streams that they read.
    _until(lambda: not here.containers(run))


class Hesitant(Daemon):
    """A daemon that takes its time to say how a program is."""

    def look(self, exec_id):
        time.sleep(0.15)
        return super().look(exec_id)


def test_a_driver_that_starts_while_the_last_one_is_closed_goes_on(image, limits):
    daemon = Hesitant(30)
    sandbox = DockerSandbox({}, DockerSettings(image, run=secrets.token_hex(6), spares=0), daemon)
    with sandbox.open(Snapshot(""), limits) as session, concurrent.futures.ThreadPoolExecutor(1) as pool:
        driver = session.talk(["sleep", "60"], env=here.ENV)
        for wait in (0.05, 0.1, 0.15, 0.2):
            coming = pool.submit(session.talk, ["sleep", "60"], env=here.ENV)
            time.sleep(wait)
            driver.close()
            driver = coming.result()
        driver.close()
    sandbox.close()
    daemon.close()


def test_a_container_that_is_removed_under_a_run_is_unavailable(sandbox, daemon, limits):
    with sandbox.open(Snapshot(""), limits) as session:
        threading.Timer(0.5, daemon.remove, (session._box.identity,)).start()
        result = session.run(["sleep", "20"], env=here.ENV, timeout=20)
        assert result.end is End.UNAVAILABLE
        assert session.run(["true"], env=here.ENV, timeout=5).end is End.UNAVAILABLE


def test_a_spare_that_died_is_replaced(sandbox, daemon, limits):
    with sandbox.open(Snapshot(""), limits):
        pass
    spare = sandbox._spares._coming[0][1].result()
    daemon.remove(spare.identity)
    _until(lambda: not spare.alive)
    with sandbox.open(Snapshot(""), limits) as session:
        assert session.run(["echo", "well"], env=here.ENV, timeout=10).stdout == b"well\n"


def test_a_killed_bot_leaves_no_container(image):
    run = secrets.token_hex(6)
    bot = subprocess.Popen([sys.executable, "-c", _BOT, image, run], stdout=subprocess.PIPE)
    with bot:
        assert bot.stdout.readline() == b"up\n"
        _until(lambda: len(here.containers(run, running=True)) == 2)
        bot.send_signal(signal.SIGKILL)
    _until(lambda: not here.containers(run))


def test_a_bot_that_is_killed_at_any_moment_leaves_nothing_that_the_next_one_does_not_find(image, daemon):
    run = secrets.token_hex(6)
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", _BOT, image, run], stdout=subprocess.DEVNULL) as bot:
            _until(lambda: here.containers(run))
            time.sleep(random.uniform(0, 0.5))  # noqa: S311 - a moment, not a secret
            bot.send_signal(signal.SIGKILL)
        time.sleep(1)
        owner.reap(daemon)
        _until(lambda: not here.containers(run))


def test_what_a_dead_owner_left_is_reaped_and_nothing_else(image, daemon):
    run = secrets.token_hex(6)
    config = flags.host_config(DockerSettings(image), Limits(memory_bytes=64 << 20), flags.drawn(), {}, None)
    mine = owner.labels(run, 600)
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = {**mine, "hotlap.owner": mine["hotlap.owner"].rpartition("/")[0] + f"/{ended.pid}@17"}
    argv = ("sleep", "1000")
    kept, left, expired = (
        daemon.create(image, argv, 30_000, config, labels) for labels in (mine, dead, owner.labels(run, -5))
    )
    try:
        owner.reap(daemon)  # other bots that start at this moment may be quicker
        until = time.monotonic() + 20
        while here.containers(run) != [kept] and time.monotonic() < until:
            time.sleep(0.05)
        assert here.containers(run) == [kept]
    finally:
        for one in (kept, left, expired):
            daemon.remove(one)


def test_nothing_is_left_of_many_boxes(image, daemon, limits):
    run, used = secrets.token_hex(6), set()

    def once():
        sandbox = DockerSandbox({}, DockerSettings(image, run=run, spares=1), daemon)
        found: dict[int, bytes] = {}

        def use(number: int) -> None:
            with sandbox.open(Snapshot(""), limits) as session:
                used.add(session._box.identity)
                session.run(["sh", "-c", f"echo {number} > /tmp/it"], env=here.ENV, timeout=30)
                found[number] = session.run(["sh", "-c", "cat /tmp/*"], env=here.ENV, timeout=30).stdout

        threads = [threading.Thread(target=use, args=(number,)) for number in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        sandbox.close()
        assert found == {number: b"%d\n" % number for number in range(3)}

    once()
    before, threads = here.descriptors(), threading.active_count()
    once()
    assert not here.containers(run)
    assert len(used) == 6
    assert not here.groups(used)
    assert threading.active_count() <= threads
    # The client keeps a few connections open, now more and now less of them.
    assert here.descriptors() < before + 4
