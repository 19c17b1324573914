"""Issues that the bot keeps, such as the dashboard: one for each topic, found by marker and author."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.adapters.gitlab.outgoing import Outgoing
from bot.domain.forge import Issue, User
from bot.domain.marker import topic_of


class GitLabIssues:
    """Implements `ports.forge.Issues`."""

    def __init__(self, client: Client, project: str, outgoing: Outgoing, me: Callable[[], User]) -> None:
        self._client = client
        self._path = f"{project}/issues"
        self._outgoing = outgoing
        self._me = me

    def of_bot(self, topic: str) -> Issue | None:
        """Return the oldest open one, or the newest that is closed."""
        me = self._me().id
        listed = self._client.pages(
            self._path, author_id=me, scope="all", state="all", order_by="created_at", sort="asc"
        )
        found = [one for one in map(_read, listed) if one.author.id == me and topic_of(one.description) == topic]
        opened = [one for one in found if one.opened]
        return opened[0] if opened else found[-1] if found else None

    def standing(self, topic: str) -> Issue | None:
        """Return the oldest open one of an account that nobody but a token of this project can have."""
        me = self._me().id
        asked = {"search": f"hotlap:{topic}", "in": "description", "state": "opened"}
        for data in self._client.pages(self._path, scope="all", order_by="created_at", sort="asc", **asked):
            one = _read(data)
            tokens = rf"project_{data.get('project_id')}_bot\w*"
            ours = one.author.id == me or re.fullmatch(tokens, one.author.username)
            if ours and topic_of(one.description) == topic:
                return one
        return None

    def write(self, topic: str, title: str, description: str, labels: Sequence[str] = ()) -> Issue:
        """Make this the issue on `topic`; one that somebody closed is left as it is."""
        body = {"title": self._outgoing.title(title), "description": self._outgoing.body(description, topic)}
        found = self.of_bot(topic)
        if found is None:
            body |= {"labels": ",".join(labels)} if labels else {}
            made = self._client.create(self._path, body, _read, lambda: self.of_bot(topic))
            found = self.of_bot(topic) or made
            if found.iid == made.iid:
                return made
            # Two jobs may have looked at the same moment: the older issue stays.
            self._client.put(f"{self._path}/{made.iid}", {"state_event": "close"})
        if not found.opened or (found.title, found.description.rstrip()) == (
            body["title"],
            body["description"].rstrip(),
        ):
            return found
        return _read(self._client.put(f"{self._path}/{found.iid}", body))


def _read(data: Any) -> Issue:
    return objects.read(objects.issue, data)
