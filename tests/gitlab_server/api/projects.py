"""Projects and what is set up in them: labels, uploads, webhooks, variables."""

import secrets
import uuid

from tests.gitlab_server.ci import Runner, Variable
from tests.gitlab_server.state import Access, Hook, Label, Upload
from tests.gitlab_server.views import ci, people
from tests.gitlab_server.web import File, Page, Reply, Route
from tests.gitlab_server.world import RefusalError, not_found


def projects(request):
    world = request.world
    found = [one for one in world.projects.values() if world.sees(one, request.user)]
    if request.flag("membership"):
        found = [one for one in found if world.member(one, request.user)]
    return Page(found, lambda one: people.project(world, one, request.user))


def show(request):
    return people.project(request.world, request.project, request.user)


def change(request):
    project = request.project
    project.archived = request.flag("archived", project.archived)
    project.default_branch = request.get("default_branch", project.default_branch)
    project.visibility = request.get("visibility", project.visibility)
    if request.has("merge_requests_access_level"):
        project.merge_requests_enabled = request.get("merge_requests_access_level") != "disabled"
    return show(request)


def labels(request):
    project = request.project
    return Page(list(project.labels.values()), lambda one: people.label(one, project))


def add_label(request):
    name = request.need("name")
    if name in request.project.labels:
        raise RefusalError(409, "Label already exists")
    color = request.get("color") or "#6699cc"
    label = Label(request.world.next("label"), name, color, request.get("description"))
    request.project.labels[name] = label
    return people.label(label, request.project)


def upload(request):
    given = request.body.get("file")
    if not isinstance(given, File):
        raise RefusalError(400, {"error": "file is missing" if given is None else "file is invalid"})
    kept = Upload(request.world.next("upload"), secrets.token_hex(16), given.name, given.content, request.user)
    request.project.uploads.append(kept)
    url = f"/uploads/{kept.secret}/{kept.filename}"
    image = kept.filename.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"))
    alt = kept.filename.rpartition(".")[0] if image else kept.filename
    return {
        "id": kept.id, "alt": alt, "url": url, "full_path": f"/-/project/{request.project.id}{url}",
        "markdown": f"{'!' if image else ''}[{alt}]({url})",
    }  # fmt: skip


def uploads(request):
    def one(kept):
        return {
            "id": kept.id, "size": len(kept.content), "filename": kept.filename,
            "created_at": None, "uploaded_by": people.user(request.world, kept.author),
        }  # fmt: skip

    return Page(request.project.uploads, one)


def download(request):
    for kept in request.project.uploads:
        if (kept.secret, kept.filename) == (request.values["secret"], request.values["filename"]):
            return Reply(200, kept.content)
    raise not_found()


EVENTS = {
    "note_events": "note",
    "merge_requests_events": "merge_requests",
    "emoji_events": "emoji",
    "push_events": "push",
}


def hooks(request):
    return Page(list(request.project.hooks.values()), lambda one: people.hook(one, request.project))


def add_hook(request):
    hook = Hook(request.world.next("hook"), request.need("url"), str(uuid.uuid4()), request.world.now(), {"push"})
    request.project.hooks[hook.id] = hook
    return _changed(request, hook)


def change_hook(request):
    hook = _hook(request)
    hook.url = request.get("url", hook.url)
    return _changed(request, hook)


def _changed(request, hook):
    for name, event in EVENTS.items():
        if request.has(name):
            (hook.events.add if request.flag(name) else hook.events.discard)(event)
    hook.token = request.get("token", hook.token)
    hook.signing_token = request.get("signing_token", hook.signing_token)
    hook.template = request.get("custom_webhook_template", hook.template)
    hook.name = request.get("name", hook.name)
    return people.hook(hook, request.project)


def _hook(request):
    found = request.project.hooks.get(request.number("hook"))
    if found is None:
        raise not_found("Hook")
    return found


def show_hook(request):
    return people.hook(_hook(request), request.project)


def remove_hook(request):
    del request.project.hooks[_hook(request).id]
    return Reply(204)


def variables(request):
    return Page(request.project.variables, ci.variable)


def add_variable(request):
    key, value = request.need("key", "value")
    scope = request.get("environment_scope", "*")
    if any((one.key, one.scope) == (key, scope) for one in request.project.variables):
        raise RefusalError(400, {"message": {"key": [f"({key}) has already been taken"]}})
    made = Variable(
        key, value, scope, request.flag("protected"), request.flag("masked"), request.get("variable_type") == "file"
    )
    request.project.variables.append(made)
    return ci.variable(made)


def runners(request):
    return Page(request.project.runners, ci.runner)


def runner(request):
    for project in request.world.projects.values():
        for one in project.runners:
            if isinstance(one, Runner) and one.id == request.number("runner"):
                return ci.runner(one)
    raise not_found()


ONE = "projects/{project}"
ROUTES = (
    Route("GET", "projects", projects, anyone=True),
    Route("GET", ONE, show),
    Route("PUT", ONE, change, Access.MAINTAINER),
    Route("GET", f"{ONE}/labels", labels),
    Route("POST", f"{ONE}/labels", add_label, Access.REPORTER, status=201),
    Route("POST", f"{ONE}/uploads", upload, Access.GUEST, status=201),
    Route("GET", f"{ONE}/uploads", uploads, Access.MAINTAINER),
    Route("GET", f"{ONE}/uploads/{{secret}}/{{filename}}", download),
    Route("GET", f"{ONE}/hooks", hooks, Access.MAINTAINER),
    Route("POST", f"{ONE}/hooks", add_hook, Access.MAINTAINER, status=201),
    Route("GET", f"{ONE}/hooks/{{hook}}", show_hook, Access.MAINTAINER),
    Route("PUT", f"{ONE}/hooks/{{hook}}", change_hook, Access.MAINTAINER),
    Route("DELETE", f"{ONE}/hooks/{{hook}}", remove_hook, Access.MAINTAINER),
    Route("GET", f"{ONE}/variables", variables, Access.MAINTAINER),
    Route("POST", f"{ONE}/variables", add_variable, Access.MAINTAINER, status=201),
    Route("GET", f"{ONE}/runners", runners, Access.MAINTAINER),
    Route("GET", "runners/{runner}", runner),
)
