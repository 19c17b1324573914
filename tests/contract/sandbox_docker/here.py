"""The daemon and the image that `.ci/docker image` makes, if they are here."""

import hashlib
import os
from pathlib import Path

import pytest

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.domain.errors import SandboxError

ENV = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
PYTHON = "/usr/bin/python3"
_RECIPE = Path(__file__).parents[3] / ".ci" / "image"


def image_name() -> str:
    return f"hotlap-base:bookworm-{hashlib.sha256(_RECIPE.read_bytes()).hexdigest()[:12]}"


def image() -> str:
    """Return the image's digest; skips where there is none."""
    try:
        daemon = Daemon(20)
    except SandboxError as error:
        pytest.skip(f"missing: a Docker daemon; `.ci/docker image` starts one ({error})")
    try:
        return daemon.image(image_name())[0]
    except SandboxError:
        pytest.skip("missing: the base image; `.ci/docker image` builds it")
    finally:
        daemon.close()


def containers(run: str, *, running: bool = False) -> list[str]:
    """Return the ids of the containers with the label of a run, whatever their state, or of those that run."""
    import docker

    client = docker.APIClient(version="auto")
    try:
        return [one["Id"] for one in client.containers(all=not running, filters={"label": f"hotlap.run={run}"})]
    finally:
        client.close()


def processes_with(marker: str) -> list[int]:
    """Return the processes of this host whose command line holds `marker`, however deep inside a container."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (entry / "cmdline").read_text() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers only


def groups(identities: set[str]) -> list[str]:
    """Return the control groups of these containers that this host still has."""
    places = [path for path in Path("/sys/fs/cgroup").rglob("*") if path.is_dir()]
    return [str(path) for path in places if any(one in path.name for one in identities)]
