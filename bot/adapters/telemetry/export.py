"""OpenTelemetry's figures into the store: a finished span is a point with milliseconds, a counter one with a value."""

import datetime as dt
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.metrics import Counter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode

from bot.domain.errors import StoreError
from bot.domain.record import Point
from bot.ports.store import Metrics

_OWN = "hotlap."

_log = logging.getLogger(__name__)


class SpanKeeper(SpanExporter):
    """Writes spans into the store; what cannot be written is logged and lost, and the run goes on."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write a batch."""
        kept = _write(self._metrics, [_of_span(one) for one in spans])
        return SpanExportResult.SUCCESS if kept else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Nothing is held back here."""


class CountKeeper(MetricExporter):
    """Writes what counters have gained since the last time into the store."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(preferred_temporality={Counter: AggregationTemporality.DELTA})
        self._metrics = metrics

    def export(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 10_000,  # noqa: ARG002 - the interface's
        **_kwargs: Any,
    ) -> MetricExportResult:
        """Write all counters."""
        kept = _write(self._metrics, list(_of_counters(metrics_data)))
        return MetricExportResult.SUCCESS if kept else MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002 - the interface's
        """Nothing is held back here."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_kwargs: Any) -> None:
        """Nothing is held back here."""


def _write(metrics: Metrics, points: Sequence[Point]) -> bool:
    try:
        metrics.write(points)
    except StoreError as error:
        _log.warning("%d figure(s) about the bot were not kept: %s", len(points), error)
        return False
    return True


def _of_span(span: ReadableSpan) -> Point:
    attributes = dict(span.attributes or {})
    began, ended = span.start_time or 0, span.end_time or 0
    context = span.context
    return Point(
        id=secrets.token_hex(12) if context is None else f"{context.trace_id:032x}-{context.span_id:016x}",
        at=_moment(began),
        component=str(
            attributes.pop("hotlap.component", span.instrumentation_scope.name if span.instrumentation_scope else "")
        ),
        operation=span.name,
        milliseconds=(ended - began) / 1e6,
        memory_mb=_number(attributes.pop("hotlap.memory_mb", None)),
        cpu_percent=_number(attributes.pop("hotlap.cpu_percent", None)),
        success=span.status.status_code is not StatusCode.ERROR,
        error=span.status.description,
        context={name.removeprefix(_OWN): value for name, value in attributes.items()},
    )


def _of_counters(data: MetricsData) -> Iterator[Point]:
    for of_resource in data.resource_metrics:
        for scope in of_resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    if isinstance(point, NumberDataPoint):
                        yield _of_counter(metric.name, point)


def _of_counter(name: str, point: NumberDataPoint) -> Point:
    attributes: Mapping[str, Any] = point.attributes or {}
    return Point(
        id=secrets.token_hex(12),
        at=_moment(point.time_unix_nano),
        component=str(attributes.get("hotlap.component", "")),
        operation=name,
        value=float(point.value),
        context={key: value for key, value in attributes.items() if not key.startswith(_OWN)},
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _moment(nanoseconds: int) -> str:
    return dt.datetime.fromtimestamp(nanoseconds / 1e9, dt.UTC).isoformat()
