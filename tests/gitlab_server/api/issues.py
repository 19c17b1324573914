"""Issues: opened, listed, changed."""

from tests.gitlab_server import changes, conversation
from tests.gitlab_server.api.filters import filtered
from tests.gitlab_server.api.merge_requests import take_people_and_labels
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import talk
from tests.gitlab_server.web import Page, Reply, Route


def listed(request):
    return Page(filtered(request, request.project.issues.values()), lambda one: talk.issue(request.world, one))


def show(request):
    return talk.issue(request.world, request.issue)


def create(request):
    title = request.need("title")
    issue = changes.open_issue(request.world, request.project, request.user, title)
    changes.check_text(None, request.get("description"))
    take_people_and_labels(request, issue)
    conversation.describe(request.world, issue, request.user, request.get("description"))
    return talk.issue(request.world, issue)


def update(request):
    issue = request.issue
    if issue.author is not request.user:
        request.demand(Access.REPORTER)
    changes.check_text(request.get("title"), request.get("description"))
    issue.title = request.get("title") or issue.title
    take_people_and_labels(request, issue)
    if request.has("description"):
        conversation.describe(request.world, issue, request.user, request.get("description"))
    event = request.get("state_event")
    if event:
        (changes.close if event == "close" else changes.reopen)(request.world, issue, request.user)
    issue.updated_at = request.world.now()
    return show(request)


def remove(request):
    request.demand(Access.OWNER)
    del request.project.issues[request.issue.iid]
    return Reply(204)


ALL = "projects/{project}/issues"
ONE = f"{ALL}/{{issue}}"
ROUTES = (
    Route("GET", ALL, listed),
    Route("POST", ALL, create, status=201),
    Route("GET", ONE, show),
    Route("PUT", ONE, update),
    Route("DELETE", ONE, remove),
)
