"""The machine's clocks behind the `Clock` port."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.Clock`."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def now(self) -> str:
        """Return the current time in UTC, to the second."""
        return datetime.now(UTC).isoformat(timespec="seconds")
