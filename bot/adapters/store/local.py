"""The store of a run on a local checkout: lessons in a database, files of the run beside the repository's objects."""

from collections.abc import Callable, Sequence

from bot.adapters.file_store import FileStore
from bot.domain.lesson import Lesson
from bot.ports.store import LessonBook


class LocalStore:
    """Implements `ports.Store`; the database is opened when the first lesson is asked for."""

    def __init__(self, files: FileStore, book: Callable[[], LessonBook]) -> None:
        self._files = files
        self._book = book

    def lessons(self) -> tuple[Lesson, ...]:
        """Return what was learned about this repository."""
        return self._book().lessons()

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Add lessons; a lesson that is already there is not added twice."""
        self._book().learn(lessons)

    def record(self, run: str, name: str, data: bytes) -> str:
        """Write one file of a run atomically and return its path."""
        return self._files.record(run, name, data)
