"""Values between the HTTP server and the handlers of the API: what was asked, what is answered, and by which route."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.gitlab_server.state import Access
from tests.gitlab_server.world import RefusalError, not_found

MISSING = object()
STRUCTURES = ("actions",)


@dataclass
class File:
    """One file of a multipart form."""

    name: str
    content: bytes


@dataclass
class Request:
    """One call of the API: `values` are the parts of the path, `query` and `body` are dictionaries of arguments."""

    world: Any
    method: str
    path: str
    query: dict
    body: dict
    headers: dict
    raw: bytes = b""
    values: dict = field(default_factory=dict)
    user: Any = None
    token: Any = None
    project: Any = None

    def get(self, name, default=None):
        """An argument of the body or the query."""
        found = self.body.get(name, self.query.get(name, MISSING))
        return default if found is MISSING else found

    def has(self, name):
        return name in self.body or name in self.query

    def need(self, *names):
        """The arguments of those names. Raises RefusalError 400 that names what is missing."""
        missing = [name for name in names if self.get(name) in (None, "")]
        if missing:
            raise RefusalError(400, {"error": ", ".join(f"{name} is missing" for name in missing)})
        wrong = [name for name in names if name not in STRUCTURES and isinstance(self.get(name), dict | list)]
        if wrong:
            raise RefusalError(400, {"error": ", ".join(f"{name} is invalid" for name in wrong)})
        return [self.get(name) for name in names] if len(names) > 1 else self.get(names[0])

    def flag(self, name, default=False):
        value = self.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "yes", "on", "t"}

    def words(self, name):
        """A list that may come as a list or as text with commas."""
        value = self.get(name) or []
        return [str(word).strip() for word in (value.split(",") if isinstance(value, str) else value) if str(word)]

    def number(self, name):
        """A part of the path as a number. Raises RefusalError 404 where it is none."""
        value = self.values[name]
        if not value.isdigit():
            raise not_found()
        return int(value)

    @property
    def access(self):
        return self.world.access(self.project, self.user)

    def demand(self, access: Access):
        if self.access < access:
            raise RefusalError(403, "403 Forbidden")

    def _thing(self, things, name, title):
        found = things.get(self.number(name))
        if found is None:
            raise not_found(title)
        return found

    @property
    def mr(self):
        if not self.project.merge_requests_enabled:
            raise not_found()
        return self._thing(self.project.merge_requests, "mr", "")

    @property
    def issue(self):
        return self._thing(self.project.issues, "issue", "Issue")

    @property
    def thing(self):
        return self.mr if "mr" in self.values else self.issue

    @property
    def note(self):
        wanted = self.number("note")
        found = next((note for note in self.thing.notes if note.id == wanted), None)
        if found is None or (found.internal and self.access < Access.REPORTER):
            raise not_found("Note")
        return found


@dataclass
class Reply:
    """An answer; `body` is bytes or becomes JSON."""

    status: int = 200
    body: Any = None
    headers: dict = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, dict]:
        if self.body is None or self.status == 204:
            return b"", self.headers
        if isinstance(self.body, bytes):
            return self.body, {"Content-Type": "application/octet-stream", **self.headers}
        if isinstance(self.body, str):
            return self.body.encode(), {"Content-Type": "text/plain", **self.headers}
        return json.dumps(self.body).encode(), {"Content-Type": "application/json", **self.headers}


@dataclass
class Page:
    """A list of which the client gets a page; `show` turns one element into JSON."""

    items: list
    show: Any


@dataclass(frozen=True)
class Route:
    """A method and template of a path. `access` is the least level in the project; `code` needs sight of the code."""

    method: str
    template: str
    handler: Any
    access: Access = Access.NONE
    code: bool = False
    anyone: bool = False
    job: bool = False
    scopes: tuple = ()
    status: int = 200
