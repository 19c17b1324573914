"""The ways to a self-managed GitLab: redirects, proxies, certificates of one's own, servers that are no GitLab."""

import contextlib
import datetime as dt
import json
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.adapters.gitlab import Address, Patience, connected
from bot.domain.errors import ForgeError
from bot.domain.redact import Redactor

SECRET = "glpat-canary-canary-canary"  # noqa: S105 - made up
PATIENCE = Patience(attempts=2, total=5.0, longest=0.01, shortest=0.001)
ME = {"id": 1, "username": "bot"}


@contextlib.contextmanager
def answering(status=200, body=ME, headers=(), context=None):
    """A server that gives one answer to everything; yields its port and the (path, headers) that it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(data))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def me(url, authority=None, slept=None, patience=PATIENCE):
    address = Address(url, SECRET, authority, timeout=30.0)
    sleep = [].append if slept is None else slept.append
    forge = connected(address, "g/p", Redactor((SECRET,)), patience, sleep, dt.date.today)
    return forge.directory.me()


def test_an_instance_below_a_path():
    with answering() as (port, asked):
        assert me(f"http://127.0.0.1:{port}/gitlab/").username == "bot"
    assert asked[0][0] == "/gitlab/api/v4/user"


def test_a_redirect_is_not_followed_because_the_token_would_go_along():
    with answering() as (elsewhere, asked):
        to = ("Location", f"http://127.0.0.1:{elsewhere}/api/v4/user")
        with answering(302, b"", [to]) as (port, _), pytest.raises(ForgeError, match="HOTLAP_GITLAB_URL"):
            me(f"http://127.0.0.1:{port}")
    assert asked == []


def test_a_next_page_elsewhere_is_not_fetched():
    with answering() as (elsewhere, asked):
        to = ("Link", f'<http://127.0.0.1:{elsewhere}/api/v4/x>; rel="next"')
        with answering(200, [], [to, ("X-Next-Page", f"1@127.0.0.1:{elsewhere}")]) as (port, _):
            address = Address(f"http://127.0.0.1:{port}", SECRET)
            forge = connected(address, "g/p", Redactor(), Patience(), lambda _: None, dt.date.today)
            assert forge.merge_requests.opened_by(1) == ()
    assert asked == []


def test_a_proxy_is_used_where_the_machine_names_one(monkeypatch):
    with answering() as (port, asked):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "")
        assert me("http://gitlab.invalid").username == "bot"
    assert asked[0][0] == "http://gitlab.invalid/api/v4/user"


@pytest.mark.parametrize("body", [b"<html>login</html>", [], {}, {"id": "x", "username": 1}, {"id": None}, b""])
def test_what_is_no_gitlab_is_said_in_a_sentence(body):
    with answering(200, body) as (port, _), pytest.raises(ForgeError, match="not understood"):
        me(f"http://127.0.0.1:{port}")


def test_a_server_that_says_how_long_to_wait_is_waited_for_within_bounds():
    for asked, least in ((3, 3), (900, 20)):
        slept = []
        patience, later = Patience(attempts=4, longest=20.0), [("Retry-After", str(asked))]
        with answering(429, b"Retry later", later) as (port, requests), pytest.raises(ForgeError, match="rate limit"):
            me(f"http://127.0.0.1:{port}", slept=slept, patience=patience)
        assert len(requests) == 4
        assert len(set(slept)) == 3  # jittered
        assert all(least <= seconds <= least + 1 for seconds in slept)


def test_what_will_not_pass_is_asked_for_once():
    for status in (400, 401, 403, 404, 409, 422):
        with answering(status, {"message": "no"}) as (port, requests), pytest.raises(ForgeError):
            me(f"http://127.0.0.1:{port}")
        assert len(requests) == 1


def test_nobody_there():
    with answering() as (port, _):
        pass
    with pytest.raises(ForgeError, match="could not be reached") as failed:
        me(f"http://127.0.0.1:{port}")
    assert failed.value.retryable


def test_the_token_is_not_in_a_sentence_even_if_the_server_says_it():
    with answering(400, {"message": f"bad token {SECRET}"}) as (port, _), pytest.raises(ForgeError) as failed:
        me(f"http://127.0.0.1:{port}")
    assert SECRET not in str(failed.value)


def test_an_authority_of_ones_own_is_trusted_when_it_is_named(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("missing: openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = ["openssl", "req", "-x509", *kind, *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(context=context) as (port, _):
        with pytest.raises(ForgeError, match="HOTLAP_GITLAB_CA_FILE"):
            me(f"https://127.0.0.1:{port}")
        assert me(f"https://127.0.0.1:{port}", str(certificate)).username == "bot"
