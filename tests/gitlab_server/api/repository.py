"""Branches, commits, files and comparisons."""

from tests.gitlab_server import changes, diffs
from tests.gitlab_server.repository import MissingError
from tests.gitlab_server.state import Access, Protection
from tests.gitlab_server.views import code, talk
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, forbidden, not_found


def branches(request):
    project, word = request.project, request.query.get("search", "")
    found = [(name, sha) for name, sha in project.repository.branches().items() if word.strip("^$") in name]
    if word.startswith("^"):
        found = [(name, sha) for name, sha in found if name.startswith(word[1:])]
    return Page(found, lambda one: code.branch(request.world, project, *one, request.user))


def branch(request):
    name = request.values["branch"]
    sha = request.project.repository.branches().get(name)
    if sha is None:
        raise not_found("Branch")
    return code.branch(request.world, request.project, name, sha, request.user)


def add_branch(request):
    name, ref = request.need("branch", "ref")
    repository = request.project.repository
    if name in repository.branches():
        raise RefusalError(400, "Branch already exists")
    if not request.world.may_push(request.project, request.user, name):
        raise forbidden()
    try:
        repository.point(name, repository.sha(ref))
    except MissingError:
        raise RefusalError(400, f"Invalid reference name: {ref}") from None
    request.values["branch"] = name
    return branch(request)


def remove_branch(request):
    name = request.values["branch"]
    if name not in request.project.repository.branches():
        raise not_found("Branch")
    if request.world.protection(request.project, name):
        raise forbidden("Protected branch cannot be removed")
    request.project.repository.delete_branch(name)
    changes.pushed(request.world, request.project, request.user)
    return Reply(204)


def protected(request):
    return Page(request.project.protections, code.protected)


def protect(request):
    rule = Protection(
        request.need("name"), Access(int(request.get("push_access_level", 40))),
        Access(int(request.get("merge_access_level", 40))),
    )  # fmt: skip
    request.project.protections.append(rule)
    return code.protected(rule)


def resolved(request, name="ref"):
    """The commit that an argument or part of the path names. Raises RefusalError 404."""
    ref = request.get(name) or request.values.get(name) or request.project.default_branch
    try:
        return request.project.repository.sha(ref)
    except MissingError:
        raise not_found("Commit" if name == "sha" else "Tree") from None


def commits(request):
    ref = request.query.get("ref_name") or request.project.default_branch
    words = [ref]
    if request.query.get("since"):
        words.insert(0, f"--since={request.query['since']}")
    try:
        found = code.commits(request.project, *words, "--", *filter(None, [request.query.get("path")]))
    except MissingError:
        raise not_found("Project") from None
    return Page(found, lambda one: one)


def commit(request):
    shown = code.commit(request.project, resolved(request, "sha"))
    return {**shown, "stats": {"additions": 0, "deletions": 0, "total": 0}, "status": None, "last_pipeline": None}


def commit_diff(request):
    sha = resolved(request, "sha")
    parents = code.commit(request.project, sha)["parent_ids"]
    base = parents[0] if parents else request.project.repository.git("hash-object", "-t", "tree", "--stdin", data=b"")
    return Page(diffs.entries(request.project.repository, base, sha), lambda one: one)


def commit_merge_requests(request):
    sha = resolved(request, "sha")
    found = [
        mr
        for mr in request.project.merge_requests.values()
        if mr.versions and sha in request.project.repository.log(f"{mr.versions[-1].base}..{mr.sha}")
    ]
    return Page(found, lambda one: talk.merge_request(request.world, one))


def compare(request):
    start, end = resolved(request, "from"), resolved(request, "to")
    repository = request.project.repository
    base = start if request.flag("straight") else repository.merge_base(start, end)
    found = code.commits(request.project, "--reverse", f"{base}..{end}", "--")
    return {
        "commit": found[-1] if found else None, "commits": found, "compare_timeout": False,
        "diffs": diffs.entries(repository, base, end), "compare_same_ref": start == end, "web_url": "",
    }  # fmt: skip


def add_status(request):
    state = request.need("state")
    found = {
        "id": request.world.next("status"), "sha": request.values["sha"], "ref": request.get("ref"), "status": state,
        "name": request.get("name") or request.get("context") or "default", "target_url": request.get("target_url"),
        "description": request.get("description"), "allow_failure": False,
    }  # fmt: skip
    last = [one for one in request.project.statuses if (one["sha"], one["name"]) == (found["sha"], found["name"])]
    if last and last[-1]["status"] == state:
        said = (
            f'Cannot transition status via :{state} from :{state} (Reason(s): Status cannot transition via "{state}")'
        )
        raise RefusalError(400, said)
    request.project.statuses.append(found)
    return found


def statuses(request):
    return Page([one for one in request.project.statuses if one["sha"] == request.values["sha"]], lambda one: one)


R = "projects/{project}/repository"
WRITER = Access.DEVELOPER
ROUTES = (
    Route("GET", f"{R}/branches", branches, code=True, job=True),
    Route("POST", f"{R}/branches", add_branch, WRITER, status=201),
    Route("GET", f"{R}/branches/{{branch}}", branch, code=True, job=True),
    Route("DELETE", f"{R}/branches/{{branch}}", remove_branch, WRITER),
    Route("GET", "projects/{project}/protected_branches", protected, Access.DEVELOPER),
    Route("POST", "projects/{project}/protected_branches", protect, Access.MAINTAINER, status=201),
    Route("GET", f"{R}/commits", commits, code=True, job=True),
    Route("GET", f"{R}/commits/{{sha}}", commit, code=True, job=True),
    Route("GET", f"{R}/commits/{{sha}}/diff", commit_diff, code=True, job=True),
    Route("GET", f"{R}/commits/{{sha}}/merge_requests", commit_merge_requests, code=True),
    Route("GET", f"{R}/commits/{{sha}}/statuses", statuses, code=True),
    Route("POST", "projects/{project}/statuses/{sha}", add_status, WRITER, status=201),
    Route("GET", f"{R}/compare", compare, code=True),
)
