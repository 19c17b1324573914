import pytest

from bot.domain.goal import Metric, parsed
from bot.domain.naming import names


@pytest.mark.parametrize(
    ("metric", "text", "level", "factor", "unit"),
    [
        (Metric.LATENCY, "10 ms", 0.01, None, ""),
        (Metric.LATENCY, "<= 1.5s", 1.5, None, ""),
        (Metric.LATENCY, "\u2264 3 \u00b5s", 3e-6, None, ""),
        (Metric.LATENCY, "-20%", None, 0.8, ""),
        (Metric.LATENCY, "+5%", None, 1.05, ""),
        (Metric.LATENCY, "2x", None, 0.5, ""),
        (Metric.MEMORY, "200 MiB", 200 << 20, None, ""),
        (Metric.MEMORY, "1GB", 1e9, None, ""),
        (Metric.THROUGHPUT, "50_000 rows/s", 50_000, None, "rows"),
        (Metric.THROUGHPUT, ">= 2 calls/s", 2, None, "calls"),
        (Metric.THROUGHPUT, "1.5x", None, 1.5, ""),
        (Metric.THROUGHPUT, "+50 %", None, 1.5, ""),
        (Metric.COVERAGE, "80%", 0.8, None, ""),
    ],
)
def test_targets_as_people_write_them(metric, text, level, factor, unit):
    found = parsed(metric, text)
    assert found.level == pytest.approx(level)
    assert found.factor == pytest.approx(factor)
    assert (found.unit, found.text) == (unit, text)


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        (Metric.LATENCY, "10"),
        (Metric.LATENCY, "10 MB"),
        (Metric.LATENCY, "-100%"),
        (Metric.LATENCY, "0 ms"),
        (Metric.LATENCY, "0x"),
        (Metric.LATENCY, ">= 10 ms"),
        (Metric.LATENCY, "20%"),
        (Metric.LATENCY, "-" + "9" * 400 + "%"),
        (Metric.MEMORY, "10 ms"),
        (Metric.THROUGHPUT, "10 apples/s"),
        (Metric.THROUGHPUT, "10 rows"),
        (Metric.COVERAGE, "101%"),
        (Metric.COVERAGE, "+5%"),
        (Metric.COVERAGE, "2x"),
    ],
)
def test_what_cannot_be_read_names_valid_forms(metric, text):
    with pytest.raises(ValueError, match="must be such as"):
        parsed(metric, text)


@pytest.mark.parametrize(
    ("pattern", "meant"), [("*", True), ("bench_a*", True), ("b.py::bench_a[1]", True), ("bench_b*", False)]
)
def test_names_and_globs(pattern, meant):
    assert names(pattern, "b.py::bench_a[1]") is meant
