"""Open merge requests of the bot after their base moved: which proofs still hold, which are to be made again.

A proof is of one base. Rebasing alone would carry the figures of another program; so a change is proven again on the
new base and published to the same branch, or given up where its file is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.app import description
from bot.app.publish import SUPERSEDED
from bot.domain.forge import MergeRequest, MergeRequestEdit, Noteable, NoteableKind
from bot.domain.publication import BRANCHES, Move, move
from bot.ports.forge import Forge, History, Remote


@dataclass(frozen=True, slots=True)
class Due:
    """A merge request whose proof does not hold any more: what is to be done, the new base, the paths of the change."""

    merge_request: MergeRequest
    move: Move
    base: str
    changed: tuple[str, ...]


class Upkeep:
    """Looks after the bot's open merge requests; those that people pushed to are theirs and left alone."""

    def __init__(self, forge: Forge, remote: Remote, history: History) -> None:
        self._forge = forge
        self._remote = remote
        self._history = history

    def due(self) -> tuple[Due, ...]:
        """Return what is to be proven again or closed; nothing is written."""
        return tuple(self._due())

    def give_up(self, due: Due) -> None:
        """Close a merge request whose code is gone, and say so there."""
        here = Noteable(NoteableKind.MERGE_REQUEST, due.merge_request.iid)
        said = "Closed because the file that this change is about is gone from the target branch."
        self._forge.talk.say(here, "superseded", said)
        edit = MergeRequestEdit(add_labels=(SUPERSEDED,), close=True)
        self._forge.merge_requests.update(due.merge_request.iid, edit)

    def _due(self) -> Iterator[Due]:
        for one in self._forge.merge_requests.opened_by(self._forge.directory.me().id):
            base = description.base_in(one.description)
            tip = self._forge.contents.tip(one.target_branch)
            if base in {None, tip} or tip is None or not one.source_branch.startswith(BRANCHES):
                continue
            found = self._moved(one, str(base), tip)
            if found.move is not Move.NOTHING:
                yield found

    def _moved(self, one: MergeRequest, base: str, tip: str) -> Due:
        self._remote.fetch(one.target_branch)
        head = self._remote.fetch(one.source_branch)
        changed = tuple(self._history.touched(base, head))
        if self._history.strangers(base, head):
            return Due(one, Move.NOTHING, tip, changed)
        return Due(one, move(self._history.touched(base, tip), changed), tip, changed)
