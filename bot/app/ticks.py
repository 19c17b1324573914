"""Boxes that people tick on the dashboard: a proposed lesson becomes active where a maintainer ticked it.

The description says that a box is ticked and not by whom; the notes that GitLab writes into the issue by itself do.
Whoever may edit the issue can write anything into it, so that a tick without such a note counts for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.errors import ForgeError
from bot.domain.forge import Access, Issue, Note, Noteable, NoteableKind, User
from bot.domain.lesson import Lesson, LessonState, Reach
from bot.ports.forge import Forge
from bot.ports.store import LessonBook
from bot.report.board import item, marked, same_text, ticked_lessons

_UNTOLD = "it is ticked, but GitLab does not tell by whom: untick it and tick it again"


@dataclass(frozen=True, slots=True)
class Ticks:
    """What came of ticked boxes: the names of those lessons that are active now, and why others are not, by name."""

    agreed: frozenset[str] = frozenset()
    remarks: Mapping[str, str] = field(default_factory=dict)


def heeded(forge: Forge, book: LessonBook, issue: Issue | None) -> Ticks:
    """Make the proposed lessons active whose boxes a maintainer ticked on the dashboard `issue`.

    ForgeError where GitLab cannot be asked.
    """
    ticked = {} if issue is None or not issue.opened else ticked_lessons(issue.description)
    known = [one for one in book.lessons() if one.id in ticked and one.reach != Reach.CANDIDATE]
    waiting = [one for one in known if one.state is LessonState.PROPOSED]
    agreed = {one.id for one in known if one.state is LessonState.ACTIVE}
    if issue is None or not waiting:
        return Ticks(frozenset(agreed))
    notes = forge.talk.notes(Noteable(NoteableKind.ISSUE, issue.iid))
    remarks = dict[str, str]()
    for one in waiting:
        by = _by(one, ticked[one.id], notes, issue.author)
        if remark := _objection(forge, by):
            remarks[one.id] = remark
        elif by is not None:
            book.decide(one.id, LessonState.ACTIVE, by.username)
            agreed.add(one.id)
    return Ticks(frozenset(agreed), remarks)


def _by(lesson: Lesson, shown: str, notes: Sequence[Note], me: User) -> User | None:
    """Return who ticked the box of a lesson last; None where that is not known, or its text is not the lesson's."""
    if not same_text(shown, item(lesson)):
        return None
    last: User | None = None
    for note in notes:  # oldest first
        found = marked(note.body) if note.system and note.author.id != me.id else None
        if found is not None and same_text(found[0], item(lesson)):
            last = note.author if found[1] else None
    return last


def _objection(forge: Forge, by: User | None) -> str:
    """Return why a tick does not count, "" where it does."""
    if by is None:
        return _UNTOLD
    try:
        level = forge.directory.access(by.id)
    except ForgeError as error:
        return f"it was ticked by {by.username}, whose role could not be asked for: {error}"
    if by.bot or level < Access.MAINTAINER:
        return f"it was ticked by {by.username}, who is neither Maintainer nor Owner here"
    return ""
