"""Telemetry of one command where HOTLAP_TELEMETRY asks for it; otherwise nothing is imported and nothing is wrapped."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import settings
from bot.adapters.git import GitCheckout
from bot.domain.errors import Refused
from bot.ports import Cache, Progress
from bot.ports.store import History
from bot.wiring.stores import remembering


@dataclass(frozen=True, slots=True)
class Watch:
    """What a command reports to, and what is put around its parts so that they are counted."""

    progress: Progress
    cache: Callable[[Cache], Cache] = lambda cache: cache
    history: Callable[[History], History] = lambda history: history
    flush: Callable[[], None] = lambda: None


@contextlib.contextmanager
def watched(repo: Path, progress: Progress, command: str) -> Iterator[Watch]:
    """Watch one command in the repository at `repo`; Refused where OpenTelemetry is not installed."""
    own = settings.load()
    if not own.telemetry:
        yield Watch(progress)
        return
    try:
        from bot.adapters.telemetry.instruments import CountedCache, CountedHistory
        from bot.adapters.telemetry.telemetry import Telemetry, TelemetrySettings
    except ModuleNotFoundError as error:
        raise Refused(f"HOTLAP_TELEMETRY needs the package {error.name!r}: install hotlap[otel]") from None
    metrics = remembering(GitCheckout(repo), os.environ)().metrics
    wanted = TelemetrySettings(own.telemetry_sample, own.otlp_endpoint)
    with Telemetry(metrics, wanted, command) as telemetry:
        meter = telemetry.meter
        yield Watch(
            telemetry.traced(progress),
            lambda cache: CountedCache(cache, "functions", meter),
            lambda history: CountedHistory(history, meter),
            telemetry.flush,
        )
