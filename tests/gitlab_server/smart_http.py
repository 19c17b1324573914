"""Git over smart HTTP: git's own http-backend through CGI, with the tokens and protected branches of the server."""

import os
import re
import subprocess

from tests.gitlab_server.auth import basic, check_job_token
from tests.gitlab_server.state import Access
from tests.gitlab_server.web import Reply
from tests.gitlab_server.world import RefusalError

PATH = re.compile(r"/(?P<project>.+?)(?:\.git)?/(?P<service>info/refs|git-upload-pack|git-receive-pack)")
ASK = {"WWW-Authenticate": 'Basic realm="GitLab"'}
DENIED = "HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled.\n"

HOOK = """#!/bin/sh
# Refuses what the server says this user may not push; the rules come as lines `pattern` in HOTLAP_CLOSED.
if [ "${GIT_PUSH_OPTION_COUNT:-0}" -gt 0 ]; then
  i=0; while [ $i -lt "$GIT_PUSH_OPTION_COUNT" ]; do eval "echo \\"\\$GIT_PUSH_OPTION_$i\\""; i=$((i + 1)); done
fi > "$GIT_DIR/push-options"
set -f
while read -r old new ref; do
  case "$ref" in
    refs/heads/*) ;;
    refs/tags/*) continue ;;
    *) echo "GitLab: You are not allowed to push to this reference." >&2; exit 1 ;;
  esac
  printf '%s\\n' "$HOTLAP_CLOSED" | while read -r pattern; do
    [ -n "$pattern" ] || continue
    case "${ref#refs/heads/}" in
      $pattern)
        echo "GitLab: You are not allowed to push code to protected branches on this project." >&2; exit 1 ;;
    esac
  done || exit 1
done
"""


class SmartHttp:
    """Answers git; `pushed(project, user, options)` is called after every push that changed something."""

    def __init__(self, world, pushed) -> None:
        self._world = world
        self._pushed = pushed

    def answer(self, exchange, call) -> Reply:
        """Serve one request of git. The caller has matched PATH."""
        match = PATH.fullmatch(exchange.path)
        service = match["service"]
        if service == "info/refs":
            service = exchange.query.partition("service=")[2].partition("&")[0]
        try:
            token = basic(self._world, exchange.headers.get("authorization"))
            project = self._allowed(match["project"], token, writes=service == "git-receive-pack")
        except RefusalError as refusal:
            return Reply(refusal.status, DENIED if refusal.status == 401 else str(refusal), ASK)
        if token is not None:
            call.user, call.token = token.user.username, token.name
        pushes = match["service"] == "git-receive-pack"
        before = project.repository.branches() if pushes else None
        reply = self._run(project, token, exchange, match["service"])
        if pushes and project.repository.branches() != before:
            options = project.repository.path / "push-options"
            with self._world.lock:
                self._pushed(project, token.user, options.read_text().split() if options.exists() else [])
        return reply

    def _allowed(self, path, token, *, writes):
        world, user = self._world, token.user if token else None
        project = world.project(path)
        if project is None or not world.sees_code(project, user):
            raise RefusalError(404 if user else 401, "The project you were looking for could not be found.")
        check_job_token(token, project)
        if writes and user is None:
            raise RefusalError(401, "401 Unauthorized")
        if token is not None and token.kind != "job":
            wanted = {"api", "write_repository"} if writes else {"api", "read_repository", "write_repository"}
            if not wanted & set(token.scopes):
                raise RefusalError(403, "You are not allowed to access this repository: insufficient scope.")
        if writes:
            self._may_write(project, token)
        return project

    def _may_write(self, project, token):
        if token.kind == "job" and not project.job_token_push:
            raise RefusalError(403, "You are not allowed to upload code.")
        if project.archived:
            raise RefusalError(403, "You can't push code to a read-only (archived) project.")
        if self._world.access(project, token.user) < Access.DEVELOPER:
            raise RefusalError(403, "You are not allowed to push code to this project.")

    def _run(self, project, token, exchange, service):
        hook = project.repository.path / "hooks" / "pre-receive"
        if not hook.exists():
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(HOOK)
            hook.chmod(0o755)
        access = self._world.access(project, token.user if token else None)
        closed = [rule.pattern for rule in project.protections if access < rule.push]
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(project.repository.path.parent), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(project.repository.path.parent), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{project.repository.path.name}/{service}", "QUERY_STRING": exchange.query,
            "REQUEST_METHOD": exchange.method, "CONTENT_TYPE": exchange.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(exchange.raw)), "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_USER": token.user.username if token else "", "HOTLAP_CLOSED": "\n".join(closed),
            "GIT_PROTOCOL": exchange.headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": exchange.headers.get("content-encoding", ""),
        }  # fmt: skip
        done = subprocess.run(
            ("git", "http-backend"), env=environment, input=exchange.raw, capture_output=True, check=True
        )
        return _reply(done.stdout)


def _reply(output):
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200 OK").split()[0])
    return Reply(status, body, headers)
