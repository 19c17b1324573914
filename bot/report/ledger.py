"""The ledger as a page: what merged optimisations claimed, and what is left of it."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Standing
from bot.report import escape

_WORDS = {
    Standing.LASTING: "lasting",
    Standing.GONE: "gone",
    Standing.REGRESSION: "slower",
    Standing.UNDECIDED: "not known yet",
}
TITLE = "Ledger of merged optimisations"
HEADS = ("Merged", "Merge request", "Function", "Benchmark", "Claimed", "Now", "Measured", "Standing")
_CODE = frozenset({"Function", "Benchmark"})
_MOST = 20
LEGEND = (
    "A figure is how many times as fast the code is with the change as without it, with its interval; both are "
    "measured on the same hardware. Standing is what the last measurement that decided something says."
)


def ledger(entries: Sequence[LedgerEntry]) -> str:
    """Return the ledger as Markdown, the newest merge first; claims that wait for their merge are not in it."""
    found = rows(entries)
    lines = [f"# {TITLE}", "", summary(entries), ""]
    if found:
        lines += [f"| {' | '.join(HEADS)} |", "|---|---|---|---|---:|---:|---|---|", *map(_row, found), "", LEGEND]
    return "\n".join(lines).strip() + "\n"


def summary(entries: Sequence[LedgerEntry]) -> str:
    """Return one sentence on how many gains last."""
    entries = [one for one in entries if one.landed]
    if not entries:
        return "Nothing was merged yet."
    count = Counter(one.standing for one in entries)
    decided = len(entries) - count[Standing.UNDECIDED]
    return (
        f"{len(entries):,} merged gains, {decided:,} of them measured again: {count[Standing.LASTING]:,} lasting, "
        f"{count[Standing.GONE]:,} gone, {count[Standing.REGRESSION]:,} slower than without the change."
    )


def section(entries: Sequence[LedgerEntry]) -> str:
    """Return what the dashboard shows of the ledger: the sentence, and what does not last."""
    landed = [one for one in entries if one.landed]
    if not landed:
        return ""
    bad = [one for one in landed if one.standing in {Standing.GONE, Standing.REGRESSION}]
    lines = [f"- !{one.mr} {escape.code(one.target)}: **{_WORDS[one.standing]}**" for one in bad[:_MOST]]
    return "\n".join(["### Merged gains", "", summary(landed), *(["", *lines] if lines else [])]) + "\n"


def rows(entries: Sequence[LedgerEntry]) -> list[tuple[str, ...]]:
    """Return the cells of each line under `HEADS` in plain text, the newest merge first."""
    landed = sorted((one for one in entries if one.landed), key=lambda one: one.merged_at, reverse=True)
    return [_cells(one) for one in landed]


def _row(cells: Sequence[str]) -> str:
    texts = [
        str(escape.cell(cell) if head in _CODE else escape.text(cell)) for head, cell in zip(HEADS, cells, strict=True)
    ]
    return f"| {' | '.join(texts)} |"


def _cells(entry: LedgerEntry) -> tuple[str, ...]:
    last = next((one for one in reversed(entry.checks) if not one.searched), None)
    return (
        entry.merged_at[:10],
        f"{entry.project}!{entry.mr}",
        entry.target,
        entry.benchmark,
        _figure(entry.claimed),
        "" if last is None or last.ratio is None else _figure(last.ratio),
        "" if last is None else f"{last.at[:10]} at {last.commit[:12]}",
        f"{_WORDS[entry.standing]}{': ' if entry.note else ''}{entry.note}",
    )


def _figure(ratio: Interval) -> str:
    return f"{ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
