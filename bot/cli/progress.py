"""Tells people how far a run has come: a live table on a terminal, plain lines with a heartbeat anywhere else."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.cli.output import Output
from bot.domain.legible import one_line
from bot.ports import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_HEARTBEAT = 25.0  # seconds; CI wants a line at least every 30
_REPEATED = 10.0  # seconds between lines about one stage, such as the pairs of one measurement
_SAME = 10.0  # seconds; news of one stage does not fill a log
_ROWS = 15


@dataclass(slots=True)
class _Row:
    """One subject's latest step; times are monotonic seconds, `left` is when the run turned to another subject."""

    stage: str
    detail: str
    began: float
    since: float
    left: float | None = None


class PlainProgress:
    """One line a step, and a line from a thread of its own whenever nothing was said for a while."""

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        heartbeat: float = _HEARTBEAT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say
        self._heartbeat = heartbeat
        self._monotonic = monotonic
        self._began = monotonic()
        self._spoke = self._began
        self._now = "starting"
        self._stage = ""
        self._since = self._began
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Write one line."""
        with self._lock:
            repeated = stage == self._stage and self._monotonic() - self._spoke < _REPEATED
            self._now, self._since, self._stage = f"{subject}: {stage}", self._monotonic(), stage
            if repeated:
                return
            self._write(f"{self._now}{f' ({detail})' if detail else ''}")

    def _write(self, text: str) -> None:
        self._spoke = self._monotonic()
        self._say(f"[{_clock(self._spoke - self._began)}] {one_line(text)}")

    def _beat(self) -> None:
        wait = self._heartbeat
        while not self._over.wait(wait):
            with self._lock:
                silent = self._monotonic() - self._spoke
                if silent >= self._heartbeat:
                    try:
                        self._write(f"still at {self._now}, {_clock(self._monotonic() - self._since)}")
                    except (OSError, ValueError):
                        # The reader is gone; the command's own next line will find out and say so.
                        return
                    silent = 0.0
                wait = self._heartbeat - silent


class LiveProgress:
    """A table of targets that redraws itself: stage, detail and elapsed time of each."""

    def __init__(self, console: "Console", *, monotonic: Callable[[], float] = time.monotonic) -> None:
        from rich.live import Live

        self._monotonic = monotonic
        self._dim = "none" if console.no_color else "dim"
        self._rows: dict[str, _Row] = {}
        self._current = ""
        self._lock = threading.Lock()
        self._live = Live(console=console, get_renderable=self.table, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Update the subject's line; subjects appear in the order in which they were first named."""
        now = self._monotonic()
        with self._lock:
            if subject != self._current and self._current in self._rows:
                self._rows[self._current].left = now
            began = self._rows[subject].began if subject in self._rows else now
            self._rows[subject] = _Row(stage, detail, began, now)
            self._current = subject

    def table(self) -> "Table":
        """Return what is on the screen now: the subjects that moved last, so that it fits."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 2, 0, 0), header_style=self._dim)
        for name in ("target", "stage", "", "time"):
            table.add_column(name, no_wrap=True, overflow="ellipsis", justify="right" if name == "time" else "left")
        now = self._monotonic()
        with self._lock:
            rows = list(self._rows.items())
        shown = sorted(range(len(rows)), key=lambda index: rows[index][1].since)[-_ROWS:]
        for index in sorted(shown):
            subject, row = rows[index]
            until = now if row.left is None else row.left
            cells = (subject, row.stage, row.detail, _clock(until - row.began))
            table.add_row(*(Text(one_line(cell)) for cell in cells))
        if len(rows) > _ROWS:
            table.add_row(Text(f"and {len(rows) - _ROWS} more", style=self._dim))
        return table


@contextlib.contextmanager
def progress(output: Output) -> Iterator[Progress]:
    """Show a run's progress where `output` speaks to people, until the block ends."""
    if output.screen.live:
        from rich.console import Console

        # No force: colours follow NO_COLOR and the terminal.
        with LiveProgress(Console(file=output.human, no_color=not output.screen.colour)) as live:
            yield live
    else:
        with PlainProgress(output.say) as plain:
            yield plain


def _clock(seconds: float) -> str:
    """Return "7 s", "2:05" or "1:02:03"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
