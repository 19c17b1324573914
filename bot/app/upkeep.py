"""Open merge requests of the bot after their base moved: which proofs still hold, which are to be made again.

A proof is of one base. Rebasing alone would carry the figures of another program; so a change is proven again on the
new base and published to the same branch, or given up where its file is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.app import description
from bot.app.publish import OUTDATED, SUPERSEDED
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

    def tend(self) -> None:
        """Mark what is to be proven again, take the mark from what is proven, and close what has lost its file."""
        due = {one.merge_request.iid: one for one in self.due()}
        for one in _open(self._forge):
            found = due.get(one.iid)
            if found is not None and found.move is Move.CLOSE:
                self.give_up(found)
            elif found is not None and OUTDATED not in one.labels:
                self._forge.merge_requests.update(one.iid, MergeRequestEdit(add_labels=(OUTDATED,)))
            elif found is None and OUTDATED in one.labels:
                self._forge.merge_requests.update(one.iid, MergeRequestEdit(remove_labels=(OUTDATED,)))

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
        for one in _open(self._forge):
            base = description.base_in(one.description)
            tip = self._forge.contents.tip(one.target_branch)
            if base in {None, tip} or tip is None:
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


def outdated(forge: Forge) -> tuple[str, ...]:
    """Return the branches of open merge requests whose proof is to be made again.

    Whoever has the rights may set the label: it decides about what is looked at first, and about nothing else.
    """
    found = (one for one in forge.merge_requests.labelled(OUTDATED) if not one.from_fork)
    return tuple(one.source_branch for one in found if one.source_branch.startswith(BRANCHES))


def _open(forge: Forge) -> Iterator[MergeRequest]:
    opened = forge.merge_requests.opened_by(forge.directory.me().id)
    return (one for one in opened if one.source_branch.startswith(BRANCHES))
