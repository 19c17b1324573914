"""What listens at the socket need not be a Docker daemon, and what it answers need not make sense."""

import json
import socket
import threading

import pytest

from bot.adapters.sandbox.docker.daemon import Daemon
from bot.domain.errors import SandboxError

VERSION = {"ApiVersion": "1.41"}


def _answering(server, answers):
    """Answer each request with the bytes for the end of its path, the ones for "" otherwise."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            asked = connection.recv(1 << 16).split(b" ")
            path = asked[1].decode().partition("?")[0] if len(asked) > 1 else ""
            body = next((body for end, body in answers.items() if end and path.endswith(end)), answers[""])
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            if asked[0]:
                connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)


@pytest.fixture
def listening(tmp_path):
    servers = []

    def listen(answer, **others):
        server = socket.socket(socket.AF_UNIX)
        path = str(tmp_path / f"{len(servers)}.sock")
        server.bind(path)
        server.listen()
        answers = {"": answer, **{f"/{name}": body for name, body in others.items()}}
        threading.Thread(target=_answering, args=(server, answers), daemon=True).start()
        servers.append(server)
        return f"unix://{path}"

    yield listen
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


@pytest.mark.parametrize(
    "answer", [b"null", b"[]", b"{}", b"<html>", b'{"ApiVersion": 5}', b'{"ApiVersion": null}', b'"text"', b"7", b""]
)
def test_what_is_no_daemon_is_said_in_a_sentence(listening, answer):
    with pytest.raises(SandboxError, match="connecting to Docker: "):
        Daemon(5.0, listening(answer))


@pytest.mark.parametrize(
    "answer",
    [
        b"null",
        b"[]",
        b"7",
        b'{"SecurityOptions": [1], "Config": 5}',
        b'{"Runtimes": 5, "Id": 1, "Config": {"Volumes": 3}}',
    ],
)
def test_answers_that_lack_what_they_should_hold_are_the_daemons_fault(listening, answer):
    daemon = Daemon(5.0, listening(answer, version=json.dumps(VERSION).encode()))
    try:
        with pytest.raises(SandboxError, match="asking Docker what it can do: what answers is no Docker daemon"):
            daemon.facts()
        with pytest.raises(SandboxError, match="looking for the image x: what answers is no Docker daemon"):
            daemon.image("x")
        if answer == b"[]":
            assert daemon.leftovers() == ()
        else:
            with pytest.raises(SandboxError, match="looking for left containers: what answers is no Docker daemon"):
                daemon.leftovers()
        with pytest.raises(SandboxError, match="asking how a process in a container ended: what answers"):
            daemon.look("x")
        with pytest.raises(SandboxError, match="looking at a container: what answers"):
            daemon.main_pid("x")
    finally:
        daemon.close()
