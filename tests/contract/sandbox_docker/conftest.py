"""One sandbox for a module's tests: each test has a container of its own, and nothing may be left at the end."""

import secrets
import time

import pytest

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.domain.code import Snapshot
from bot.ports import Limits
from bot.wiring import tools
from tests.contract.sandbox_docker import here


@pytest.fixture(scope="session")
def image():
    return here.image()


@pytest.fixture(scope="session")
def limits():
    return Limits(wall_seconds=30.0, memory_bytes=256 << 20, pids=64, tmp_bytes=64 << 20)


@pytest.fixture(scope="module")
def daemon(image):
    made = Daemon(30)
    yield made
    made.close()


@pytest.fixture(scope="module")
def sandbox(image, daemon, limits):
    settings = DockerSettings(image, run=secrets.token_hex(6), spares=1)
    made = DockerSandbox(tools(), settings, daemon)
    made.ready(limits)
    yield made
    made.close()
    deadline = time.monotonic() + 20
    while here.containers(settings.run):
        assert time.monotonic() < deadline, "containers are left"
        time.sleep(0.1)


@pytest.fixture
def session(sandbox, limits):
    with sandbox.open(Snapshot(""), limits) as opened:
        yield opened


@pytest.fixture
def python(session):
    """Run a Python program in the session."""

    def run(code, timeout=15.0, **kwargs):
        return session.run([here.PYTHON, "-c", code], env=here.ENV, timeout=timeout, **kwargs)

    return run
