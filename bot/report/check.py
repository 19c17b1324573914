"""The regression gate's report as Markdown: legible in a terminal, and in a merge request."""

from collections.abc import Sequence

from bot.domain.check import Answer, Checked, Row, Standing
from bot.domain.evidence import Comparison
from bot.report import numbers
from bot.report.escape import Markdown, cell, code, text

_ORDER = (
    Standing.FAILED,
    Standing.SLOWER,
    Standing.UNDECIDED,
    Standing.NOISY,
    Standing.CHANGED,
    Standing.NOT_SLOWER,
    Standing.FASTER,
    Standing.NEW,
)
_SHOWN = 100
_NAMED = 10


def sentence(found: Checked) -> str:
    """Return the answer in one sentence of plain text."""
    margin = numbers.percent(found.margin)
    if found.answer is Answer.SLOWER:
        return f"Slower by more than {margin}: {_names(found.of(Standing.SLOWER))}"
    if found.answer is Answer.FAILED:
        return f"Runs on the base and fails on head: {_names(found.of(Standing.FAILED))}"
    if found.answer is Answer.NOISY:
        return "Nothing is known: this machine is too noisy now, base against base already differs"
    if found.answer is Answer.UNDECIDED:
        undecided = _names(found.of(Standing.UNDECIDED))
        return f"No slowdown beyond {margin} is proven, but it is not ruled out either: {undecided}"
    timed = sum(row.comparison is not None for row in found.rows)
    if not timed:
        return "Nothing was timed, so nothing is slower"
    return f"No slowdown beyond {margin} on {numbers.counted(timed, 'benchmark')}"


def markdown(found: Checked) -> str:
    """Return the whole report; ratios are base time over head time, so that 1.25 means 25% faster."""
    lines = ["# Speed check", "", Markdown(f"**{text(sentence(found), 4000)}.**"), ""]
    lines += [f"- {code(found.base[:12])} to {code(found.head[:12])}"]
    lines += [f"- {text(note, 4000)}" for note in found.notes]
    rows = sorted((row for row in found.rows if row.standing in _ORDER), key=lambda row: _ORDER.index(row.standing))
    if rows:
        lines += ["", *_table(rows[:_SHOWN])]
    if len(rows) > _SHOWN:
        lines += ["", f"and {len(rows) - _SHOWN} more, all listed in the JSON"]
    return "\n".join([*lines, "", *_ending(found)]).rstrip() + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    """Return a table whose columns are aligned, so that it can be read before it is rendered, too."""
    head = ("benchmark", "base", "head", "ratio", "interval", "decision", "remark")
    cells = [head, *(_cells(row) for row in rows)]
    # The last column is prose of any length: padding it would only make lines longer.
    widths = [max(len(line[place]) for line in cells) for place in range(len(head) - 1)]
    rule = (*("-" * width for width in widths), "---")
    return [_line(line, widths) for line in (head, rule, *cells[1:])]


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = [part.ljust(width) for part, width in zip(line, widths, strict=False)]
    return f"| {' | '.join([*padded, line[-1]])} |"


def _cells(row: Row) -> tuple[str, ...]:
    decision = row.standing.removeprefix("check.").replace("-", " ")
    figures = _figures(row.comparison) if row.comparison is not None and row.comparison.samples else ("",) * 4
    return (cell(row.benchmark), *figures, decision, text(row.remark, 400))


def _figures(one: Comparison) -> tuple[str, str, str, str]:
    return (
        numbers.duration(one.base.wall_seconds),
        numbers.duration(one.candidate.wall_seconds),
        numbers.ratio(one.ratio.estimate),
        numbers.interval(one.ratio),
    )


def _ending(found: Checked) -> list[str]:
    """Return what the figures rest on; figures of no measurement need no explanation."""
    lines = []
    away = len(found.of(Standing.NOT_REACHED))
    if away:
        lines += [f"Not reached by the change, so not timed: {numbers.counted(away, 'benchmark')}.", ""]
    isolation = f"Isolation: {found.isolation.said}."
    if found.canary is None:
        return [*lines, isolation]
    level = numbers.percent(found.confidence)
    lines.append(
        f"A ratio is base time over head time, with its {level} interval; below {1 / (1 + found.margin):.3f} head is "
        f"slower by more than {numbers.percent(found.margin)}. Slower means that a second measurement with fresh "
        "processes confirmed it, with its whole interval beyond that; other intervals come from the first one."
    )
    if found.machine is not None:
        about = f"{found.machine.cpu_model}, {numbers.counted(found.machine.cores, 'core')}, {found.machine.python}"
        lines += ["", f"Measured on {text(about)} in {numbers.duration(found.seconds)}."]
    return [*lines, "", isolation]


def _names(rows: Sequence[Row]) -> str:
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return ", ".join(row.benchmark for row in rows[:_NAMED]) + more
