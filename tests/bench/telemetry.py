"""What it costs to watch the bot: the same steps with telemetry off and on, in turns, flushing into the store included.

CPU time of all threads decides, wall time is shown beside it. Most steps of a real run take seconds; here each takes
ten milliseconds of work, so that the share is an upper bound.
"""

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.adapters.store.database import connect
from bot.adapters.store.metrics import SqlMetrics
from bot.adapters.store.migrate import opened
from bot.adapters.telemetry.telemetry import Telemetry, TelemetrySettings
from bot.ports import Progress
from tests.fakes.ports import FakeClock

MOST_SHARE = 0.05
BLOCK = bytes(2000)
STAGES = ("propose", "candidate", "verdict")


class Silent:
    """Implements `ports.Progress` and says nothing."""

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Do nothing."""


def work(turns: int) -> None:
    """Keep the processor busy for a fixed amount of work, not of time."""
    total = hashlib.sha256()
    for _ in range(turns):
        total.update(BLOCK)


def search(progress: Progress, steps: int, turns: int) -> None:
    """Do `steps` steps as a run reports them."""
    for number in range(steps):
        progress.step("pkg/module.py::work" if number % 4 else "run", STAGES[number % 3])
        work(turns)


def watched(metrics: SqlMetrics, steps: int, turns: int) -> None:
    """Do the same with telemetry; what is flushed at the end counts as well."""
    with Telemetry(metrics, TelemetrySettings(), "bench") as telemetry:
        search(telemetry.traced(Silent()), steps, turns)


def turns_of(milliseconds: float) -> int:
    """Return how many turns of the loop take so long here."""
    best = min(spent(lambda: work(2_000))[0] for _ in range(20))
    return int(2_000 * milliseconds / 1000 / best)


def spent(call: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU seconds of all threads, and the seconds by the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def pairs(metrics: SqlMetrics, count: int, steps: int, turns: int) -> Iterator[tuple[tuple[float, float], ...]]:
    """Yield what the steps took without and with telemetry; the order changes, so that a drift hits both."""
    for number in range(count):
        calls = [lambda: search(Silent(), steps, turns), lambda: watched(metrics, steps, turns)]
        order = (0, 1) if number % 2 else (1, 0)
        took = {which: spent(calls[which]) for which in order}
        yield took[0], took[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--milliseconds", type=float, default=10.0)
    asked = parser.parse_args()
    turns = turns_of(asked.milliseconds)
    with tempfile.TemporaryDirectory() as name:
        database = opened(connect(str(Path(name) / "store.sqlite"), FakeClock().now, str))
        metrics = SqlMetrics(database)
        watched(metrics, 10, turns)  # what is loaded at first use is not the cost of a step
        found = list(pairs(metrics, asked.pairs, asked.steps, turns))
        database.close()
    cpu = [on[0] / off[0] - 1 for off, on in found]
    each = statistics.median((on[0] - off[0]) / asked.steps for off, on in found)
    print(f"{asked.pairs} pairs of {asked.steps} steps of {asked.milliseconds:g} ms")
    print(f"CPU time with telemetry: {_shares(cpu)}; {each * 1e6:.0f} us a step")
    print(f"by the clock: {_shares([on[1] / off[1] - 1 for off, on in found])}")
    print("switched off: nothing of it is imported, and nothing is wrapped")
    over = statistics.median(cpu) > MOST_SHARE
    print(f"{'over' if over else 'under'} the {100 * MOST_SHARE:.0f}% that it may cost")
    return 1 if over else 0


def _shares(shares: list[float]) -> str:
    low, middle, high = (f"{100 * one:+.2f}%" for one in statistics.quantiles(shares, n=4))
    return f"{middle} (quartiles {low} to {high})"


if __name__ == "__main__":
    sys.exit(main())
