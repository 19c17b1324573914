"""What people read when a merged gain is gone or costs time by now: an issue, or a merge request that reverts."""

from collections.abc import Sequence

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Remeasured
from bot.report.escape import code, mentionless, text

_SHOWN = 20
_HOW = (
    "Measured on the hardware of the claim, in lock-step: the tree as it is against the same tree without this "
    "change. A figure is the time without it over the time with it, with its interval."
)


def issue(entry: LedgerEntry, suspects: Sequence[str]) -> tuple[str, str]:
    """Return title and description of the issue on a gain that is gone; `suspects` are the commits it went with."""
    if len(suspects) == 1:
        who = f"It ended with {code(suspects[0])}."
    else:
        shown = ", ".join(str(code(one)) for one in suspects[:_SHOWN])
        who = f"The commit that ended it could not be told; it is one of these: {shown}."
    ask = (
        "Nothing was changed. If the code is not worth its gain any more, revert the merge request; if the gain is "
        "still wanted, look at what the commit changed for this benchmark. Close this issue when it is decided: "
        "Hotlap does not measure this change again."
    )
    title = mentionless(f"The gain of !{entry.mr} in {entry.target} is gone")
    return title, "\n\n".join([*_head(entry), who, ask, *_table(entry)]) + "\n"


def revert(entry: LedgerEntry) -> tuple[str, str, str]:
    """Return title, description and commit message of the merge request that takes a change back."""
    title = mentionless(f"Draft: Revert !{entry.mr}: {entry.target} is slower with it than without it")
    ask = (
        "This is the exact reverse of what was merged, and a draft for a person to decide on. Close it to keep the "
        "change as it is: it is not proposed again."
    )
    message = (
        f"Revert merge request {entry.mr}, which costs time by now\n\n"
        f"This reverts what came with commit {entry.merged}.\n"
    )
    return title, "\n\n".join([*_head(entry), ask, *_table(entry)]) + "\n", message


def _head(entry: LedgerEntry) -> list[str]:
    now = "" if entry.last is None else f" Now it is worth {_times(entry.last.ratio)}."
    where = f"on {code(entry.benchmark)}, on {text(entry.hardware)}"
    said = f"Merge request !{entry.mr} made {code(entry.target)} faster: {_times(entry.claimed)} {where}.{now}"
    return [said, _HOW]


def _table(entry: LedgerEntry) -> list[str]:
    rows = [_row(one) for one in entry.checks[-_SHOWN:]]
    return ["\n".join(["| Measured | Commit | Figure | Standing |", "|---|---|---:|---|", *rows])]


def _row(one: Remeasured) -> str:
    return f"| {text(one.at[:10])} | {code(one.commit[:12])} | {_times(one.ratio)} | {text(one.standing)} |"


def _times(ratio: Interval | None) -> str:
    return "not measured" if ratio is None else f"{ratio.estimate:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})"
