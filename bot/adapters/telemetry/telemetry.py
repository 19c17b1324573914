"""OpenTelemetry put together for one command: sampled, in batches, to the store and to a collector."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

import bot
from bot.adapters.telemetry.export import CountKeeper, SpanKeeper
from bot.adapters.telemetry.instruments import TracedProgress
from bot.ports import Progress
from bot.ports.store import Metrics

_FLUSH_MS = 60_000
_AT_ONCE = 512
_QUEUED = 4096
_COLLECTOR_SECONDS = 5


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """`sample` is the share of commands whose steps are kept (counters are exact); `collector` speaks OTLP/HTTP."""

    sample: float = 1.0
    collector: str | None = None


class Telemetry:
    """Watches one command; on exit everything is flushed, and what failed counts as failed."""

    def __init__(self, metrics: Metrics, settings: TelemetrySettings, command: str) -> None:
        resource = Resource({"service.name": "hotlap", "service.version": bot.__version__})
        sampler = ParentBased(TraceIdRatioBased(settings.sample))
        self._spans = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self._spans.add_span_processor(_batched(SpanKeeper(metrics)))
        readers: list[MetricReader] = [PeriodicExportingMetricReader(CountKeeper(metrics), _FLUSH_MS)]
        if settings.collector is not None:
            readers.append(self._tell(settings.collector))
        self._counts = MeterProvider(readers, resource, shutdown_on_exit=False)
        self._command = command
        self._progress: TracedProgress | None = None

    @property
    def meter(self) -> Meter:
        """Where counters come from."""
        return self._counts.get_meter("hotlap")

    def traced(self, progress: Progress) -> TracedProgress:
        """Return `progress` with its steps as spans."""
        self._progress = TracedProgress(progress, self._spans.get_tracer("hotlap"), self._command)
        return self._progress

    def flush(self) -> None:
        """Write what has ended so far."""
        self._spans.force_flush()
        self._counts.force_flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.close(error)
        self._spans.shutdown()
        self._counts.shutdown()

    def _tell(self, collector: str) -> MetricReader:
        """Send spans to a collector as well, and return what sends counters there."""
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        base = collector.rstrip("/")
        spans = OTLPSpanExporter(endpoint=f"{base}/v1/traces", timeout=_COLLECTOR_SECONDS)
        self._spans.add_span_processor(_batched(spans))
        counts = OTLPMetricExporter(endpoint=f"{base}/v1/metrics", timeout=_COLLECTOR_SECONDS)
        return PeriodicExportingMetricReader(counts, _FLUSH_MS)


def _batched(exporter: SpanExporter) -> BatchSpanProcessor:
    return BatchSpanProcessor(
        exporter, max_queue_size=_QUEUED, schedule_delay_millis=_FLUSH_MS, max_export_batch_size=_AT_ONCE
    )
