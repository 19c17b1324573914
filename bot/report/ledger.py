"""The ledger as a page: what merged optimisations claimed, and what is left of it."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Standing
from bot.report import escape

_WORDS = {
    Standing.LASTING: "lasting",
    Standing.GONE: "**gone**",
    Standing.REGRESSION: "**slower**",
    Standing.UNDECIDED: "not known yet",
}
_LEGEND = (
    "A figure is how many times as fast the code is with the change as without it, with its interval; both are "
    "measured on the same hardware. Standing is what the last measurement that decided something says."
)


def ledger(entries: Sequence[LedgerEntry]) -> str:
    """Return the ledger as Markdown, the newest merge first."""
    lines = ["# Ledger of merged optimisations", "", summary(entries), ""]
    if entries:
        lines += [
            "| Merged | Merge request | Function | Benchmark | Claimed | Now | Measured | Standing |",
            "|---|---|---|---|---:|---:|---|---|",
            *(_row(one) for one in sorted(entries, key=lambda one: one.merged_at, reverse=True)),
            "",
            _LEGEND,
        ]
    return "\n".join(lines).strip() + "\n"


def summary(entries: Sequence[LedgerEntry]) -> str:
    """Return one sentence on how many gains last."""
    if not entries:
        return "Nothing was merged yet."
    count = Counter(one.standing for one in entries)
    decided = len(entries) - count[Standing.UNDECIDED]
    return (
        f"{len(entries):,} merged gains, {decided:,} of them measured again: {count[Standing.LASTING]:,} lasting, "
        f"{count[Standing.GONE]:,} gone, {count[Standing.REGRESSION]:,} slower than without the change."
    )


def _row(entry: LedgerEntry) -> str:
    last = entry.checks[-1] if entry.checks else None
    cells = [
        escape.text(entry.merged_at[:10]),
        escape.text(f"{entry.project}!{entry.mr}"),
        escape.cell(entry.target),
        escape.cell(entry.benchmark),
        _figure(entry.claimed),
        "" if last is None else _figure(last.ratio),
        "" if last is None else f"{escape.text(last.at[:10])} at {escape.cell(last.commit[:12])}",
        _WORDS[entry.standing],
    ]
    return f"| {' | '.join(str(one) for one in cells)} |"


def _figure(ratio: Interval) -> str:
    return f"{ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
