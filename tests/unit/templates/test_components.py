"""The components: inputs that a person can read, one privilege for each job, valid by GitLab's own schema."""

import json
import os
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLACES = sorted((ROOT / "templates").glob("*.yml"))
NAMES = {"optimize", "command", "sweep", "check", "single"}
SECRET_STEPS = {"survey", "evaluate"}


def parts(place):
    """(inputs, jobs) of a component."""
    header, jobs = yaml.safe_load_all(place.read_text(encoding="utf-8"))
    return header["spec"]["inputs"], jobs


def interpolated(place, **given):
    """The jobs with their inputs filled in, as GitLab does before it reads them."""
    inputs, jobs = parts(place)
    values = {name: given.get(name, one["default"]) for name, one in inputs.items()}
    text = json.dumps(jobs)
    for name, value in values.items():
        text = text.replace(f"$[[ inputs.{name} ]]", json.dumps(str(value))[1:-1])
    assert "$[[" not in text
    return json.loads(text)


def test_the_components_are_all_there():
    assert {place.stem for place in PLACES} == NAMES


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.stem)
def test_every_input_is_described_has_a_default_and_is_used(place):
    inputs, jobs = parts(place)
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", json.dumps(jobs)))
    assert used == set(inputs)
    for one in inputs.values():
        assert one["description"].endswith(".")
        assert "default" in one
        if "options" in one:
            assert one["default"] in one["options"]
        if "regex" in one:
            assert re.search(one["regex"], str(one["default"]))


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.stem)
def test_installing_takes_nothing_from_the_directory_that_it_stands_in(place):
    # `python -m pip` would import a pip that the repository brings, with the secrets of the job in reach.
    assert parts(place)[0]["install"]["default"].startswith("python -I -m pip ")


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.stem)
def test_a_job_that_runs_code_of_the_repository_names_no_environment(place):
    for name, job in interpolated(place).items():
        assert name.startswith("hotlap-")
        step = job.get("variables", {}).get("HOTLAP_STEP", "")
        if step in SECRET_STEPS or place.stem == "check":
            assert "environment" not in job
        elif "trigger" not in job:
            assert job["environment"]["action"] == "access"
            assert job["environment"]["name"] in {"hotlap/propose", "hotlap/publish", "hotlap/single"}


@pytest.mark.parametrize(
    "place", [one for one in PLACES if one.stem in {"optimize", "command", "sweep"}], ids=lambda p: p.stem
)
def test_the_child_pipeline_gets_what_it_must_and_nothing_else(place):
    (job,) = [one for one in interpolated(place).values() if "trigger" in one]
    assert job["trigger"]["forward"] == {"yaml_variables": True, "pipeline_variables": False}
    assert job["variables"] == {"PARENT_PIPELINE_ID": "$CI_PIPELINE_ID"}
    assert job["inherit"] == {"variables": False}
    (included,) = job["trigger"]["include"]
    producer = interpolated(place)[included["job"]]
    assert included["artifact"] in producer["artifacts"]["paths"]


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.stem)
def test_a_job_that_waits_for_a_failure_needs_one_job_and_every_job_has_such_a_one(place):
    # GitLab skips it where one of several that it needs was skipped, which is so wherever an earlier one has failed:
    # https://gitlab.com/gitlab-org/gitlab/-/issues/388866
    jobs = interpolated(place)
    waiting = {name for name, job in jobs.items() if any(rule.get("when") == "on_failure" for rule in job["rules"])}
    needed = [job["needs"] for name, job in jobs.items() if name in waiting]
    assert all(len(one) == 1 for one in needed)
    if place.stem == "command":
        assert {one for (one,) in needed} == set(jobs) - waiting


@pytest.mark.parametrize("place", [*PLACES, ROOT / ".gitlab-ci.yml"], ids=lambda one: one.stem)
def test_every_component_is_valid_by_gitlabs_schema(place):
    known = Path(os.environ.get("HOTLAP_CI_SCHEMA", ROOT.parent / "shared" / "data" / "gitlab" / "ci-schema.json"))
    if not known.is_file():
        pytest.skip("GitLab's CI schema is not here: name it in HOTLAP_CI_SCHEMA")
    from jsonschema import Draft7Validator

    check = Draft7Validator(json.loads(known.read_text(encoding="utf-8")))
    jobs = interpolated(place) if place.parent.name == "templates" else yaml.safe_load(place.read_text())
    whole = {"spec": {"inputs": parts(place)[0]}} | jobs if place.parent.name == "templates" else jobs
    assert [error.message for error in check.iter_errors(whole)] == []
