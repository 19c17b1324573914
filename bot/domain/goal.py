"""What somebody wants to reach: "10 ms", "-20%", "50000 rows/s", "80%" as values."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """What a goal is about."""

    LATENCY = "latency"
    MEMORY = "memory"
    THROUGHPUT = "throughput"
    COVERAGE = "coverage"

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return self in {Metric.THROUGHPUT, Metric.COVERAGE}


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal; `text` is the target as it was written.

    Either `level` is set (seconds, bytes, `unit`s in a second, or a share of lines) or `factor`, which the base's
    figure is multiplied with. `benchmark` is a pattern. `unit` is "rows", "features" or "calls" for throughput.
    """

    metric: Metric
    text: str
    level: float | None = None
    factor: float | None = None
    unit: str = ""
    benchmark: str = "*"
    name: str = ""


_TIMES = {"ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}
_UNITS = ("rows", "features", "calls")
_NUMBER = r"(\d[\d_]{0,17}(?:\.\d{1,9})?)"
_EXAMPLES = {
    Metric.LATENCY: "10 ms, -20% or 1.5x",
    Metric.MEMORY: "200 MiB, -20% or 1.5x",
    Metric.THROUGHPUT: "50000 rows/s, +20% or 1.5x",
    Metric.COVERAGE: "80%",
}


def parsed(metric: Metric, text: str) -> Goal:
    """Return the goal that `text` says; ValueError with a clause that names valid forms for anything else."""
    wrong = ValueError(f"must be such as {_EXAMPLES[metric]}")
    # The direction is known; who writes it all the same means this one.
    bare = re.sub("^(>=|\u2265)\\s*" if metric.rises else "^(<=|\u2264)\\s*", "", text.strip())
    if metric is not Metric.COVERAGE and (factor := _factor(metric, bare)) is not None:
        if factor <= 0:
            raise wrong
        return Goal(metric, text.strip(), factor=factor)
    found = re.fullmatch(rf"{_NUMBER}\s*([A-Za-z\u00b5\u03bc/%]{{1,10}})", bare)
    level = _level(metric, float(found[1].replace("_", "")), found[2]) if found else None
    if found is None or level is None or level <= 0:
        raise wrong
    return Goal(metric, text.strip(), level=level, unit=found[2].removesuffix("/s") if "/" in found[2] else "")


def _factor(metric: Metric, text: str) -> float | None:
    """Return what the base's figure is multiplied with: "-20%" is 0.8; "1.5x" is 1.5 times better."""
    if change := re.fullmatch(rf"([+-])\s*{_NUMBER}\s*%", text):
        return 1 + float(change[1] + change[2].replace("_", "")) / 100
    if times := re.fullmatch(rf"{_NUMBER}\s*[xX]", text):
        value = float(times[1].replace("_", ""))
        return value if metric.rises or value == 0 else 1 / value
    return None


def _level(metric: Metric, value: float, unit: str) -> float | None:
    if metric is Metric.LATENCY:
        return value * _TIMES[unit] if unit in _TIMES else None
    if metric is Metric.MEMORY:
        return value * _SIZES[unit.upper()] if unit.upper() in _SIZES else None
    if metric is Metric.THROUGHPUT:
        return value if unit in {f"{one}/s" for one in _UNITS} else None
    return value / 100 if unit == "%" and value <= 100 else None
