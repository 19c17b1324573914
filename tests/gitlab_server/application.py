"""One request from the socket to the answer: numbered, logged, limited, perhaps made to fail, and answered."""

import traceback

from tests.gitlab_server import changes, forms, hooks
from tests.gitlab_server.api import (
    events,
    files,
    issues,
    merge_requests,
    people,
    pipelines,
    projects,
    repository,
    schedules,
    talk,
)
from tests.gitlab_server.conformance import Conformance
from tests.gitlab_server.faults import Faults
from tests.gitlab_server.journal import Journal
from tests.gitlab_server.router import Router
from tests.gitlab_server.smart_http import PATH, SmartHttp
from tests.gitlab_server.web import File, Reply, Request
from tests.gitlab_server.world import RefusalError, World

API = "/api/v4"
MODULES = (people, projects, repository, files, merge_requests, issues, talk, pipelines, schedules, events)


class Application:
    """The server without its socket; `crashes` keeps the traces of what failed inside."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.journal = Journal()
        self.limits = []
        self.crashes = []
        self.conformance = Conformance()
        self.on_push = []
        self._router = Router([route for module in MODULES for route in module.ROUTES])
        self._git = SmartHttp(world, self.pushed)

    def pushed(self, project, user, options=()):
        """Tell everybody who cares that branches of a project moved."""
        changes.pushed(self.world, project, user)
        facts = {"object_kind": "push", "project_id": project.id, "project": hooks.project_facts(project)}
        hooks.queue(
            self.world, project, "push", "Push Hook", {**facts, "user_id": user.id, "user_username": user.username}
        )
        if "ci.skip" not in options:
            for listener in self.on_push:
                listener(project, user)

    def respond(self, exchange) -> Reply:
        """The answer to one exchange; raises GoneError where a fault leaves nobody to answer."""
        kind, path = _kind(exchange.path)
        call = self.journal.begin(kind, exchange.method, path, forms.query(exchange.query), exchange.headers)
        call.fault = self.faults.take(call.number, call.method, path, kind)
        instead = exchange.suffer(call.fault) if call.fault and not call.fault.acted else None
        reply = instead or self._act(exchange, call)
        call.status = reply.status
        if call.fault and call.fault.acted:
            reply = exchange.suffer(call.fault) or reply
        return reply

    def _act(self, exchange, call):
        try:
            if call.kind == "git":
                return self._git.answer(exchange, call)
            with self.world.lock:
                return self._api(exchange, call) if call.kind == "api" else self._page(call)
        except Exception:  # noqa: BLE001 - the fixture fails the test with every trace that is kept here
            self.crashes.append(f"{call.method} {call.path}\n{traceback.format_exc()}")
            return Reply(500, {"message": "500 Internal Server Error"})

    def _api(self, exchange, call):
        try:
            body = forms.body(exchange.headers, exchange.raw)
        except RefusalError as refusal:
            return Reply(refusal.status, refusal.body)
        call.body = {name: f"<{value.name}>" if isinstance(value, File) else value for name, value in body.items()}
        request = Request(self.world, call.method, call.path, call.query, body, call.headers, exchange.raw)
        headers, refused = self._limited(call)
        reply = refused or self._router.answer(request)
        if request.token is not None:
            call.user, call.token = request.user.username, request.token.name
        self.conformance.check(call, body, reply)
        return Reply(reply.status, reply.body, {**reply.headers, **headers})

    def _limited(self, call):
        who = call.headers.get("private-token") or call.headers.get("authorization") or call.headers.get("job-token")
        headers, refused = {}, None
        for limit in self.limits:
            if limit.applies(call.method, call.path):
                allowed, headers = limit.count(who, self.world.clock.now())
                refused = refused or (None if allowed else Reply(429, "Retry later\n", headers))
        return headers, refused

    def _page(self, call):
        """Uploads under their two web addresses; other pages are not there."""
        for project in self.world.projects.values():
            for kept in project.uploads:
                ending = f"/uploads/{kept.secret}/{kept.filename}"
                if call.path in {f"/-/project/{project.id}{ending}", f"/{project.path}{ending}"}:
                    return Reply(200, kept.content)
        return Reply(404, "Not Found")


def _kind(path):
    if path.startswith(f"{API}/"):
        return "api", path.removeprefix(API)
    return ("git" if PATH.fullmatch(path) else "web"), path
