"""The second foreign client: GitLab's own command line, whose decoder takes no liberties with types."""

import json
import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(shutil.which("glab") is None, reason="missing: glab")


@pytest.fixture
def glab(shop, tmp_path):
    """Run glab as the owner; returns what it printed. It must have succeeded unless `fails`."""
    host = shop.server.url.removeprefix("http://")
    known = {"token": shop.server.add_token(shop.owner).secret, "api_host": host}
    hosts = {host: {**known, "api_protocol": "http", "git_protocol": "http"}}
    place = tmp_path / "glab"
    place.mkdir()
    # glab refuses a configuration that others may read.
    (place / "config.yml").touch(mode=0o600)
    (place / "config.yml").write_text(json.dumps({"host": host, "check_update": False, "hosts": hosts}))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GLAB_CONFIG_DIR": str(place), "NO_COLOR": "1"}

    def run(*words, fails=False):
        words = words if words[0] == "api" else (*words, "-R", "team/shop")
        done = subprocess.run(
            ("glab", *words), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_merge_requests(shop, glab):
    mr = shop.change(labels="old")
    assert f"!{mr.iid}\tteam/shop!{mr.iid}\tFaster\t(main)" in glab("mr", "list")
    glab("mr", "note", "1", "-m", "hello")
    glab("mr", "update", "1", "--label", "new", "--unlabel", "old", "--title", "Fast")
    glab("mr", "approve", "1")
    shown = glab("mr", "view", "1", "--comments")
    assert "title:\tFast" in shown
    assert "labels:\tnew" in shown
    assert "maria commented" in shown
    assert "-line_5 = 5\n+line_5 = 6\n" in glab("mr", "diff", "1")
    glab("mr", "merge", "1", "--yes", "--auto-merge=false")
    assert shop.project.merge_requests[mr.iid].state == "merged"
    assert "404" in glab("mr", "view", "7", fails=True)


def test_issues_and_labels(shop, glab):
    glab("label", "create", "-n", "slow")
    assert "slow" in glab("label", "list")
    glab("issue", "create", "-t", "Too slow", "-d", "See @gustav", "-l", "slow", "--yes", "--no-editor")
    glab("issue", "note", "1", "-m", "me too")
    assert "labels:\tslow" in glab("issue", "view", "1", "--comments")
    glab("issue", "close", "1")
    issue = shop.project.issues[1]
    assert (issue.state, [note.body for note in issue.human_notes]) == ("closed", ["me too"])
    assert [one.name for one in shop.server.mentions] == ["gustav"]


def test_pipelines_variables_and_schedules(shop, glab):
    glab("variable", "set", "TOKEN", "value", "--scope", "hotlap/publish")
    assert "hotlap/publish" in glab("variable", "list")
    assert "Created pipeline (id: 1 )" in glab("ci", "run", "-b", "main")
    shop.server.finish(shop.project.pipelines[1])
    assert "(success)" in glab("ci", "list")
    shop.server.add_schedule(shop.project, shop.owner)
    assert "nightly" in glab("schedule", "list")


def test_raw_calls_with_pages_and_refusals(shop, glab):
    for number in range(25):
        shop.server.open_issue(shop.project, shop.owner, f"Issue {number}")
    text = glab("api", "--paginate", "projects/team%2Fshop/issues?per_page=10")
    assert text.count('"iid"') == 25
    assert "404 Project Not Found" in glab("api", "projects/7", fails=True)
