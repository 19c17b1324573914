"""The child pipeline: one job for each machine with its tags, a bounded wait, and one privilege for each job."""

import json
import os
from pathlib import Path

import pytest
import yaml

from bot.app.ci.child_pipeline import JobSettings, write
from bot.domain.exchange import DryRun, Plan
from bot.domain.job import Budget
from tests.fakes import exchange as made

ROOT = Path(__file__).parents[4]
THREE = made.hardware("amd", "arm", "old")
SETTINGS = JobSettings("python:3.11", "python -m pip install hotlap", wait=90.0, tags=("small",))


def written(plan, settings=SETTINGS):
    return yaml.safe_load(write(plan, "d" * 64, settings))


def jobs(pipeline):
    return {name: job for name, job in pipeline.items() if name != "stages"}


def test_each_machine_has_a_job_with_its_tags_and_a_lock_of_its_own():
    pipeline = written(made.plan(hardware=THREE))
    for name in ("amd", "arm", "old"):
        job = pipeline[f"hotlap-evaluate-{name}"]
        assert job["tags"] == [name]
        assert job["resource_group"] == f"hotlap-{name}"
        assert job["variables"]["HOTLAP_HARDWARE"] == name
        assert job["artifacts"]["paths"] == [f"hotlap-ci/evidence/{name}.json"]
        assert job["artifacts"]["when"] == "always"
        assert job["needs"] == [{"pipeline": "$PARENT_PIPELINE_ID", "job": "hotlap-propose"}]
        assert job["allow_failure"] is True
    locks = {job["resource_group"] for job in jobs(pipeline).values() if "resource_group" in job}
    assert locks == {"hotlap-amd", "hotlap-arm", "hotlap-old", "hotlap-publish"}


def test_the_last_job_publishes_whatever_became_of_the_others_and_knows_the_plan_by_its_digest():
    pipeline = written(made.plan(hardware=THREE))
    name, job = list(pipeline.items())[-1]
    assert name == "hotlap-publish"
    assert job["when"] == "always"
    assert [need["job"] for need in job["needs"]] == ["hotlap-propose", *(f"hotlap-evaluate-{n.name}" for n in THREE)]
    assert {one["variables"]["HOTLAP_PLAN"] for one in jobs(pipeline).values()} == {"d" * 64}


def test_only_jobs_that_run_no_code_of_the_repository_name_the_environment_of_the_write_token():
    for name, job in jobs(written(made.plan(hardware=THREE))).items():
        assert ("environment" in job) is not name.startswith("hotlap-evaluate")
        assert job["variables"]["HOTLAP_STEP"] == name.split("-")[1]
        if "environment" in job:
            assert job["environment"] == {"name": "hotlap/publish", "action": "access"}
            assert job["variables"]["GIT_STRATEGY"] == "empty"


def test_a_runner_that_never_comes_is_waited_for_only_so_long():
    job = written(made.plan(hardware=THREE))["hotlap-wait"]
    assert (job["when"], job["start_in"], job["needs"]) == ("delayed", "90 seconds", [])
    assert "hotlap-wait" not in written(made.plan())


def test_a_budget_bounds_the_evaluate_jobs():
    pipeline = written(made.plan(budget=Budget(seconds=901)))
    assert pipeline["hotlap-evaluate-here"]["timeout"] == "46 minutes"
    assert "timeout" not in pipeline["hotlap-publish"]
    assert "timeout" not in written(made.plan())["hotlap-evaluate-here"]


@pytest.mark.parametrize(
    ("dry", "names"),
    [
        (DryRun.NO, ["hotlap-evaluate-here", "hotlap-publish"]),
        (DryRun.PLAN, ["hotlap-nothing"]),
        (DryRun.EVALUATE, ["hotlap-evaluate-here"]),
        (DryRun.UNPUBLISHED, ["hotlap-evaluate-here", "hotlap-publish"]),
    ],
)
def test_a_dry_run_leaves_out_the_jobs_beyond_its_level(dry, names):
    assert list(jobs(written(made.plan(dry=dry)))) == names


def test_a_plan_without_candidates_wakes_no_machine_and_is_still_reported():
    assert list(jobs(written(Plan(made.order(), made.COMMIT)))) == ["hotlap-publish"]
    assert list(jobs(written(Plan(made.order(dry=DryRun.EVALUATE), made.COMMIT)))) == ["hotlap-nothing"]


def test_text_of_an_operator_stays_text():
    odd = JobSettings("image: [x]\n#", 'echo "a: b" # {', tags=("- x",))
    pipeline = written(made.plan(), odd)
    assert pipeline["hotlap-publish"]["image"] == odd.image
    assert pipeline["hotlap-publish"]["script"] == [odd.install, "hotlap ci"]


def test_every_pipeline_is_valid_by_gitlabs_schema():
    place = Path(os.environ.get("HOTLAP_CI_SCHEMA", ROOT.parent / "shared" / "data" / "gitlab" / "ci-schema.json"))
    if not place.is_file():
        pytest.skip("GitLab's CI schema is not here: name it in HOTLAP_CI_SCHEMA")
    from jsonschema import Draft7Validator

    check = Draft7Validator(json.loads(place.read_text(encoding="utf-8")))
    for dry in DryRun:
        for plan in (made.plan(hardware=THREE, dry=dry, budget=Budget(60)), Plan(made.order(dry=dry), made.COMMIT)):
            assert [error.message for error in check.iter_errors(written(plan))] == []
