"""Merge requests: opened, listed, changed, approved, merged."""

from tests.gitlab_server import changes, ci, conversation, diffs
from tests.gitlab_server.api.filters import filtered
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import ci as ci_views
from tests.gitlab_server.views import code, talk
from tests.gitlab_server.views.people import user as person
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, forbidden, not_found


def listed(request):
    if not request.project.merge_requests_enabled:
        raise forbidden()
    found = filtered(request, request.project.merge_requests.values())
    for name in ("source_branch", "target_branch"):
        if request.query.get(name):
            found = [mr for mr in found if getattr(mr, name) == request.query[name]]
    if request.query.get("source_project_id"):
        found = [mr for mr in found if mr.source_project.id == int(request.query["source_project_id"])]
    return Page(found, lambda one: talk.merge_request(request.world, one))


def show(request):
    return talk.merge_request(request.world, request.mr, request.user, full=True)


def create(request):
    source, target, title = request.need("source_branch", "target_branch", "title")
    world, project = request.world, request.project
    # In GitLab's API the project of the path is the source, and `target_project_id` says where to.
    into = world.projects.get(int(request.get("target_project_id") or project.id))
    if into is None or not world.sees(into, request.user):
        raise not_found("Project")
    mr = changes.open_mr(world, into, request.user, project, source, target, title)
    take_people_and_labels(request, mr)
    mr.squash = request.flag("squash")
    mr.remove_source_branch = request.flag("remove_source_branch")
    conversation.describe(world, mr, request.user, _checked(request.get("description") or ""))
    for listener in world.on_open:
        listener(mr, request.user)
    return talk.merge_request(world, mr, request.user, full=True)


def _checked(description):
    changes.check_text(None, description)
    return description


def update(request):
    mr, world = request.mr, request.world
    if mr.author is not request.user:
        request.demand(Access.DEVELOPER)
    changes.check_text(request.get("title"), request.get("description"))
    event = request.get("state_event")
    if event is not None and event not in {"close", "reopen"}:
        raise RefusalError(400, {"error": "state_event does not have a valid value"})
    target = request.get("target_branch")
    if target and not mr.project.repository.has(f"refs/heads/{target}"):
        raise RefusalError(400, {"message": {"target_branch": ["does not exist"]}})
    mr.target_branch = target or mr.target_branch
    mr.title = request.get("title") or mr.title
    mr.remove_source_branch = request.flag("remove_source_branch", mr.remove_source_branch)
    take_people_and_labels(request, mr)
    if request.has("description"):
        conversation.describe(world, mr, request.user, request.get("description"))
    if event:
        (changes.close if event == "close" else changes.reopen)(world, mr, request.user)
    mr.updated_at = world.now()
    return show(request)


def take_people_and_labels(request, thing):
    """Labels, assignees and reviewers of a request: `labels` replaces, `add_labels` and `remove_labels` do not."""
    if request.access < Access.REPORTER:
        return
    names = list(thing.labels)
    if request.has("labels"):
        names = request.words("labels")
    names += [name for name in request.words("add_labels") if name not in names]
    gone = request.words("remove_labels")
    thing.labels[:] = [name for name in dict.fromkeys(names) if name not in gone]
    for name in thing.labels:
        request.world.label(thing.project, name)
    for argument, place in (("assignee_ids", thing.assignees), ("reviewer_ids", getattr(thing, "reviewers", []))):
        if request.has(argument):
            found = [request.world.users.get(int(number)) for number in request.words(argument)]
            place[:] = [user for user in found if user is not None]


def _version(mr):
    return mr.versions[-1]


def _diffs(request):
    mr = request.mr
    late = request.world.late.diff_refs
    return [] if mr.reads < late else diffs.entries(mr.project.repository, _version(mr).base, mr.sha)


def diffs_page(request):
    return Page(_diffs(request), lambda one: one)


def with_changes(request):
    return {**show(request), "changes": _diffs(request), "overflow": False}


