"""The lessons of one project, in a database."""

import logging
from collections.abc import Sequence

import sqlalchemy as sa

from bot.adapters.store.database import Database
from bot.adapters.store.merge import Row, merge_lessons
from bot.adapters.store.tables import AUDIT, LESSONS
from bot.domain.errors import Refused
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.record import identity

_log = logging.getLogger(__name__)


class SqlLessonBook:
    """Implements `ports.LessonBook` for one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    def lessons(self) -> tuple[Lesson, ...]:
        """Return all lessons in the order in which they were learned first."""
        query = (
            sa.select(LESSONS)
            .where(LESSONS.c.project == self._project)
            .order_by(LESSONS.c.learned_at, LESSONS.c.place, LESSONS.c.id)
        )
        with self._database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return tuple(found for row in rows if (found := _readable(row)) is not None)

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Add lessons; one that is known gains evidence and may become active, and keeps what a person decided."""
        if not lessons:
            return
        at = self._database.now()
        rows = [self._row(lesson, place, at) for place, lesson in enumerate(lessons)]
        with self._database.writing() as connection:
            merge_lessons(connection, [self._database.clean(row) for row in rows])

    def decide(self, lesson: str, state: LessonState, by: str) -> Lesson:
        """Set the state of the lesson with this id and write it into the audit; Refused where there is none."""
        at = self._database.now()
        mine = (LESSONS.c.project == self._project) & (LESSONS.c.id == lesson)
        values = {"state": state.value, "decided_by": by, "decided_at": at, "updated_at": at}
        entry = {
            "id": identity(self._project, lesson, state, by, at),
            "actor": by,
            "action": f"lesson.{state}",
            "subject": lesson,
            "project": self._project,
            "details": {},
            "at": at,
        }
        with self._database.writing() as connection:
            if connection.execute(sa.update(LESSONS).where(mine).values(values)).rowcount != 1:
                raise Refused(f"there is no lesson {lesson!r} of {self._project}")
            connection.execute(sa.insert(AUDIT), self._database.clean(entry))
            return _lesson(dict(connection.execute(sa.select(LESSONS).where(mine)).mappings().one()))

    def _row(self, lesson: Lesson, place: int, at: str) -> Row:
        return {
            "project": self._project,
            "id": lesson.id,
            "scope": lesson.scope,
            "polarity": lesson.polarity.value,
            "sentence": lesson.sentence,
            "state": lesson.state.value,
            "evidence": list(lesson.evidence),
            "subjects": list(lesson.subjects),
            "learned_at": at,
            "place": place,
            "decided_by": None,
            "decided_at": None,
            "updated_at": at,
        }


def _readable(row: Row) -> Lesson | None:
    """Return a lesson; None, and a line in the log, for a row that another version or a stranger wrote otherwise."""
    try:
        return _lesson(row)
    except (TypeError, ValueError):
        _log.warning("a row that is no lesson was passed over: %s", row["id"])
        return None


def _lesson(row: Row) -> Lesson:
    return Lesson(
        scope=row["scope"],
        sentence=row["sentence"],
        evidence=tuple(row["evidence"]),
        state=LessonState(row["state"]),
        polarity=Polarity(row["polarity"]),
        subjects=tuple(row["subjects"]),
    )
