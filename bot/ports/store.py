"""The borders of what is remembered: runs, deliveries, the audit, and figures about the bot itself."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.attempt import Attempt
from bot.domain.code import Target
from bot.domain.record import Delivery, Entry, Hour, Point, Run, RunEnd, RunSummary, Total


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
