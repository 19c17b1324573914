"""What was asked of the bot, read from its own notes in the project's events: GitLab is the memory."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.domain.forge import Asked, User
from bot.domain.marker import memo_of, topic_of

_TOPIC = re.compile(r"command/(\d{1,18})")
_MEMO = re.compile(r".*\buser=(?P<user>\d{1,18}) seconds=(?P<seconds>\d{1,9})\b.*")


class GitLabAsks:
    """Implements `ports.forge.Asks`."""

    def __init__(self, client: Client, project: str, me: Callable[[], User], today: Callable[[], dt.date]) -> None:
        self._client = client
        self._path = f"{project}/events"
        self._me = me
        self._today = today

    def recent(self) -> tuple[Asked, ...]:
        """Read the bot's notes since the day before yesterday; `after` leaves out the day that it names."""
        after = (self._today() - dt.timedelta(days=2)).isoformat()
        events = self._client.pages(self._path, action="commented", after=after)
        return tuple(asked for event in events if (asked := self._asked(event)) is not None)

    def _asked(self, event: Any) -> Asked | None:
        data = event.get("note") if isinstance(event, dict) else None
        if not isinstance(data, dict):
            return None
        note = objects.read(objects.note, data)
        topic, memo = _TOPIC.fullmatch(topic_of(note.body) or ""), _MEMO.fullmatch(memo_of(note.body))
        if note.author.id != self._me().id or topic is None or memo is None:
            return None
        return Asked(int(memo["user"]), note.created, float(memo["seconds"]), int(topic[1]))
