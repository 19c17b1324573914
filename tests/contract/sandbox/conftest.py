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
from bot.domain.code import Snapshot
from bot.domain.errors import SandboxError
from bot.ports import Limits
from tests.contract.sandbox_docker import here

BACKENDS = ("process", "namespace", "docker")
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
    if name != "process":
        return reasons
    reasons |= dict.fromkeys((6, 7, 8, 9, 38), _DISK) | {23: _HOST}
    if "rights of the bot's own user" in said:
        reasons |= dict.fromkeys((11, 19, 24), _OWN_USER)
    return reasons


def conformance():
    """Return the label of this session's containers; a bot that a test starts takes the same one."""
    return os.environ.setdefault("HOTLAP_CONFORMANCE", secrets.token_hex(6))


def made(name):
    tools = {"tool.py": b"VALUE = 7\n"}
    if name == "docker":
        # Without spares: what is counted before and after a test has to be the same.
        settings = DockerSettings(here.image(), run=conformance(), timing=True, spares=0)
        return DockerSandbox(tools, settings, Daemon(settings.request_seconds))
    return {"process": ProcessSandbox, "namespace": NamespaceSandbox}[name](tools)


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """A sandbox that works here, with its name and what it does not hold."""
    if request.param == "namespace" and shutil.which("bwrap") is None:
        pytest.skip("missing: bubblewrap")
    sandbox = made(request.param)
    try:
        with sandbox.open(Snapshot("", {}), SMALL):
            pass
    except SandboxError as error:
        pytest.skip(f"missing: namespaces ({error})")
    return request.param, sandbox, unheld(request.param, sandbox.notes)


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
    """The interpreter as it is called in the box."""
    return here.PYTHON if backend[0] == "docker" else sys.executable


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


def left(backend):
    """Return what boxes leave outside: directories, control groups, keepers (a warden itself may stay), containers."""
    if backend == "docker":
        return set(here.containers(conformance()))
    found = [str(place) for place in Path(tempfile.gettempdir()).glob("hotlap-*-*-*-*")]
    found += [str(place) for place in Path("/sys/fs/cgroup").glob("**/hotlap-*-*-*-*")]
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            if b"warden.serve" not in place.read_bytes():
                continue
            parent = int((place.parent / "stat").read_text().rpartition(")")[2].split()[1])
            if b"warden.serve" in Path(f"/proc/{parent}/cmdline").read_bytes():
                found.append(f"keeper {place.parent.name}")
    return set(found)


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a listing that opens nothing else


@pytest.fixture(autouse=True)
def nothing_is_left(backend):
    """Count before and after every test: boxes, control groups, keepers, containers, descriptors and threads."""
    name = backend[0]
    before, descriptors, threads = left(name), open_descriptors(), threading.active_count()
    # A client of Docker keeps connections and the threads that it has started; how many depends on the weather.
    kept = 8 if name == "docker" else 0
    yield
    until = time.monotonic() + PATIENCE
    while (left(name) - before or threading.active_count() > threads + kept) and time.monotonic() < until:
        time.sleep(0.01)
    assert left(name) <= before
    assert threading.active_count() <= threads + kept
    assert open_descriptors() <= descriptors + kept
