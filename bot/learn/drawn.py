"""Lessons from the discussions of one merge request: who said it, whether it counts, who confirmed or withdrew it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.feedback import Change
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.learn.people import MAINTAINER, People
from bot.learn.reading import tone
from bot.learn.reading.clauses import plain
from bot.learn.reading.grammar import cue
from bot.learn.reading.notes import Said, said
from bot.learn.reading.visible import blocks


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lesson with what deciding about it needs: the author, the author's level and where the note stood."""

    lesson: Lesson
    notes: tuple[int, ...]
    author: int
    level: int


@dataclass(frozen=True, slots=True)
class Context:
    """The merge request that notes stand on."""

    project: str
    mr: int
    change: Change
    people: People


def drawn(discussions: Sequence[Any], context: Context) -> tuple[Drawn, ...]:
    """Return the lessons of all discussions, each once, with the evidence of all notes that say it."""
    found: dict[tuple[str, ...], Drawn] = {}
    for discussion in discussions:
        notes = discussion.get("notes") if isinstance(discussion, Mapping) else None
        for one in _of_thread(notes if isinstance(notes, list) else [], context):
            key = _key(one.lesson)
            known = found.get(key)
            found[key] = one if known is None else _joined(known, one)
    return tuple(found.values())


def counts(note: Any, people: People) -> bool:
    """Say whether a note may teach: written and last edited by one person with a role, in public, not by a program."""
    if not isinstance(note, Mapping) or not isinstance(note.get("id"), int) or not isinstance(note.get("body"), str):
        return False
    if note.get("system") or note.get("internal") or note.get("confidential"):
        return False
    author = note.get("author")
    if not isinstance(author, Mapping) or not people.teaches(author, str(note.get("created_at") or "")):
        return False
    editor = note.get("updated_by_id")
    if editor is None and isinstance(note.get("updated_by"), Mapping):
        editor = note["updated_by"].get("id")
    return editor is None or editor == author["id"]


def _of_thread(notes: Sequence[Any], context: Context) -> Iterator[Drawn]:
    """Yield what one thread teaches once it has been read to its end."""
    held: list[Drawn] = []
    for note in notes:
        if not counts(note, context.people):
            continue
        level = context.people.level(note["author"], str(note.get("created_at") or ""))
        author = note["author"]["id"]
        shown = blocks(note["body"])
        reply = plain(" ".join(block.text for block in shown))
        if held and cue("drawn.disagrees").search(reply):
            held = [one for one in held if not (one.author == author or level > one.level)]
        agrees = bool(held) and cue("drawn.agrees").match(reply) is not None
        if agrees:
            held = [_confirmed(one, note["id"], author, level) for one in held]
        if not tone.commands_model("\n".join(block.text for block in shown)):
            held = _with_more(held, _of_note(note, level, context), agrees=agrees)
    yield from held


def _with_more(held: list[Drawn], more: list[Drawn], *, agrees: bool) -> list[Drawn]:
    """Return what a thread teaches after one more note: who agrees in other words says nothing new."""
    for one in more:
        alike = [
            place
            for place, other in enumerate(held)
            if agrees and (other.lesson.scope, other.lesson.polarity) == (one.lesson.scope, one.lesson.polarity)
        ]
        if alike:
            held[alike[-1]] = _joined(held[alike[-1]], one)
        else:
            held.append(one)
    return held


def _of_note(note: Mapping[str, Any], level: int, context: Context) -> list[Drawn]:
    state = (
        LessonState.ACTIVE
        if context.people.leads(note["author"], str(note.get("created_at") or ""))
        else LessonState.PROPOSED
    )
    evidence = (f"{context.project}!{context.mr}#note_{note['id']}",)
    return [
        Drawn(_lesson(one, evidence, state), (note["id"],), note["author"]["id"], level)
        for one in said(note["body"], context.project, context.change)
    ]


def _lesson(one: Said, evidence: tuple[str, ...], state: LessonState) -> Lesson:
    return Lesson(one.scope, one.sentence, evidence, state, one.polarity, one.subjects)


def _confirmed(one: Drawn, note: int, author: int, level: int) -> Drawn:
    """Return the lesson after somebody agreed: a maintainer's word makes it active."""
    if author == one.author:
        return one
    state = LessonState.ACTIVE if level >= MAINTAINER else one.lesson.state
    return replace(one, lesson=replace(one.lesson, state=state), level=max(one.level, level), notes=(*one.notes, note))


def _key(lesson: Lesson) -> tuple[str, ...]:
    """Return what makes two lessons of one merge request the same: what they are about, or else their words."""
    about = tuple(sorted(lesson.subjects)) if lesson.polarity is Polarity.AVOID else ()
    return (lesson.scope, lesson.polarity, *(about or (lesson.id,)))


def _joined(one: Drawn, other: Drawn) -> Drawn:
    states = {one.lesson.state, other.lesson.state}
    lesson = replace(
        one.lesson,
        evidence=tuple(dict.fromkeys((*one.lesson.evidence, *other.lesson.evidence))),
        state=LessonState.ACTIVE if LessonState.ACTIVE in states else LessonState.PROPOSED,
    )
    return replace(
        one, lesson=lesson, notes=tuple(dict.fromkeys((*one.notes, *other.notes))), level=max(one.level, other.level)
    )
