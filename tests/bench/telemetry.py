"""What it costs to watch the bot: the same search with telemetry off and on, in turns, and the cost of one step.

A step of a real run takes seconds; here it takes a millisecond of work, so that the share shown is an upper bound.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.adapters.store.database import connect
from bot.adapters.store.metrics import SqlMetrics
from bot.adapters.store.migrate import opened
from bot.adapters.telemetry.telemetry import Telemetry, TelemetrySettings
from bot.ports import Progress
from tests.fakes.ports import FakeClock

MOST_SHARE = 0.05


class Silent:
    """Implements `ports.Progress` and says nothing."""

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Do nothing."""


def work(turns: int) -> None:
    """Keep the processor busy for a fixed amount of work, not of time."""
    total = 0
    for number in range(turns):
        total += number & 7


def search(progress: Progress, steps: int, turns: int) -> None:
    """Do `steps` steps as a run reports them."""
    for number in range(steps):
        progress.step("pkg/module.py::work" if number % 3 else "run", ("propose", "candidate", "verdict")[number % 3])
        work(turns)


def turns_of_a_millisecond() -> int:
    """Return how many turns of the loop take a millisecond here."""
    best = min(_seconds(lambda: work(10_000)) for _ in range(20))
    return int(10_000 * 0.001 / best)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def watched(metrics: SqlMetrics, steps: int, turns: int) -> None:
    """Do the same with telemetry; what is flushed at the end counts as well."""
    with Telemetry(metrics, TelemetrySettings(), "bench") as telemetry:
        search(telemetry.traced(Silent()), steps, turns)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=25)
    asked = parser.parse_args()
    turns = turns_of_a_millisecond()
    with tempfile.TemporaryDirectory() as name:
        database = opened(connect(str(Path(name) / "store.sqlite"), FakeClock().now, lambda text: text))
        metrics = SqlMetrics(database)
        shares, plain = [], []
        for number in range(asked.pairs):
            off = lambda: search(Silent(), asked.steps, turns)  # noqa: E731 - two names for two arms
            on = lambda: watched(metrics, asked.steps, turns)  # noqa: E731
            # The order changes, so that a drift of the machine hits both.
            first, second = (off, on) if number % 2 else (on, off)
            one, two = _seconds(first), _seconds(second)
            without, with_it = (one, two) if number % 2 else (two, one)
            plain.append(without)
            shares.append(with_it / without - 1)
        database.close()
    share = statistics.median(shares)
    each = statistics.median(plain) / asked.steps
    print(f"{asked.pairs} pairs of {asked.steps} steps, {1000 * each:.2f} ms each without telemetry")
    print(f"telemetry on: {100 * share:+.2f}% (median; quartiles {_quartiles(shares)})")
    print(f"that is {share * each * 1e6:.0f} us a step")
    print("telemetry off: nothing is wrapped or imported")
    print(f"{'over' if share > MOST_SHARE else 'under'} the {100 * MOST_SHARE:.0f}% that it may cost")
    return 1 if share > MOST_SHARE else 0


def _quartiles(shares: list[float]) -> str:
    low, _, high = statistics.quantiles(shares, n=4)
    return f"{100 * low:+.2f}% to {100 * high:+.2f}%"


if __name__ == "__main__":
    sys.exit(main())
