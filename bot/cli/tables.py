"""Tables for a terminal or a log: plain text, aligned, no colours needed."""

from collections.abc import Sequence

from bot.domain.evidence import Comparison


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