def versions(request):
    mr = request.mr
    return Page(mr.versions[::-1], lambda one: talk.version(mr, one))


def version(request):
    mr, number = request.mr, request.number("version")
    found = next((one for one in mr.versions if one.id == number), None)
    if found is None:
        raise not_found()
    between = f"{found.base}..{found.head}"
    return {
        **talk.version(mr, found),
        "commits": code.commits(mr.project, between, "--"),
        "diffs": diffs.entries(mr.project.repository, found.base, found.head),
    }


def commits(request):
    mr = request.mr
    return Page(code.commits(mr.project, f"{_version(mr).base}..{mr.sha}", "--"), lambda one: one)


def pipelines(request):
    return Page(request.mr.pipelines[::-1], lambda one: ci_views.pipeline_basic(request.world, one))


def add_pipeline(request):
    mr, world = request.mr, request.world
    request.demand(Access.DEVELOPER)
    made = ci.start(
        world, mr.project, request.user, f"refs/merge-requests/{mr.iid}/head", "merge_request_event",
        sha=mr.sha, merge_request=mr,
    )  # fmt: skip
    return ci_views.pipeline(world, made)


def participants(request):
    mr = request.mr
    found = dict.fromkeys([mr.author, *(note.author for note in mr.human_notes)])
    return Page(list(found), lambda one: person(request.world, one))


def reviewers(request):
    def one(user):
        return {"user": person(request.world, user), "state": "unreviewed", "created_at": None}

    return Page(request.mr.reviewers, one)


def approvals(request):
    return talk.approvals(request.world, request.mr, request.user)


def approval_state(request):
    return {"approval_rules_overwritten": False, "rules": []}


def approve(request):
    changes.approve(request.world, request.mr, request.user, request.get("sha"))
    return approvals(request)


def unapprove(request):
    if request.user not in request.mr.approvals:
        raise not_found()
    request.mr.approvals.remove(request.user)
    return approvals(request)


def merge(request):
    request.mr.squash = request.flag("squash", request.mr.squash)
    changes.merge(request.world, request.mr, request.user, request.get("sha"))
    return show(request)


def rebase(request):
    """Accepts a rebase; the head does not move here, which is what a client sees at first."""
    if not request.world.may_push(request.mr.source_project, request.user, request.mr.source_branch):
        raise forbidden("Cannot push to source branch")
    return Reply(202, {"rebase_in_progress": True})


def remove(request):
    request.demand(Access.OWNER)
    del request.project.merge_requests[request.mr.iid]
    return Reply(204)


ALL = "projects/{project}/merge_requests"
ONE = f"{ALL}/{{mr}}"
ROUTES = (
    Route("GET", ALL, listed, code=True),
    Route("POST", ALL, create, status=201),
    Route("GET", ONE, show, code=True, job=True),
    Route("PUT", ONE, update, code=True),
    Route("DELETE", ONE, remove, code=True),
    Route("GET", f"{ONE}/diffs", diffs_page, code=True),
    Route("GET", f"{ONE}/changes", with_changes, code=True),
    Route("GET", f"{ONE}/versions", versions, code=True),
    Route("GET", f"{ONE}/versions/{{version}}", version, code=True),
    Route("GET", f"{ONE}/commits", commits, code=True),
    Route("GET", f"{ONE}/participants", participants, code=True),
    Route("GET", f"{ONE}/reviewers", reviewers, code=True),
    Route("GET", f"{ONE}/pipelines", pipelines, code=True),
    Route("POST", f"{ONE}/pipelines", add_pipeline, code=True, status=201),
    Route("GET", f"{ONE}/approvals", approvals, code=True),
    Route("GET", f"{ONE}/approval_state", approval_state, code=True),
    Route("POST", f"{ONE}/approve", approve, code=True, status=201),
    Route("POST", f"{ONE}/unapprove", unapprove, code=True, status=201),
    Route("PUT", f"{ONE}/merge", merge, code=True),
    Route("PUT", f"{ONE}/rebase", rebase, code=True),
)
