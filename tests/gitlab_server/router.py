"""From a request to a handler: the route, who asks, what they may, and pages of lists."""

import re
from urllib.parse import quote, unquote, urlencode

from tests.gitlab_server.auth import authenticate, check_job_token, check_scope
from tests.gitlab_server.state import Access
from tests.gitlab_server.web import Page, Reply, Request, Route
from tests.gitlab_server.world import RefusalError, forbidden, not_found


class Router:
    """Answers requests below /api/v4 by a table of routes."""

    def __init__(self, routes) -> None:
        self._routes = [(_pattern(route.template), route) for route in routes]

    def answer(self, request: Request) -> Reply:
        """Answer one request; refusals become their status and JSON."""
        try:
            route = self._find(request)
            if route is None:
                return Reply(404, {"error": "404 Not Found"})
            return self._handled(route, request)
        except RefusalError as refusal:
            return Reply(refusal.status, refusal.body)

    def _find(self, request) -> Route | None:
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path) if route.method in {request.method, "*"} else None
            if match:
                request.values = {name: unquote(value) for name, value in match.groupdict().items()}
                return route
        return None

    def _handled(self, route, request):
        request.token = authenticate(request)
        request.user = request.token.user if request.token else None
        check_scope(request, route)
        if "project" in request.values:
            self._enter(route, request)
        elif request.user is None and not route.anyone:
            raise RefusalError(401, "401 Unauthorized")
        given = route.handler(request)
        if isinstance(given, Reply):
            return given
        if isinstance(given, Page):
            return _paged(given, request)
        return Reply(route.status, given)

    def _enter(self, route, request):
        world = request.world
        project = request.project = world.project(request.values["project"])
        if project is None or not (world.sees(project, request.user) or route.anyone):
            raise not_found("Project")
        check_job_token(request.token, project)
        writes = request.method not in {"GET", "HEAD"}
        if writes and request.user is None and not route.anyone:
            raise RefusalError(401, "401 Unauthorized")
        if route.code and not world.sees_code(project, request.user):
            raise forbidden() if "repository" in route.template else not_found()
        if route.access > Access.NONE and world.access(project, request.user) < route.access:
            raise forbidden()
        if writes and project.archived and route.template != "projects/{project}":
            raise forbidden()


def _pattern(template):
    pieces = re.split(r"(\{\w+\*?\})", f"/{template}")
    return re.compile(
        "".join(
            (rf"(?P<{piece[1:-2]}>.+)" if piece.endswith("*}") else rf"(?P<{piece[1:-1]}>[^/]+)")
            if piece.startswith("{")
            else re.escape(piece)
            for piece in pieces
        )
    )


def _paged(page, request):
    size = min(100, max(1, int(request.query.get("per_page") or 20)))
    number = max(1, int(request.query.get("page") or 1))
    total = len(page.items)
    pages = max(1, -(-total // size))
    shown = page.items[(number - 1) * size : number * size]
    base = f"{request.world.base}/api/v4{quote(request.path, safe='/%')}"
    query = {name: value for name, value in request.query.items() if name not in {"page", "per_page"}}

    def link(to, relation):
        return f'<{base}?{urlencode({**query, "page": to, "per_page": size}, doseq=True)}>; rel="{relation}"'

    links = [link(1, "first"), link(pages, "last")]
    if number > 1:
        links.insert(0, link(number - 1, "prev"))
    if number < pages:
        links.insert(0, link(number + 1, "next"))
    headers = {
        "X-Page": str(number), "X-Per-Page": str(size), "X-Total": str(total), "X-Total-Pages": str(pages),
        "X-Next-Page": str(number + 1) if number < pages else "", "X-Prev-Page": str(number - 1) if number > 1 else "",
        "Link": ", ".join(links),
    }  # fmt: skip
    return Reply(200, [page.show(item) for item in shown], headers)
