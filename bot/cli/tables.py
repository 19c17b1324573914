"""Tables for a terminal or a log: plain text, aligned, no colours needed."""

from collections.abc import Sequence

from bot.domain.allocation import Allocated, Allocation
from bot.domain.criterion import Criterion
from bot.domain.evidence import Comparison, Interval
from bot.report import goals, numbers

_TYPES = 4


def comparisons(found: Sequence[Comparison]) -> str:
    """Return one line for each benchmark: base, candidate, ratio with its interval, pairs and decision."""
    head = ("benchmark", "base", "candidate", "ratio", "interval", "cpu", "pairs", "decision")
    return aligned([head, *(_row(one) for one in found)]) if found else ""


def _row(one: Comparison) -> tuple[str, ...]:
    return (
        one.benchmark,
        seconds(one.base.wall_seconds),
        seconds(one.candidate.wall_seconds),
        f"{one.ratio.estimate:.3f}x",
        f"{one.ratio.low:.3f} to {one.ratio.high:.3f}",
        f"{one.cpu_ratio.estimate:.3f}x",
        str(one.pairs),
        f"{one.decision}{f' ({one.note})' if one.note else ''}",
    )


def figures(found: Sequence[Comparison]) -> str:
    """Return one line for each benchmark with the candidate's other figures and their ratios, where there are any."""
    measured = [one for one in found if one.samples]
    head = ("benchmark", "peak memory", "import", "first call", "cold input", "hot input", "rows/s")
    return aligned([head, *(_figures(one) for one in measured)]) if measured else ""


def criteria(found: Sequence[Criterion]) -> str:
    """Return the success criteria: one line for each goal and benchmark."""
    head = ("goal", "benchmark", "baseline", "target", "now", "standing")
    return aligned([head, *(_criterion(one) for one in found)]) if found else ""


def allocations(found: Sequence[Allocation]) -> str:
    """Return one line for each benchmark and arm: bytes at most, bytes and blocks that stay, the largest types."""
    head = ("benchmark", "arm", "peak", "kept", "blocks", "largest types")
    arms = [
        (one.benchmark, name, arm) for one in found for name, arm in (("base", one.base), ("candidate", one.candidate))
    ]
    return aligned([head, *((benchmark, name, *_allocated(arm)) for benchmark, name, arm in arms)]) if found else ""


def _allocated(arm: Allocated) -> tuple[str, ...]:
    if arm.reason:
        return ("-", "-", "-", f"not counted: {arm.reason}")
    types = ", ".join(f"{kind.count:,} {kind.name} ({numbers.size(kind.size)})" for kind in arm.types[:_TYPES])
    return (numbers.size(arm.peak), numbers.size(arm.kept), f"{arm.blocks:,}", types)


def _figures(one: Comparison) -> tuple[str, ...]:
    its = one.candidate
    rows = one.declared.rows
    return (
        one.benchmark,
        _with_ratio(numbers.size(its.peak_bytes) if its.peak_bytes else None, one.memory_ratio),
        _with_ratio(_time(its.import_seconds), one.import_ratio),
        _with_ratio(_time(its.first_call_seconds), one.first_call_ratio),
        _with_ratio(_time(its.cold_seconds), one.cold_ratio),
        _with_ratio(_time(its.hot_seconds), one.hot_ratio),
        "-" if rows is None else numbers.count(rows / its.wall_seconds),
    )


def _criterion(one: Criterion) -> tuple[str, ...]:
    shown = goals.cells(one)
    return (shown.name, shown.benchmark, shown.baseline, shown.target, shown.now, shown.standing)


def _with_ratio(value: str | None, ratio: Interval | None) -> str:
    return "-" if value is None or ratio is None else f"{value} ({ratio.estimate:.3f}x)"


def _time(value: float | None) -> str | None:
    return None if value is None else seconds(value)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines with aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def seconds(value: float) -> str:
    """Return a duration with a unit that leaves one to three digits before the point."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"
