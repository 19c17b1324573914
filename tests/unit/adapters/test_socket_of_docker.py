import os
import socket

import pytest

from bot.adapters.sandbox.socket_of_docker import mounted, owner_of, reachable, refuse
from bot.domain.errors import Refused

JOB = {"CI": "true"}


def at(place, pid):
    return lambda path: pid if path == place else None


def test_a_socket_of_the_runner_in_a_job_is_refused_loudly():
    with pytest.raises(Refused, match=r"/var/run/docker.sock IS MOUNTED IN THIS CI JOB.*config.toml"):
        refuse(JOB, at("/var/run/docker.sock", 0))
    assert mounted(JOB | {"DOCKER_HOST": "unix:///x/d.sock"}, at("/x/d.sock", 0)) == "/x/d.sock"


def test_a_daemon_of_the_job_itself_does_not_hide_a_mounted_socket():
    environ = JOB | {"DOCKER_HOST": "unix:///x/d.sock"}
    assert mounted(environ, {"/var/run/docker.sock": 4711, "/x/d.sock": 0}.get) == "/x/d.sock"


@pytest.mark.parametrize(
    ("environ", "owner"),
    [
        ({}, at("/run/docker.sock", 0)),  # a laptop
        (JOB, at("/run/docker.sock", 4711)),  # a daemon that runs in the job itself, or a runner that is a shell
        (JOB, at("nowhere", 0)),
        (JOB | {"DOCKER_HOST": "tcp://docker:2375"}, at("tcp://docker:2375", 0)),
    ],
)
def test_what_is_no_mounted_socket_is_not(environ, owner):
    assert mounted(environ, owner) is None
    refuse(environ, owner)


def test_the_owner_of_a_socket_is_asked_of_the_kernel(tmp_path):
    path = str(tmp_path / "d.sock")
    assert owner_of(path) is None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        assert owner_of(path) is None  # nobody listens
        server.listen()
        assert owner_of(path) == os.getpid()
        assert reachable({"DOCKER_HOST": f"unix://{path}"}, lambda one: owner_of(one) if one == path else None)
    (tmp_path / "file").touch()
    assert owner_of(str(tmp_path / "file")) is None
