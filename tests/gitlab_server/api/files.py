"""Files of a repository: read, listed, and written by commits through the API."""

import base64
import hashlib

from tests.gitlab_server import changes
from tests.gitlab_server.api.repository import resolved
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import code
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, not_found


def make_commit(request):
    """The commits API: several actions on files at once."""
    target, message, wanted = request.need("branch", "commit_message", "actions")
    project, repository = request.project, request.project.repository
    if not request.world.may_push(project, request.user, target):
        raise RefusalError(403, "403 Forbidden")
    start = request.get("start_sha") or request.get("start_branch")
    exists = target in repository.branches()
    if exists and start and not request.flag("force"):
        raise RefusalError(
            400, "A branch called '" + target + "' already exists. Switch to that branch in order to make changes"
        )
    if not exists and not start:
        raise RefusalError(400, "You can only create or edit files when you are on a branch")
    files = {}
    for action in wanted:
        files |= _effect(repository, start or target, action)
    author = f"{request.get('author_name') or request.user.name} <{request.get('author_email') or request.user.email}>"
    sha = repository.commit(target, files, message, author, start)
    changes.pushed(request.world, project, request.user)
    return code.commit(project, sha)


def _effect(repository, ref, action):
    kind, path = action["action"], action["file_path"]
    present = repository.read(ref, path) is not None
    if kind == "create" and present:
        raise RefusalError(400, "A file with this name already exists")
    if kind in {"update", "delete"} and not present:
        raise RefusalError(400, "A file with this name doesn't exist")
    if kind == "delete":
        return {path: None}
    content = action.get("content", "")
    content = base64.b64decode(content) if action.get("encoding") == "base64" else content.encode()
    return {path: content, **({action["previous_path"]: None} if kind == "move" else {})}


def _content(request):
    sha = resolved(request)
    content = request.project.repository.read(sha, request.values["file"])
    if content is None:
        raise not_found("File")
    return sha, content


def file(request):
    if "ref" not in request.query:
        raise RefusalError(400, {"error": "ref is missing"})
    sha, content = _content(request)
    path = request.values["file"]
    return {
        "file_name": path.rpartition("/")[2], "file_path": path, "size": len(content), "encoding": "base64",
        "content_sha256": hashlib.sha256(content).hexdigest(), "ref": request.query["ref"], "blob_id": "",
        "commit_id": sha, "last_commit_id": sha, "execute_filemode": False,
        "content": base64.b64encode(content).decode(),
    }  # fmt: skip


def raw(request):
    return Reply(200, _content(request)[1])


def write_file(request):
    target, message = request.need("branch", "commit_message")
    kind = {"POST": "create", "PUT": "update", "DELETE": "delete"}[request.method]
    if not request.world.may_push(request.project, request.user, target):
        raise RefusalError(403, "You are not allowed to push into this branch")
    action = {**request.body, "action": kind, "file_path": request.values["file"]}
    start = request.get("start_branch")
    files = _effect(request.project.repository, start or target, action)
    author = f"{request.user.name} <{request.user.email}>"
    request.project.repository.commit(target, files, message, author, start)
    changes.pushed(request.world, request.project, request.user)
    shown = {"file_path": request.values["file"], "branch": target}
    return Reply(204) if kind == "delete" else Reply(201 if kind == "create" else 200, shown)


def tree(request):
    flags = ["-r", "-t"] if request.flag("recursive") else []
    path = (request.query.get("path") or "").strip("/")
    found = request.project.repository.raw(
        "ls-tree", "-z", *flags, resolved(request), "--", *([f"{path}/"] if path else [])
    )
    return Page([line for line in found.decode().split("\0") if line], code.tree)


R = "projects/{project}/repository"
WRITER = Access.DEVELOPER
ROUTES = (
    Route("POST", f"{R}/commits", make_commit, WRITER, status=201),
    Route("GET", f"{R}/files/{{file}}/raw", raw, code=True, job=True, scopes=("read_repository",)),
    Route("GET", f"{R}/files/{{file}}", file, code=True, scopes=("read_repository",)),
    Route("HEAD", f"{R}/files/{{file}}", file, code=True, scopes=("read_repository",)),
    Route("POST", f"{R}/files/{{file}}", write_file, WRITER),
    Route("PUT", f"{R}/files/{{file}}", write_file, WRITER),
    Route("DELETE", f"{R}/files/{{file}}", write_file, WRITER),
    Route("GET", f"{R}/tree", tree, code=True),
)
