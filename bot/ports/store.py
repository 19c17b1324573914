"""The borders of what is remembered: lessons, merge requests, runs, deliveries, the audit, figures about the bot."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.domain.feedback import Feedback
from bot.domain.ledger import LedgerEntry
from bot.domain.lesson import Lesson, LessonState
from bot.domain.pattern import Pattern
from bot.domain.record import Delivery, Entry, Hour, Point, Run, RunEnd, RunSummary, Total
from bot.domain.suggestion import Suggestion


class LessonBook(Protocol):
    """The lessons of one repository, each once, in the state that was decided last."""

    def lessons(self) -> tuple[Lesson, ...]:
        """Return all lessons in the order in which they were learned first."""

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Add lessons; one that is known gains evidence, and an active one makes a proposed one active.

        What a person has decided stands: learning never brings back a retired lesson.
        """

    def decide(self, lesson: str, state: LessonState, by: str) -> Lesson:
        """Set the state of the lesson with this id, and remember who asked; Refused where there is none."""


class Memory(Protocol):
    """What is remembered of merge requests: every write replaces what has the same identity, so twice is once."""

    def feedback(self) -> tuple[Feedback, ...]:
        """Return what people did with the bot's merge requests, by `key`."""

    def keep_feedback(self, found: Sequence[Feedback]) -> None:
        """Remember feedback; what is kept with the same `key` is replaced unless its `seen` is later."""

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the recurring shapes that are known."""

    def keep_patterns(self, found: Sequence[Pattern]) -> None:
        """Remember patterns, by `id`."""

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return all suggestions, whatever their state."""

    def keep_suggestions(self, found: Sequence[Suggestion]) -> None:
        """Remember suggestions, by `id`."""

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Return all merged gains, the oldest first."""

    def keep_ledger(self, found: Sequence[LedgerEntry]) -> None:
        """Remember lines of the ledger, by `id`."""


class History(Protocol):
    """Runs and what was tried in them; writing the same again changes nothing. StoreError where it cannot be kept.

    What a method has written when it returns is there for every later reader, also when this process is killed.
    """

    def begin(self, run: Run) -> None:
        """Write down that a run began."""

    def tried(self, run: str, attempts: Sequence[Attempt]) -> None:
        """Write down attempts of a run: targets, candidates with their parents, verdicts, measurements."""

    def end(self, run: str, end: RunEnd, ranked: Sequence[Target] = ()) -> None:
        """Write down how a run ended, and all functions that it ranked."""

    def runs(self, project: str, most: int = 50) -> tuple[RunSummary, ...]:
        """Return the latest runs of a project, newest first."""


class Journal(Protocol):
    """What came from outside and what was done because of it."""

    def claim(self, delivery: Delivery) -> bool:
        """Remember a delivery; of all callers with the same key exactly one is told True."""

    def note(self, entry: Entry) -> None:
        """Add a line to the audit."""

    def entries(self, project: str, most: int = 100) -> tuple[Entry, ...]:
        """Return the latest lines of the audit, newest first."""


class Metrics(Protocol):
    """Figures about the bot itself, and the questions that a dashboard asks of them."""

    def write(self, points: Sequence[Point]) -> None:
        """Keep points, all or none; one whose id is known is not added again."""

    def hours(self, since: str, most: int = 1000) -> tuple[Hour, ...]:
        """Return how long each operation took, by the hour, newest first; `since` is ISO 8601."""

    def totals(self, since: str) -> tuple[Total, ...]:
        """Return counts, success and sums by operation, since the beginning of the hour of `since`."""
