"""Emoji on notes, one of each kind, which makes them an acknowledgement that can be repeated."""

from collections.abc import Callable
from typing import Any

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.domain.errors import ForgeError
from bot.domain.forge import Noteable, Reaction, User


class GitLabReactions:
    """Implements `ports.forge.Reactions`."""

    def __init__(self, client: Client, project: str, me: Callable[[], User]) -> None:
        self._client = client
        self._project = project
        self._me = me

    def on(self, at: Noteable, note: int) -> tuple[Reaction, ...]:
        """Return the reactions on a note, none where it is gone."""
        try:
            return tuple(_read(one) for one in self._client.pages(self._path(at, note)))
        except ForgeError as error:
            if error.status != 404:
                raise
            return ()

    def react(self, at: Noteable, note: int, name: str) -> bool:
        """Put an emoji there."""

        def look() -> Reaction | None:
            return self._mine(at, note, name)

        if look() is not None:
            return False
        try:
            self._client.create(self._path(at, note), {"name": name}, _read, look)
        except ForgeError as error:
            # GitLab answers 404 where the same account was faster ("Name has already been taken"), and of a note that
            # its author has deleted meanwhile.
            if error.status != 404 and (error.status not in {400, 409} or look() is None):
                raise
            return False
        return True

    def _mine(self, at: Noteable, note: int, name: str) -> Reaction | None:
        me = self._me().id
        return next((one for one in self.on(at, note) if one.user.id == me and one.name == name), None)

    def _path(self, at: Noteable, note: int) -> str:
        return f"{self._project}/{at.kind}/{at.iid}/notes/{note}/award_emoji"


def _read(data: Any) -> Reaction:
    return objects.read(objects.reaction, data)
