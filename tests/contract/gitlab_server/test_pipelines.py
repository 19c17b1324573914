"""Pipelines that gitlab-ci-local executes: what jobs get, leave, and hand to each other."""

import json

import gitlab
import pytest

from tests.gitlab_server import GitLabServer
from tests.gitlab_server.executor import CiLocal
from tests.gitlab_server.executor.program import missing

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=missing() or "")]

PLAN = """\
stages: [plan, run]
variables: {WHO: everybody}

plan:
  stage: plan
  image: python:3.11-bookworm
  script:
    - env | sort > env.txt
    - test "$CI_PIPELINE_SOURCE" = merge_request_event || cp "$TRIGGER_PAYLOAD" payload.json
    - echo "FOUND=seven" > plan.env
    - |
      cat > child.yml <<'END'
      stages: [measure, publish]
      .machine:
        stage: measure
        script: ['echo "$MACHINE got $(cat candidates.txt) $SECRET" > $MACHINE.txt']
        needs: [{pipeline: $PARENT_PIPELINE_ID, job: plan}]
        artifacts: {paths: ['*.txt'], exclude: [candidates.txt, env.txt]}
      one: {extends: .machine, tags: [fast], variables: {MACHINE: one}}
      two: {extends: .machine, tags: [slow], variables: {MACHINE: two}}
      publish:
        stage: publish
        environment: {name: hotlap/publish, action: access}
        script: ['cat one.txt two.txt > all.txt', 'echo "$SECRET $CI_MERGE_REQUEST_IID" >> all.txt']
        artifacts: {paths: [all.txt]}
      END
    - echo candidates > candidates.txt
  artifacts:
    paths: [env.txt, child.yml, candidates.txt, payload.json]
    reports: {dotenv: plan.env}

evaluate:
  stage: run
  variables: {PARENT_PIPELINE_ID: $CI_PIPELINE_ID}
  trigger:
    include: [{artifact: child.yml, job: plan}]
    strategy: depend

never:
  stage: run
  rules: [{if: '$CI_PIPELINE_SOURCE == "schedule"'}]
  script: [exit 1]

allowed:
  stage: run
  needs: [plan]
  script: ['test "$FOUND" = seven && exit 3']
  allow_failure: {exit_codes: 3}
"""


@pytest.fixture
def ci_server(tmp_path):
    with GitLabServer(tmp_path / "gitlab", executor=CiLocal(tmp_path / "runner")) as server:
        yield server
    assert not server.crashes
    assert not server.problems
    assert not server.flaws


@pytest.fixture
def project(ci_server):
    owner = ci_server.add_user("maria")
    return ci_server.add_project("team/shop", owner, {".gitlab-ci.yml": PLAN, "README.md": "x"})


def environment(job):
    return dict(line.partition("=")[::2] for line in job.artifacts["env.txt"].decode().splitlines() if "=" in line)


def test_a_merge_request_with_a_child_pipeline(ci_server, project):
    ci_server.add_variable(project, "SECRET", "hidden", scope="hotlap/publish")
    owner = project.creator
    ci_server.push(project, owner, "side", {"README.md": "y"})
    mr = ci_server.open_merge_request(project, owner, "side")
    (pipeline,) = ci_server.run_pipelines()
    assert pipeline.status == "success", [(job.name, job.status, job.trace) for job in pipeline.jobs.values()]
    assert {name: job.status for name, job in pipeline.jobs.items()} == {
        "plan": "success", "evaluate": "success", "allowed": "failed"
    }  # fmt: skip
    given = environment(pipeline.jobs["plan"])
    assert given["CI_MERGE_REQUEST_IID"] == str(mr.iid)
    assert given["CI_MERGE_REQUEST_DIFF_BASE_SHA"] == project.repository.sha("main")
    assert given["CI_API_V4_URL"] == ci_server.api
    assert given["CI_JOB_TOKEN"].startswith("glcbt-")
    assert "CI_COMMIT_BRANCH" not in given
    assert "SECRET" not in given
    (child,) = pipeline.children
    assert (child.source, child.status) == ("parent_pipeline", "success")
    told = child.jobs["publish"].artifacts["all.txt"].decode().splitlines()
    assert told == ["one got candidates ", "two got candidates ", f"hidden {mr.iid}"]
    seen = gitlab.Gitlab(ci_server.url, private_token=ci_server.add_token(owner).secret).projects.get(project.id)
    (bridge,) = seen.pipelines.get(pipeline.id).bridges.list(get_all=True)
    assert bridge.downstream_pipeline["id"] == child.id
    by_name = {job.name: job for job in seen.pipelines.get(child.id).jobs.list(get_all=True)}
    assert by_name["one"].tag_list == ["fast"]
    full = seen.jobs.get(by_name["publish"].id)
    assert full.artifact("all.txt").decode().splitlines() == told
    assert b"SECRET" in full.trace()


