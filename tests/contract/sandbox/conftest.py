"""One conformance suite for every way of running hostile code.

Tests carry the number of their case (docs/sandbox.md lists them). A case that a backend cannot hold on this machine is
run all the same and expected to fail, with the reason; one that is held although it was not expected fails the suite.
"""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.adapters.sandbox.docker.sandbox import DockerSandbox
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.namespace import NamespaceSandbox
from bot.adapters.sandbox.process import ProcessSandbox
from bot.adapters.sandbox.warden import names
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.ports import Limits
from tests.contract.sandbox_docker import here

BACKENDS = ("process", "process-user", "namespace", "docker")
SYSTEM_PYTHON = "/usr/bin/python3"
CONTAINERS = "HOTLAP_TEST_CONTAINERS"
SMALL = Limits(wall_seconds=20, memory_bytes=256 << 20, pids=40, output_bytes=1 << 16, tmp_bytes=32 << 20)
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
PATIENCE = 10.0

_DISK = "its files stand on the host's disk, without a size of their own"
_HOST = "it shares the host's network and processes"
_OWN_USER = "its processes have the rights of the bot's own user"


def pytest_configure(config):
    config.addinivalue_line("markers", "case(number): the case of the conformance suite that a test is about")


def unheld(name, notes):
    """Return why a backend does not hold a case, by its number."""
    said = " ".join(notes)
    reasons = {}
    if "memory is limited for each process" in said:
        reasons |= dict.fromkeys((5, 6, 21), "memory is limited for each process only: no control group can be made")
    if "processes are counted with those" in said and os.geteuid() == 0 and "rights of the bot's own user" in said:
        reasons |= dict.fromkeys((1, 2), "the kernel does not count root's processes, and no control group can be made")
    if "system calls are not filtered" in said:
        reasons[25] = "this processor's system calls are not known"
    if name in {"namespace", "docker"}:
        return reasons
    reasons |= dict.fromkeys((6, 7, 8, 9, 38), _DISK) | {23: _HOST}
    if "rights of the bot's own user" in said:
        reasons |= dict.fromkeys((19, 24) if os.geteuid() else (11, 19, 24), _OWN_USER)
    return reasons


def python_of(name):
    """Return the target's interpreter: with that of the system, processes can have a user of their own."""
    return SYSTEM_PYTHON if name in {"process-user", "docker"} else sys.executable


def made(name):
    tools = {"tool.py": b"VALUE = 7\n"}
    if name == "docker":
        # The label says whose containers these are; a bot that a test starts has the same one.
        run = os.environ.setdefault(CONTAINERS, secrets.token_hex(6))
        # Without spares: what is counted before and after a test has to be the same.
        settings = DockerSettings(here.image(), run=run, timing=True, spares=0)
        return DockerSandbox(tools, settings, Daemon(settings.request_seconds))
    if name == "namespace":
        return NamespaceSandbox(tools, python=python_of(name), spares=False)
    return ProcessSandbox(tools, python=python_of(name))


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """A sandbox that works here, with its name and what it does not hold."""
    if request.param == "namespace" and shutil.which("bwrap") is None:
        pytest.skip("missing: bubblewrap")
    if request.param == "process-user" and (os.geteuid() != 0 or not Path(SYSTEM_PYTHON).exists()):
        pytest.skip("only root, with an interpreter that everybody can run, gives boxes a user of their own")
    sandbox = made(request.param)
    try:
        with sandbox.open(Snapshot("", {}), SMALL):
            pass
    except SandboxError as error:
        pytest.skip(f"missing: namespaces ({error})")
    yield request.param, sandbox, unheld(request.param, sandbox.notes)
    if request.param == "docker":
        sandbox.close()
        sandbox._daemon.close()


@pytest.fixture
def sandbox(backend, request):
    name, sandbox, reasons = backend
    for mark in request.node.iter_markers("case"):
        if mark.args[0] in reasons:
            reason = f"case {mark.args[0]} is not held by {name}: {reasons[mark.args[0]]}"
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    return sandbox


@pytest.fixture
def session(sandbox):
    with sandbox.open(Snapshot("", {}), SMALL) as one:
        yield one


@pytest.fixture
def python(backend):
    return python_of(backend[0])


@pytest.fixture
def run(session, python):
    """Run Python code in the box; `name` is shown in the list of processes, so that what is left can be found."""

    def ran(code, *arguments, timeout=15.0, **options):
        argv = [python, "-I", "-S", "-c", code, *arguments]
        return session.run(argv, env=PATH, timeout=timeout, **options)

    return ran


@pytest.fixture
def name():
    return f"left-{secrets.token_hex(6)}"


def alive(name):
    """Return the processes of this machine that have `name` among their arguments."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if name.encode() in place.read_bytes():
                found.append(int(place.parent.name))
    return found


def keepers(bot):
    """Return the processes that hold the boxes of a bot: children of its warden with the warden's command line."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            said = (place / "cmdline").read_bytes().split(b"\0")
            if str(bot).encode() in said and any(b"warden.serve" in part for part in said):
                found[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return {process for process, parent in found.items() if parent in found}


def left(bot=None):
    """Return what the boxes of a bot, by default this one, leave: keepers, and what keepers that are gone had made."""
    found = {f"keeper {process}" for process in keepers(bot or os.getpid())}
    for top in (tempfile.gettempdir(), "/sys/fs/cgroup"):
        for place, folders, _ in os.walk(top):
            found.update(os.path.join(place, one) for one in folders if names.is_dead(one))  # noqa: PTH118 - os.walk's
            folders[:] = folders if top != tempfile.gettempdir() else []
    if run := os.environ.get(CONTAINERS):
        found.update(f"container {one}" for one in here.containers(run))
    return found


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a listing that opens nothing else


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    """Count before and after every test of the suite: boxes, control groups, keepers, descriptors and threads."""
    if "backend" not in request.fixturenames:
        yield
        return
    before, descriptors, threads = left(), open_descriptors(), threading.active_count()
    # A client of Docker keeps connections and threads for the next time; tests/contract/sandbox_docker counts closely.
    kept = 40 if CONTAINERS in os.environ else 0
    yield
    until = time.monotonic() + PATIENCE
    # Others who test here at the same time leave something for a moment, too: one look at which nothing is left counts.
    while (stays := left() - before) or threading.active_count() > threads + kept:
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    assert not stays
    assert threading.active_count() <= threads + kept
    assert open_descriptors() <= descriptors + kept
