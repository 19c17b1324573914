"""Notes on merge requests and issues: one for each topic, found by marker and author, edited in place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.adapters.gitlab.outgoing import Outgoing
from bot.domain.errors import ForgeError
from bot.domain.forge import DiffLine, Note, Noteable, User
from bot.domain.marker import memo_of, topic_of


class GitLabTalk:
    """Implements `ports.forge.Talk`; `me` says whose notes are the bot's."""

    def __init__(self, client: Client, project: str, outgoing: Outgoing, me: Callable[[], User]) -> None:
        self._client = client
        self._project = project
        self._outgoing = outgoing
        self._me = me

    def notes(self, at: Noteable) -> tuple[Note, ...]:
        """Return all notes, oldest first."""
        listed = self._client.pages(f"{self._path(at)}/discussions")
        return tuple(sorted((note for one in listed for note in _thread(one)), key=lambda note: note.id))

    def note(self, at: Noteable, note: int) -> Note | None:
        """Return one note with its thread, which only the list of threads tells."""
        return next((one for one in self.notes(at) if one.id == note), None)

    def say(self, at: Noteable, topic: str, body: str, thread: str = "", memo: str = "") -> Note:
        """Edit the note on `topic`, or post it."""
        for _ in range(2):
            found = self._only(at, topic)
            kept = memo or ("" if found is None else memo_of(found.body))
            text = self._outgoing.body(body, topic, memo=kept)
            if found is None:
                found = self._post(at, topic, text, thread)
            if found.body.rstrip() == text.rstrip():
                return found
            edited = self._edit(at, found, text)
            if edited is not None:
                return edited
        raise ForgeError(f"somebody keeps deleting the note on {topic}")

    def claim(self, at: Noteable, topic: str, body: str, thread: str = "", memo: str = "") -> Note:
        """Return the note on `topic`, posted if there was none; whoever was first keeps it."""
        text = self._outgoing.body(body, topic, memo=memo)
        return self._only(at, topic) or self._post(at, topic, text, thread)

    def suggest(self, at: Noteable, topic: str, body: str, line: DiffLine) -> Note:
        """Post a thread at a line of the diff, once."""
        text = self._outgoing.body(body, topic, exact=True)
        found = self._only(at, topic)
        if found is not None:
            return found
        position = {
            "position_type": "text",
            "base_sha": line.base_sha,
            "start_sha": line.start_sha,
            "head_sha": line.head_sha,
            "old_path": line.path,
            "new_path": line.path,
            "new_line": line.line,
        }
        return self._made(at, topic, "/discussions", {"body": text, "position": position})

    def _post(self, at: Noteable, topic: str, text: str, thread: str) -> Note:
        return self._made(at, topic, f"/discussions/{thread}/notes" if thread else "/notes", {"body": text})

    def _made(self, at: Noteable, topic: str, where: str, body: Mapping[str, Any]) -> Note:
        made = self._client.create(
            f"{self._path(at)}{where}", body, _first, lambda: self._only(at, topic, settle=False)
        )
        # Two jobs may have looked at the same moment: the older note stays.
        return self._only(at, topic) or made

    def _only(self, at: Noteable, topic: str, *, settle: bool = True) -> Note | None:
        me = self._me().id
        mine = [one for one in self.notes(at) if one.author.id == me and not one.system and topic_of(one.body) == topic]
        for extra in mine[1:] if settle else ():
            self._client.delete(f"{self._path(at)}/notes/{extra.id}")
        return mine[0] if mine else None

    def _edit(self, at: Noteable, note: Note, text: str) -> Note | None:
        try:
            return _read(self._client.put(f"{self._path(at)}/notes/{note.id}", {"body": text}), note.thread)
        except ForgeError as error:
            if error.status != 404:
                raise
            return None

    def _path(self, at: Noteable) -> str:
        return f"{self._project}/{at.kind}/{at.iid}"


def _thread(data: Any) -> tuple[Note, ...]:
    return objects.read(objects.discussion, data)


def _first(data: Any) -> Note:
    """Read a note, or the first one of a new thread."""
    return _thread(data)[0] if isinstance(data, dict) and "notes" in data else _read(data, "")


def _read(data: Any, thread: str) -> Note:
    return replace(objects.read(objects.note, data), thread=thread)
