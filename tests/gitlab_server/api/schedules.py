"""Pipeline schedules and their variables."""

from tests.gitlab_server import ci
from tests.gitlab_server.ci import Schedule, Variable
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import ci as views
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, not_found


def schedules(request):
    return Page(list(request.project.schedules.values()), lambda one: views.schedule(request.world, one))


def _schedule(request):
    found = request.project.schedules.get(request.number("schedule"))
    if found is None:
        raise not_found("Pipeline Schedule")
    return found


def show(request):
    return views.schedule(request.world, _schedule(request), full=True)


def create(request):
    description, ref, cron = request.need("description", "ref", "cron")
    if len(cron.split()) != 5:
        raise RefusalError(400, {"message": {"cron": ["syntax is invalid"]}})
    made = new(request.world, request.project, request.user, description, ref, cron)
    made.active = request.flag("active", default=True)
    made.inputs = request.get("inputs") or []
    return views.schedule(request.world, made, full=True)


def new(world, project, owner, description, ref, cron):
    made = Schedule(world.next("schedule"), project, owner, description, ref, cron, world.now())
    project.schedules[made.id] = made
    return made


def update(request):
    schedule = _schedule(request)
    for name in ("description", "ref", "cron"):
        setattr(schedule, name, request.get(name, getattr(schedule, name)))
    schedule.active = request.flag("active", schedule.active)
    return show(request)


def remove(request):
    del request.project.schedules[_schedule(request).id]
    return Reply(204)


def play(request):
    run(request.world, _schedule(request))
    return {"message": "201 Created"}


def run(world, schedule):
    """Start the pipeline of a schedule, with its owner's rights."""
    inputs = {one["name"]: one["value"] for one in schedule.inputs}
    made = ci.start(
        world,
        schedule.project,
        schedule.owner,
        schedule.ref,
        "schedule",
        variables=list(schedule.variables),
        inputs=inputs,
    )
    schedule.pipelines.append(made)
    return made


def add_variable(request):
    key, value = request.need("key", "value")
    made = Variable(key, value, file=request.get("variable_type") == "file")
    _schedule(request).variables.append(made)
    return views.variable(made)


ALL = "projects/{project}/pipeline_schedules"
ONE = f"{ALL}/{{schedule}}"
ROUTES = (
    Route("GET", ALL, schedules, code=True),
    Route("POST", ALL, create, Access.DEVELOPER, status=201),
    Route("GET", ONE, show, code=True),
    Route("PUT", ONE, update, Access.DEVELOPER),
    Route("DELETE", ONE, remove, Access.DEVELOPER),
    Route("POST", f"{ONE}/play", play, Access.DEVELOPER, status=201),
    Route("POST", f"{ONE}/variables", add_variable, Access.DEVELOPER, status=201),
)
