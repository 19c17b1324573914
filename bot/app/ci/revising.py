"""Another change in a merge request that is open already: on top of its branch, and said in the thread that asked."""

from dataclasses import dataclass

from bot.app.rounds import THREAD, exhausted, used
from bot.domain import revision as hidden
from bot.domain.forge import Access, Note, Noteable, NoteableKind
from bot.domain.revision import Revision
from bot.ports.forge import Forge, Lineage, Remote

_PROOF = 3
"""Paragraphs of a commit's message that say what was proven: the subject, why, and the figures."""


@dataclass(frozen=True, slots=True)
class Reviser:
    """Writes revisions of one project, from the bot's own clone; asks the forge first whether they are still wanted."""

    forge: Forge
    remote: Remote
    lineage: Lineage

    def unwanted(self, revision: Revision) -> str:
        """Return why nothing is to be written any more, "" where it is."""
        if revision.problem or not revision.topic.startswith(THREAD):
            return revision.problem
        notes = self.forge.talk.notes(_at(revision))
        note = next((one for one in notes if one.id == revision.note), None)
        if note is None or (note.resolvable and note.resolved):
            return "the thread was resolved or deleted in the meantime"
        if self.forge.directory.access(note.author.id) < Access.DEVELOPER:
            return "whoever asked may not ask any more"
        late = used(notes, self.forge.directory.me().id, note.id) >= revision.rounds
        return exhausted(revision.rounds) if late else ""

    def follow(self, revision: Revision, base: str, commit: str) -> str | None:
        """Return a commit like `commit`, on top of the branch; None where the branch is not where it was.

        Where the branch lacks `base`, the commit of the target branch that the proof rests on, it is a second parent.
        """
        tip = self.remote.tip(revision.branch)
        if tip is None:
            return None
        self.remote.fetch(revision.branch)
        made = next((one for one in self.lineage.commits(base, tip) if one.sha == tip), None)
        if revision.head != tip and (made is None or made.parents[:1] != (revision.head,)):
            return None
        newest = self.lineage.fork_point(base, revision.head) == base
        return self.lineage.onto(commit, (revision.head,) if newest else (revision.head, base))

    def revised(self, branch: str, base: str) -> bool:
        """Say whether a branch holds a change that somebody asked for: no other one takes its place unasked."""
        tip = self.remote.tip(branch)
        if tip is None:
            return False
        self.remote.fetch(branch)
        return any(one.made_for is not None for one in self.lineage.commits(base, tip))

    def proof(self, revision: Revision, base: str) -> str:
        """Return what the change that stands there has proven, as its commit says."""
        if self.remote.tip(revision.branch) is None:
            return ""
        tip = self.remote.fetch(revision.branch)
        standing = [one for one in self.lineage.commits(base, tip) if one.sha == revision.head]
        parts = standing[0].message.split("\n\n") if standing and standing[0].own else []
        return "; ".join(" ".join(part.split()).rstrip(".") for part in parts[:_PROOF])

    def answer(self, revision: Revision, body: str) -> None:
        """Answer a review thread, once: what stands there already stays."""
        memo = "" if revision.problem else hidden.memo(revision.round)
        if revision.topic.startswith(THREAD) and self._note(revision) is not None:
            self.forge.talk.claim(_at(revision), revision.topic, body, revision.thread, memo)

    def _note(self, revision: Revision) -> Note | None:
        return self.forge.talk.note(_at(revision), revision.note)


def message(text: str, revision: Revision) -> str:
    """Return the message of a commit with the comment that it was made for."""
    return f"{text.rstrip()}\n{hidden.trailer(revision.note)}\n" if revision.note else text


def _at(revision: Revision) -> Noteable:
    return Noteable(NoteableKind.MERGE_REQUEST, revision.merge_request)
