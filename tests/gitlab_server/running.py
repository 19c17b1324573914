"""Pipelines as a test starts, executes and ends them."""

from urllib.parse import quote

from tests.gitlab_server import ci
from tests.gitlab_server.api import schedules
from tests.gitlab_server.api.pipelines import new_trigger
from tests.gitlab_server.ci import Job, Variable
from tests.gitlab_server.executor import variables


class Running:
    """The part of the server that is about pipelines."""

    def add_trigger(self, project, owner, description="hotlap"):
        """A trigger token's secret."""
        return new_trigger(self.world, project, owner, description).secret

    def trigger_url(self, project, ref, token):
        return f"{self.api}/projects/{project.id}/ref/{quote(ref, safe='')}/trigger/pipeline?token={token}"

    def add_schedule(self, project, owner, ref="main", cron="0 3 * * *", variables=None, description="nightly"):
        schedule = schedules.new(self.world, project, owner, description, ref, cron)
        schedule.variables += [Variable(key, value) for key, value in (variables or {}).items()]
        return schedule

    def play(self, schedule):
        with self.world.lock:
            return schedules.run(self.world, schedule)

    def start_pipeline(self, project, user, ref="main", source="web", variables=None, inputs=None):
        given = [Variable(key, value) for key, value in (variables or {}).items()]
        with self.world.lock:
            return ci.start(self.world, project, user, ref, source, variables=given, inputs=inputs or {})

    def merge_request_pipeline(self, mr, user, project=None):
        """A pipeline of a merge request; one from a fork runs in the fork unless `project` says otherwise."""
        with self.world.lock:
            ref, where = f"refs/merge-requests/{mr.iid}/head", project or mr.source_project
            return ci.start(self.world, where, user, ref, "merge_request_event", sha=mr.sha, merge_request=mr)

    def start_job(self, pipeline, name="hotlap", **details):
        """A running job without anything that runs it, and its environment: for programs that a test starts itself.

        `details` are fields of the job, such as `tags`, or `definition={"environment": "hotlap/publish"}`.
        """
        job = Job(self.world.next("job"), pipeline, name, "test", self.world.now(), status="running", **details)
        pipeline.jobs[name] = job
        ci.move(self.world, pipeline, "running")
        token = self.world.job_token(job)
        place = self.world.directory / "files" / str(job.id)
        given = {}
        for one in variables.of_job(self.world, job, token, {}):
            given[one.key] = one.value
            if one.file:
                place.mkdir(parents=True, exist_ok=True)
                (place / one.key).write_text(one.value)
                given[one.key] = str(place / one.key)
        return job, given

    def finish_job(self, job, status="success", artifacts=None):
        """End a job that nothing executes: its token dies with it."""
        job.status, job.finished_at, job.artifacts = status, self.world.now(), artifacts or {}

    def finish(self, pipeline, status="success"):
        """Move a pipeline that nothing executes to a status."""
        ci.move(self.world, pipeline, status)

    def run_pipelines(self):
        """Execute every pipeline that waits, and those that they start; returns them.

        One that no job belongs to is none: GitLab does not make it.
        """
        done = []
        while waiting := [
            one
            for project in self.world.projects.values()
            for one in project.pipelines.values()
            if one.status == "created" and one.parent is None
        ]:
            for pipeline in waiting:
                self.world.executor.run(self.world, pipeline)
                if pipeline.jobs or pipeline.error:
                    done.append(pipeline)
                else:
                    ci.forget(pipeline)
        return done

    def resume(self, pipeline):
        """Go on with a pipeline whose jobs, or those of its children, waited for a runner."""
        self.world.executor.run(self.world, pipeline)

    def _pipeline_of_change(self, mr, user):
        if self.world.executor and mr.source_project.repository.read(mr.sha, ".gitlab-ci.yml") is not None:
            self.merge_request_pipeline(mr, user)

    def _pipelines_of_push(self, project, user):
        for target in self.world.projects.values():
            for mr in target.merge_requests.values():
                last = mr.pipelines[-1].sha if mr.pipelines else None
                if mr.source_project is project and mr.state == "opened" and mr.sha != last:
                    self._pipeline_of_change(mr, user)
