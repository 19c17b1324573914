"""What goes from job to job: artifacts and dotenv reports, also across pipelines, and the text of child pipelines."""

import re

import yaml

from tests.gitlab_server.executor.program import STATE

SINGLE = f"{STATE}/single.yml"
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def expanded(text, known):
    """A text with its variables filled in; unknown ones become empty, as GitLab does."""
    return VARIABLE.sub(lambda match: known.get(match[1] or match[2], ""), text)


def wanted(world, job):
    """(files, dotenv) that a job gets from those before it: by needs, dependencies, or all earlier stages."""
    files, dotenv = {}, {}
    for producer, only_files in _producers(world, job):
        files |= producer.artifacts
        if not only_files:
            dotenv |= producer.dotenv
    return files, dotenv


def _producers(world, job):
    jobs = job.pipeline.jobs
    if job.needs is None:
        names = job.definition.get("dependencies")
        stages = job.shared["stages"]
        earlier = [one for one in jobs.values() if stages.index(one.stage) < stages.index(job.stage)]
        return [(one, False) for one in earlier if names is None or one.name in names or one.base in names]
    found = []
    for given in job.needs:
        need = {"job": given} if isinstance(given, str) else given
        if need.get("artifacts", True) in {True, "true"}:
            found += [(one, "pipeline" in need) for one in _named(world, job, need)]
    return found


def _named(world, job, need):
    jobs = job.pipeline.jobs
    if "pipeline" in need:
        known = {one.key: one.value for one in job.pipeline.variables}
        number = expanded(str(need["pipeline"]), known)
        pipeline = job.pipeline.project.pipelines.get(int(number)) if number.isdigit() else None
        jobs = pipeline.jobs if pipeline else {}
    return [one for one in jobs.values() if need.get("job") in {one.name, one.base}]


def put(place, files):
    for path, content in files.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def write_single(place, job):
    """A configuration with this job alone: what it needs from others is there already, and that its time has come."""
    definition = {key: value for key, value in job.definition.items() if key not in {"needs", "dependencies"}}
    definition = _due(definition) | ({"rules": [_due(one) for one in job.definition["rules"]]} if _ruled(job) else {})
    target = place / SINGLE
    target.parent.mkdir(exist_ok=True)
    target.write_text(yaml.safe_dump({**job.shared, job.base: definition}, sort_keys=False))


def _ruled(job):
    return isinstance(job.definition.get("rules"), list)


def _due(rule):
    """A job or rule that waits for a failure, after it; gitlab-ci-local would find that nothing has failed."""
    return rule | ({"when": "always"} if rule.get("when") == "on_failure" else {})


def taken(place, job, ok):
    """(artifacts, dotenv) that a job left."""
    given = job.definition.get("artifacts") or {}
    if {"on_success": ok, "always": True, "on_failure": not ok}[given.get("when", "on_success")] is False:
        return {}, {}
    files = {}
    for root in (place / STATE / "artifacts").glob("*"):
        paths = (path for path in root.rglob("*") if path.is_file())
        files |= {str(path.relative_to(root)): path.read_bytes() for path in paths}
    files = {name: content for name, content in files.items() if not name.startswith(".gitlab-ci-reports/")}
    reports = _reports(place, given.get("reports") or {})
    dotenv = {}
    for name in reports.pop("dotenv", {}).values():
        dotenv |= _parsed(name.decode())
    return files | {name: content for kind in reports.values() for name, content in kind.items()}, dotenv


def _reports(place, given):
    """Files of reports by their kind; what a job promised and did not leave is missing, as with GitLab."""
    found = {}
    for kind, paths in given.items():
        names = [paths] if isinstance(paths, str) else paths if isinstance(paths, list) else []
        found[kind] = {name: (place / name).read_bytes() for name in names if (place / name).is_file()}
    return found


def _parsed(text):
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def child_text(job, included):
    """(configuration, inputs) of a trigger job's child pipeline; None where its artifact or file is not there."""
    included = included if isinstance(included, list) else [included]
    if not included:
        return None, {}
    one = {"local": included[0]} if isinstance(included[0], str) else included[0]
    content = None
    if "artifact" in one:
        producer = job.pipeline.jobs.get(one["job"])
        content = producer.artifacts.get(one["artifact"]) if producer else None
    elif "local" in one:
        content = job.pipeline.project.repository.read(job.pipeline.sha, one["local"].lstrip("/"))
    return (content.decode() if content is not None else None), one.get("inputs") or {}
