"""Faults on purpose: each kind, where it fires, and what the server did before it."""

import subprocess
import sys
import time

import gitlab
import pytest
import requests

from tests.gitlab_server import Fault


@pytest.mark.parametrize("code", [429, 500, 502])
def test_an_answer_of_failure_before_anything_was_done(shop, code):
    mr = shop.change()
    shop.server.faults.add(Fault.status(code, retry_after=1), at=shop.server.calls + 1)
    with pytest.raises(gitlab.GitlabHttpError, match=str(code)) as failed:
        shop.api.manager.gitlab.http_post(
            f"/projects/{shop.project.id}/merge_requests/{mr.iid}/notes", obey_rate_limit=False
        )
    assert failed.value.response_code == code
    assert shop.project.merge_requests[mr.iid].human_notes == []
    mr.notes.create({"body": "again"})
    assert [fired[1:3] for fired in shop.server.faults.fired] == [
        ("POST", f"/projects/1/merge_requests/{mr.iid}/notes")
    ]


@pytest.mark.parametrize("acted", [False, True])
def test_a_reset_connection(shop, acted):
    mr = shop.change()
    shop.server.faults.add(Fault.reset(acted=acted), method="POST", path="*/notes")
    with pytest.raises(requests.ConnectionError):
        mr.notes.create({"body": "lost"})
    assert [note.body for note in shop.project.merge_requests[mr.iid].human_notes] == ["lost"] * acted


def test_silence_ends_with_the_client(shop, client):
    mr = shop.change()
    shop.server.faults.add(Fault.silence(acted=True), method="POST", path="*/notes")
    hasty = gitlab.Gitlab(shop.server.url, private_token=shop.token.secret, timeout=0.2)
    with pytest.raises(requests.ReadTimeout):
        hasty.projects.get(1, lazy=True).mergerequests.get(mr.iid, lazy=True).notes.create({"body": "late"})
    assert len(shop.project.merge_requests[mr.iid].human_notes) == 1


def test_the_client_is_killed_in_its_call(shop):
    mr = shop.change()
    url = f"{shop.server.api}/projects/{shop.project.id}/merge_requests/{mr.iid}/notes"
    script = (
        "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], b'body=x', {'PRIVATE-TOKEN': sys.argv[2]}))"
    )
    process = []

    def end():
        process[0].kill()

    shop.server.faults.add(Fault.kill(end, acted=True), at=shop.server.calls + 1)
    process.append(subprocess.Popen((sys.executable, "-c", script, url, shop.token.secret)))
    assert process[0].wait() == -9
    assert [note.body for note in shop.project.merge_requests[mr.iid].human_notes] == ["x"]


def test_something_happens_in_the_middle(shop):
    mr = shop.change()
    held = shop.project.merge_requests[mr.iid]
    shop.server.faults.add(Fault.call(lambda: shop.server.close(held, shop.owner), acted=False), method="GET", path="*")
    assert shop.api.mergerequests.get(mr.iid).state == "closed"


def test_rate_limits_are_per_user_and_pass(shop, client):
    shop.server.limit(2, 60, method="POST", path="*/issues")
    for _ in range(2):
        shop.api.issues.create({"title": "x"})
    url, own = f"{shop.server.api}/projects/1/issues", {"PRIVATE-TOKEN": shop.token.secret}
    refused = requests.post(url, {"title": "x"}, headers=own, timeout=5)
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == ("2", "0")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert int(refused.headers["RateLimit-Reset"]) >= time.time()
    other = {"PRIVATE-TOKEN": shop.server.add_token(shop.owner).secret}
    assert requests.post(url, {"title": "x"}, headers=other, timeout=5).status_code == 201
    shop.server.clock.advance(61)
    assert requests.post(url, {"title": "x"}, headers=own, timeout=5).status_code == 201


def test_git_can_fail_too(shop):
    shop.server.faults.add(Fault.status(502), kind="git")
    done = subprocess.run(
        ("git", "ls-remote", shop.project.url.replace("://", f"://x:{shop.token.secret}@")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "502" in done.stderr


def test_the_log_says_who_did_what(shop):
    before = shop.server.calls
    shop.api.issues.create({"title": "One"})
    call = shop.server.log[-1]
    assert (call.number, call.method, call.path) == (before + 1, "POST", "/projects/1/issues")
    assert (call.body, call.user, call.token, call.status) == ({"title": "One"}, shop.bot.username, "hotlap", 201)
    assert call in shop.server.written()
