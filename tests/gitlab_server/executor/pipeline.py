"""One pipeline from its configuration to its last job, children included."""

import os

from tests.gitlab_server import ci
from tests.gitlab_server.ci import Job, Variable
from tests.gitlab_server.executor import artifacts, variables
from tests.gitlab_server.executor.checkout import checked_out
from tests.gitlab_server.executor.program import Program

CONFIGURATION = ".gitlab-ci.yml"
CHILD = ".hotlap-child.yml"


class CiLocal:
    """Executes pipelines in `directory`. `path` goes before PATH, `environment` is added: what a runner would have."""

    def __init__(self, directory, path=(), environment=None) -> None:
        self._directory = directory
        home = directory / "home"
        home.mkdir(parents=True, exist_ok=True)
        self._program = Program(
            {
                "PATH": ":".join([*map(str, path), os.environ["PATH"]]), "HOME": str(home), "LC_ALL": "C.UTF-8",
                "GIT_CONFIG_NOSYSTEM": "1", **(environment or {}),
            }
        )  # fmt: skip

    def run(self, world, pipeline):
        """Execute what can run of a pipeline; called again it goes on with what waited for a runner."""
        ci.move(world, pipeline, "running")
        if not pipeline.jobs and not self._read(world, pipeline):
            ci.move(world, pipeline, "failed")
            return
        for job in [one for one in pipeline.jobs.values() if one.downstream and one.status == "pending"]:
            self._child(world, job)
        while job := _next(world, pipeline):
            (self._bridge if job.bridge else self._job)(world, job)
        for job in pipeline.jobs.values():
            if job.status == "created" and all(one.status not in {"pending", "created"} for one in _before(job)):
                job.status = "skipped"
        ci.move(world, pipeline, ci.summary(list(pipeline.jobs.values())))

    def _read(self, world, pipeline):
        """Make the jobs of a pipeline from its configuration; False where there is nothing to run."""
        with checked_out(self._directory, world, pipeline, None) as place:
            file = CHILD if pipeline.text is not None else CONFIGURATION
            if pipeline.text is not None:
                (place / CHILD).write_text(pipeline.text)
            given = variables.of_pipeline(world, pipeline)
            try:
                listed, expanded = self._program.read(place, file, given, pipeline.inputs, _absent(pipeline))
            except ValueError as error:
                pipeline.error = str(error)
                return False
        for found in sorted(listed, key=lambda one: expanded["stages"].index(one["stage"])):
            if found["when"] != "never":
                self._add(world, pipeline, found, expanded)
        return bool(pipeline.jobs)

    @staticmethod
    def _add(world, pipeline, found, expanded) -> None:
        base = found["name"].partition(": [")[0]
        definition = expanded.get(found["name"]) or expanded[base]
        job = Job(
            world.next("job"), pipeline, found["name"], found["stage"], world.now(), when=found["when"],
            allow_failure=found["allow_failure"], needs=definition.get("needs"), definition=definition,
            tags=tuple(definition.get("tags") or ()), bridge="trigger" in definition, base=base,
            shared={key: expanded[key] for key in ("stages", "variables") if key in expanded},
        )  # fmt: skip
        pipeline.jobs[job.name] = job

    def _job(self, world, job):
        token = world.job_token(job)
        job.status, job.started_at = "running", world.now()
        files, dotenv = artifacts.wanted(world, job)
        with checked_out(self._directory, world, job.pipeline, token) as place:
            artifacts.put(place, files)
            artifacts.write_single(place, job)
            given = variables.of_job(world, job, token, dotenv)
            ended = self._program.run(place, artifacts.SINGLE, job.name, given, _absent(job.pipeline))
            job.trace, job.exit_code = ended.output, ended.code
            job.artifacts, job.dotenv = artifacts.taken(place, job, ended.ok)
        job.finished_at = world.now()
        job.status = "success" if ended.ok else "failed"
        job.failure_reason = None if ended.ok else "script_failure"
        if isinstance(job.allow_failure, dict) and not ended.ok:
            codes = job.allow_failure["exit_codes"]
            job.allow_failure = ended.code in (codes if isinstance(codes, list) else [codes])

    def _bridge(self, world, job):
        """Start the child pipeline of a trigger job and wait for it, as with `strategy: depend`."""
        job.started_at = world.now()
        trigger = job.definition["trigger"]
        included = trigger["include"] if isinstance(trigger, dict) else []
        text, inputs = artifacts.child_text(job, included)
        if text is None:
            job.status, job.failure_reason = "failed", "downstream_pipeline_creation_failed"
            return
        own = {**job.shared.get("variables", {}), **(job.definition.get("variables") or {})}
        known = {one.key: one.value for one in variables.of_pipeline(world, job.pipeline)}
        given = [Variable(key, artifacts.expanded(str(value), known)) for key, value in own.items()]
        parent = job.pipeline
        child = ci.start(
            world, parent.project, parent.user, parent.ref, "parent_pipeline", sha=parent.sha, parent=parent,
            text=text, inputs=inputs, variables=given,
        )  # fmt: skip
        child.merge_request, job.downstream = parent.merge_request, child
        self._child(world, job)

    def _child(self, world, job):
        """Run a child pipeline and give its state to the job that waits for it."""
        trigger = job.definition["trigger"]
        self.run(world, job.downstream)
        depends = isinstance(trigger, dict) and trigger.get("strategy") in {"depend", "mirror"}
        job.status = job.downstream.status if depends else "success"
        job.finished_at = world.now()


def _absent(pipeline):
    """What gitlab-ci-local would set by itself, and GitLab does not."""
    return ("CI_COMMIT_BRANCH",) if pipeline.merge_request is not None else ()


def _next(world, pipeline):
    """The next job that can run, or None; jobs without a runner become pending, those that never can are skipped."""
    for job in pipeline.jobs.values():
        if job.status == "created" and job.when == "on_success" and _failed(_before(job)):
            job.status = "skipped"
    for job in pipeline.jobs.values():
        if job.status not in {"created", "pending"} or job.downstream or not _due(job):
            continue
        if job.bridge or not pipeline.project.runners or _has_runner(job):
            return job
        job.status = "pending"
    return None


def _has_runner(job):
    return any(set(job.tags) <= set(runner.tags) for runner in job.pipeline.project.runners)


def _due(job):
    """Whether everything before a job has ended in the way that it waits for."""
    before = _before(job)
    if any(one.status in {"created", "pending", "running"} for one in before):
        return False
    failed = _failed(before)
    return {"on_success": not failed, "on_failure": failed, "always": True}.get(job.when, False)


def _failed(jobs):
    return any(one.failed or one.status == "skipped" for one in jobs)


def _before(job):
    """The jobs that a job waits for: those that it needs, or all of earlier stages."""
    jobs = job.pipeline.jobs
    if job.needs is None:
        stages = job.shared["stages"]
        return [one for one in jobs.values() if stages.index(one.stage) < stages.index(job.stage)]
    names = {need if isinstance(need, str) else need.get("job") for need in job.needs if not _foreign(need)}
    return [one for one in jobs.values() if one.name in names or one.base in names]


def _foreign(need):
    return isinstance(need, dict) and ("pipeline" in need or "project" in need)