def test_opening_through_the_api_makes_a_pipeline_and_a_fork_has_its_own(ci_server, project):
    otto = ci_server.add_user("otto")
    project.visibility = "public"
    fork = ci_server.fork(project, otto)
    ci_server.push(fork, otto, "mine", {"README.md": "z"})
    api = gitlab.Gitlab(ci_server.url, private_token=ci_server.add_token(otto).secret).projects.get(fork.id)
    wanted = {"source_branch": "mine", "target_branch": "main", "title": "Mine", "target_project_id": project.id}
    api.mergerequests.create(wanted)
    assert project.pipelines == {}
    (pipeline,) = fork.pipelines.values()
    assert (pipeline.source, pipeline.user, pipeline.status) == ("merge_request_event", otto, "created")


def test_a_trigger_with_its_payload_and_a_missing_runner(ci_server, project):
    ci_server.add_runner(project, "quick", ("fast",))
    secret = ci_server.add_trigger(project, project.creator)
    ci_server.add_hook(project, ci_server.trigger_url(project, "main", secret))
    ci_server.say(ci_server.open_issue(project, project.creator, "x"), project.creator, "/optimize core")
    ci_server.deliver()
    (pipeline,) = ci_server.run_pipelines()
    payload = json.loads(pipeline.jobs["plan"].artifacts["payload.json"])
    assert payload["object_attributes"]["note"] == "/optimize core"
    (child,) = pipeline.children
    assert {name: job.status for name, job in child.jobs.items()} == {
        "one": "success", "two": "pending", "publish": "created"
    }  # fmt: skip
    assert pipeline.status != "success"
    ci_server.add_runner(project, "slow one", ("slow",))
    ci_server.resume(pipeline)
    assert (child.status, pipeline.status) == ("success", "success")


def test_a_component_with_inputs_and_what_is_wrong_with_them(ci_server, project):
    template = """\
spec:
  inputs:
    word: {type: string, options: [one, two]}
---
said:
  script: ['echo "$[[ inputs.word ]]" > said.txt']
  artifacts: {paths: [said.txt]}
"""
    text = "include: [{component: $CI_SERVER_FQDN/team/parts/say@main, inputs: {word: %s}}]\n"
    parts = {"templates/say.yml": template, "README.md": "x"}
    ci_server.add_project("team/parts", project.creator, parts, visibility="public")
    ci_server.push(project, project.creator, "main", {".gitlab-ci.yml": text % "two"})
    good = ci_server.start_pipeline(project, project.creator)
    ci_server.run_pipelines()
    assert good.jobs["said"].artifacts == {"said.txt": b"two\n"}, good.error
    ci_server.push(project, project.creator, "main", {".gitlab-ci.yml": text % "three"})
    bad = ci_server.start_pipeline(project, project.creator)
    ci_server.run_pipelines()
    assert bad.status == "failed"
    assert "word" in bad.error


def test_a_job_talks_to_the_server_and_fails_as_it_ends(ci_server, project):
    script = """\
talk:
  script:
    - python3 ask.py > job.json
    - git fetch -q origin main
    - exit 4
  artifacts: {when: always, paths: [job.json]}
after: {stage: deploy, script: [echo never]}
"""
    ask = """\
import os, urllib.request as web
own = {"JOB-TOKEN": os.environ["CI_JOB_TOKEN"]}
print(web.urlopen(web.Request(os.environ["CI_API_V4_URL"] + "/job", headers=own)).read().decode())
"""
    ci_server.push(project, project.creator, "main", {".gitlab-ci.yml": script, "ask.py": ask})
    pipeline = ci_server.start_pipeline(project, project.creator)
    ci_server.run_pipelines()
    job = pipeline.jobs["talk"]
    assert (job.status, job.exit_code, pipeline.status) == ("failed", 4, "failed"), job.trace
    assert json.loads(job.artifacts["job.json"])["id"] == job.id
    assert pipeline.jobs["after"].status == "skipped"
