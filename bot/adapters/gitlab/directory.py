"""Who may do what: asked live, because a webhook says only who acted, and a job runs with other people's rights."""

import datetime as dt
from collections.abc import Callable

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.domain.forge import Access, ForgeProject, User

_LIVE = {None, "active"}


class GitLabDirectory:
    """Implements `ports.forge.Directory`."""

    def __init__(self, client: Client, project: str, today: Callable[[], dt.date]) -> None:
        self._client = client
        self._path = project
        self._today = today
        self._me: User | None = None

    def me(self) -> User:
        """Return the account of the token; a token never changes hands, so it is asked for once."""
        if self._me is None:
            self._me = objects.read(objects.user, self._client.get("/user"))
        return self._me

    def project(self) -> ForgeProject:
        """Return the project as it is now."""
        return objects.read(objects.project, self._client.get(self._path))

    def access(self, user: int) -> Access:
        """Return what `members/all` says; a membership that has run out, or waits, or is of a blocked user, is none."""
        found = self._client.find(f"{self._path}/members/all/{user}")
        if found is None:
            return Access.NONE
        return objects.read(self._access, found)

    def named(self, username: str) -> User | None:
        """Return the account of that name."""
        for one in self._client.get("/users", username=username):
            found = objects.read(objects.user, one)
            if found.username.lower() == username.lower():
                return found
        return None

    def _access(self, data: objects.Json) -> Access:
        expires = data.get("expires_at")
        live = data.get("state") in _LIVE and data.get("membership_state") in _LIVE
        if not live or (expires and dt.date.fromisoformat(str(expires)[:10]) <= self._today()):
            return Access.NONE
        return Access.at_most(int(data["access_level"]))
