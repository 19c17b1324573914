"""Pipelines and jobs, and what starts pipelines: triggers and schedules."""

import io
import json
import zipfile

from tests.gitlab_server import ci
from tests.gitlab_server.ci import Trigger, Variable
from tests.gitlab_server.repository import MissingError
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import ci as views
from tests.gitlab_server.views.people import user as person
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, forbidden, not_found


def pipelines(request):
    found = sorted(
        request.project.pipelines.values(), key=lambda one: one.id, reverse=request.query.get("sort") != "asc"
    )
    for name in ("ref", "sha", "status", "source"):
        if request.query.get(name):
            found = [one for one in found if getattr(one, name) == request.query[name]]
    return Page(found, lambda one: views.pipeline_basic(request.world, one))


def _pipeline(request):
    found = request.project.pipelines.get(request.number("pipeline"))
    if found is None:
        raise not_found("Pipeline")
    return found


def show(request):
    return views.pipeline(request.world, _pipeline(request))


def create(request):
    ref = request.need("ref")
    given = [
        Variable(one["key"], one["value"], file=one.get("variable_type") == "file")
        for one in request.get("variables") or []
    ]
    return views.pipeline(request.world, _started(request, request.project, request.user, ref, "api", given))


def _started(request, project, user, ref, source, variables):
    try:
        return ci.start(
            request.world, project, user, ref, source, variables=variables, inputs=request.get("inputs") or {}
        )
    except MissingError:
        raise RefusalError(400, {"message": {"base": ["Reference not found"]}}) from None


def jobs(request):
    found = [one for one in _pipeline(request).jobs.values() if not one.bridge]
    return Page(found, lambda one: views.job(request.world, one))


def bridges(request):
    found = [one for one in _pipeline(request).jobs.values() if one.bridge]
    return Page(found, lambda one: views.job(request.world, one))


def variables(request):
    return Page(_pipeline(request).variables, views.variable)


def cancel(request):
    pipeline = _pipeline(request)
    if pipeline.finished_at is None:
        ci.move(request.world, pipeline, "canceled")
    return views.pipeline(request.world, pipeline)


def cancel_job(request):
    found = _job(request)
    if found.status in {"created", "pending", "running", "scheduled"}:
        found.status, found.finished_at = "canceled", request.world.now()
    return views.job(request.world, found)


def trigger(request):
    """Start a pipeline by a trigger token; a JSON body of a webhook becomes TRIGGER_PAYLOAD."""
    secret = request.get("token")
    if not secret:
        raise RefusalError(400, {"error": "token is missing"})
    ref = request.values.get("ref") or request.need("ref")
    project, owner = request.project, None
    found = project.triggers.get(secret)
    token = request.world.tokens.get(secret)
    if found is not None:
        owner = found.owner
    elif token is not None and token.kind == "job" and request.world.sees_code(project, token.user):
        owner = token.user
    if owner is None:
        raise not_found()
    if (
        request.headers.get("x-gitlab-event") == "Pipeline Hook"
        or request.world.access(project, owner) < Access.DEVELOPER
    ):
        raise forbidden()
    given = [Variable(key, str(value)) for key, value in (request.get("variables") or {}).items()]
    payload = {name: value for name, value in request.body.items() if name != "token"}
    given.append(Variable("TRIGGER_PAYLOAD", json.dumps(payload), file=True))
    return views.pipeline(request.world, _started(request, project, owner, ref, "trigger", given))


def triggers(request):
    def one(found):
        return views.trigger(found, person(request.world, found.owner))

    return Page(list(request.project.triggers.values()), one)


def add_trigger(request):
    one = new_trigger(request.world, request.project, request.user, request.need("description"))
    return views.trigger(one, person(request.world, one.owner))


def new_trigger(world, project, owner, description):
    number = world.next("trigger")
    one = Trigger(number, f"glptt-{number:040x}", description, owner, world.now())
    project.triggers[one.secret] = one
    return one


def project_jobs(request):
    found = [job for one in request.project.pipelines.values() for job in one.jobs.values() if not job.bridge]
    return Page(found[::-1], lambda one: views.job(request.world, one))


def _job(request):
    number = request.number("job")
    for pipeline in request.project.pipelines.values():
        for job in pipeline.jobs.values():
            if job.id == number:
                return job
    raise not_found()


def job(request):
    return views.job(request.world, _job(request))


def own_job(request):
    if request.token.kind != "job" or request.token.job is None:
        raise RefusalError(401, "401 Unauthorized")
    return views.job(request.world, request.token.job)


def trace(request):
    return Reply(200, _job(request).trace, {"Content-Type": "text/plain"})


def artifacts(request):
    found = _job(request)
    if not found.artifacts:
        raise not_found()
    return Reply(200, zipped(found.artifacts), {"Content-Type": "application/zip"})


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def artifact(request):
    content = _job(request).artifacts.get(request.values["artifact"])
    if content is None:
        raise not_found()
    return Reply(200, content)


def _latest(request):
    ref, name = request.values["ref"], request.query.get("job")
    for pipeline in reversed(request.project.pipelines.values()):
        found = pipeline.jobs.get(name)
        if pipeline.ref == ref and found is not None and found.status == "success":
            return found
    raise not_found()


def latest_artifact(request):
    content = _latest(request).artifacts.get(request.values["artifact"])
    if content is None:
        raise not_found()
    return Reply(200, content)


def latest_artifacts(request):
    return Reply(200, zipped(_latest(request).artifacts), {"Content-Type": "application/zip"})


ONE = "projects/{project}/pipelines/{pipeline}"
TRIGGER = "projects/{project}/trigger/pipeline"
JOBS = "projects/{project}/jobs"
ROUTES = (
    Route("GET", "projects/{project}/pipelines", pipelines, code=True),
    Route("POST", "projects/{project}/pipeline", create, Access.DEVELOPER, status=201),
    Route("GET", ONE, show, code=True),
    Route("GET", f"{ONE}/jobs", jobs, code=True),
    Route("GET", f"{ONE}/bridges", bridges, code=True),
    Route("GET", f"{ONE}/variables", variables, Access.DEVELOPER),
    Route("POST", f"{ONE}/cancel", cancel, Access.DEVELOPER, status=201),
    Route("POST", TRIGGER, trigger, anyone=True, job=True, status=201),
    Route("POST", "projects/{project}/ref/{ref}/trigger/pipeline", trigger, anyone=True, job=True, status=201),
    Route("GET", "projects/{project}/triggers", triggers, Access.MAINTAINER),
    Route("POST", "projects/{project}/triggers", add_trigger, Access.MAINTAINER, status=201),
    Route("GET", "job", own_job, job=True),
    Route("GET", JOBS, project_jobs, code=True),
    Route("GET", f"{JOBS}/artifacts/{{ref}}/raw/{{artifact*}}", latest_artifact, code=True, job=True),
    Route("GET", f"{JOBS}/artifacts/{{ref}}/download", latest_artifacts, code=True, job=True),
    Route("GET", f"{JOBS}/{{job}}", job, code=True),
    Route("POST", f"{JOBS}/{{job}}/cancel", cancel_job, Access.DEVELOPER, status=201),
    Route("GET", f"{JOBS}/{{job}}/trace", trace, code=True),
    Route("GET", f"{JOBS}/{{job}}/artifacts", artifacts, code=True, job=True),
    Route("GET", f"{JOBS}/{{job}}/artifacts/{{artifact*}}", artifact, code=True, job=True),
)
