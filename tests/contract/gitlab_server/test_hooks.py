"""Webhooks: what is sent, how it is signed, and the trigger that takes one."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from tests.gitlab_server import Access

SIGNING = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def receiver():
    """Where hooks go: a list of (headers, body) and its address."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield seen, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_note_is_sent_with_both_proofs(shop, receiver):
    seen, url = receiver
    shop.server.add_hook(shop.project, url, token="plain", signing_token=SIGNING)  # noqa: S106 - a test's
    mr = shop.server.open_merge_request(shop.project, shop.owner, *_branch(shop))
    note = shop.server.say(mr, shop.owner, "/optimize core")
    (delivery,) = shop.server.deliver()
    ((headers, body),) = seen
    payload = json.loads(body)
    assert (headers["X-Gitlab-Event"], headers["X-Gitlab-Token"], delivery.status) == ("Note Hook", "plain", 200)
    assert payload["object_attributes"]["id"] == note.id
    assert (payload["object_attributes"]["action"], payload["user"]["username"]) == ("create", "maria")
    assert payload["merge_request"]["iid"] == mr.iid
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signed = hmac.new(bytes(range(32)), text, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()


def _branch(shop):
    shop.server.push(shop.project, shop.owner, "side", {"core.py": "x = 1\n"})
    return ("side",)


def test_deliveries_can_come_twice_and_in_another_order(shop, receiver):
    seen, url = receiver
    shop.server.add_hook(shop.project, url, ("note", "emoji"))
    issue = shop.server.open_issue(shop.project, shop.owner, "x")
    note = shop.server.say(issue, shop.owner, "one")
    shop.server.award(note, shop.owner, "thumbsup")
    shop.server.outbox[:] = [shop.server.outbox[1], shop.server.outbox[0], shop.server.outbox[0]]
    shop.server.deliver()
    kinds = [json.loads(body)["object_kind"] for _, body in seen]
    assert kinds == ["emoji", "note", "note"]
    assert seen[1][0]["Idempotency-Key"] == seen[2][0]["Idempotency-Key"] != seen[0][0]["Idempotency-Key"]


def test_edits_and_quick_actions_are_told_apart(shop, receiver):
    seen, url = receiver
    shop.server.add_hook(shop.project, url)
    issue = shop.server.open_issue(shop.project, shop.owner, "x")
    note = shop.server.say(issue, shop.owner, "one")
    shop.server.edit_note(note, shop.owner, "two")
    assert shop.server.say(issue, shop.owner, "/close") is None
    shop.server.deliver()
    assert [json.loads(body)["object_attributes"]["action"] for _, body in seen] == ["create", "update"]


def test_a_custom_template(shop, receiver):
    seen, url = receiver
    shop.server.add_hook(
        shop.project, url, template='{"who": "{{user.username}}", "id": {{object_attributes.id}}, "x": "{{no}}"}'
    )
    note = shop.server.say(shop.server.open_issue(shop.project, shop.owner, "x"), shop.owner, "one")
    shop.server.deliver()
    assert json.loads(seen[0][1]) == {"who": "maria", "id": note.id, "x": ""}


def test_a_hook_can_start_a_pipeline(shop):
    secret = shop.server.add_trigger(shop.project, shop.owner)
    shop.server.add_hook(shop.project, shop.server.trigger_url(shop.project, "main", secret))
    issue = shop.server.open_issue(shop.project, shop.owner, "x")
    shop.server.say(issue, shop.guest, "/optimize core")
    (delivery,) = shop.server.deliver()
    assert delivery.status == 201
    (pipeline,) = shop.project.pipelines.values()
    assert (pipeline.source, pipeline.user, pipeline.ref) == ("trigger", shop.owner, "main")
    (payload,) = (one for one in pipeline.variables if one.key == "TRIGGER_PAYLOAD")
    assert payload.file
    assert json.loads(payload.value)["user"]["username"] == "gustav"


@pytest.mark.parametrize("token", ["wrong", ""])
def test_a_wrong_trigger_token_starts_nothing(shop, token):
    url = shop.server.trigger_url(shop.project, "main", token)
    assert requests.post(url, json={}, timeout=5).status_code in {400, 404}
    assert shop.project.pipelines == {}


def test_hooks_triggers_and_schedules_through_the_api(shop, client):
    owner = client(shop.server.add_token(shop.owner).secret).projects.get(shop.project.id)
    hook = owner.hooks.create({"url": "http://127.0.0.1:9/", "note_events": True, "signing_token": SIGNING})
    assert (hook.note_events, hook.signing_token_present) == (True, True)
    shop.server.problems.clear()  # signing_token is newer than the description
    shop.server.flaws.clear()
    trigger = owner.triggers.create({"description": "hotlap"})
    schedule = owner.pipelineschedules.create({"description": "nightly", "ref": "main", "cron": "0 3 * * *"})
    schedule.variables.create({"key": "A", "value": "1"})
    schedule.play()
    made = owner.trigger_pipeline("main", trigger.token, variables={"B": "2"})
    sources = {one.id: one.source for one in owner.pipelines.list(get_all=True)}
    assert sorted(sources.values()) == ["schedule", "trigger"]
    assert sources[made.id] == "trigger"
    (first,) = (one for one in shop.project.pipelines.values() if one.source == "schedule")
    assert [(one.key, one.value) for one in first.variables] == [("A", "1")]
    shop.server.finish(first, "failed")
    assert owner.pipelines.get(first.id).status == "failed"


def test_a_job_that_a_test_starts_itself(shop, client):
    shop.server.add_variable(shop.project, "SECRET", "hidden", scope="hotlap/publish")
    mr = shop.project.merge_requests[shop.change().iid]
    pipeline = shop.server.merge_request_pipeline(mr, shop.owner)
    _, plain = shop.server.start_job(pipeline, "plan")
    job, given = shop.server.start_job(pipeline, "publish", definition={"environment": {"name": "hotlap/publish"}})
    assert "SECRET" not in plain
    assert (given["SECRET"], given["CI_MERGE_REQUEST_IID"], given["CI_JOB_ID"]) == ("hidden", str(mr.iid), str(job.id))
    own = {"JOB-TOKEN": given["CI_JOB_TOKEN"]}
    assert requests.get(f"{given['CI_API_V4_URL']}/job", headers=own, timeout=5).json()["name"] == "publish"
    shop.server.finish_job(job, artifacts={"a.txt": b"a"})
    assert requests.get(f"{given['CI_API_V4_URL']}/job", headers=own, timeout=5).status_code == 401
    assert shop.api.jobs.get(job.id).artifact("a.txt") == b"a"


def test_a_developer_may_not_see_hooks(shop):
    assert shop.server.world.access(shop.project, shop.bot) == Access.DEVELOPER
    answer = requests.get(
        f"{shop.server.api}/projects/1/hooks", headers={"PRIVATE-TOKEN": shop.token.secret}, timeout=5
    )
    assert answer.status_code == 403
