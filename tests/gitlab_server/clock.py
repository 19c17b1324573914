"""The server's time: it runs with the real one, and a test may push it forward."""

import time
from datetime import UTC, date, datetime


class Clock:
    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def today(self) -> date:
        return self.moment().date()


def stamp(moment: datetime | None) -> str | None:
    """ISO 8601 with milliseconds and Z, as GitLab writes it."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
