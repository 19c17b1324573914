"""Writes docs/benchmarks/proof.md: goals first, then every table with its counts, then what the figures do not say."""

import datetime as dt
import statistics
from collections.abc import Sequence
from pathlib import Path

from bot.evaluate.lockstep import machine
from bot.stats import plan
from bot.stats.compare import Answer
from tests.bench.proof import pictures, tables, trials, words
from tests.bench.proof.recordings import OverheadRow, Part, Recordings, WholeRow
from tests.bench.proof.tables import CONDITIONS, TRIALS, Data, Rows
from tests.bench.proof.target import KINDS, OTHERS


def write(recordings: Recordings, planned: Sequence[Part], docs: Path, count: int = TRIALS) -> None:
    """Write the report and the pictures from whatever is recorded."""
    data = Data(recordings, planned, count)
    place = docs / "benchmarks"
    place.mkdir(parents=True, exist_ok=True)
    pictures.draw(data, docs / "pictures")
    (place / "proof.md").write_text("\n".join(_lines(data)), encoding="utf-8")


def _lines(data: Data) -> list[str]:
    covered, holding, drawn = tables.covered(data)
    return [
        "# Proof: who calls what a change",
        "",
        "Written by `make bench-proof`; the raw recordings stay in `proof-out/`, where another call finds them.",
        "",
        *_about(data),
        "",
        "## Goals",
        *_table(("goal", "found", "met"), _goals(data, holding, drawn)),
        "",
        words.SHARED.format(trials=data.count),
        "",
        "## Equal arms come out equal",
        "log(candidate / base) of base against base, labels as recorded. Spread: robust standard deviation of a pair.",
        "",
        *_table(
            ("", "work", "pairs", "mean +- standard error", "Hodges-Lehmann", "spread", "spread by first quartiles",
             "slices", "a pair takes"),
            tables.balances(data),
        ),
        "",
        '## False calls, and the time to "no gain"',
        *_table(
            ("", "work", "called before confirmation", "after it", "in turn", "no gain", "undecided", "median time",
             "pairs"),
            tables.false_calls(data),
        ),
        "",
        "## Power",
        words.POWER,
        *(line for condition in ("loaded", "calm") for line in _power(data, condition)),
        "",
        "Arms that really differ, under load (2% with a margin of 0):",
        "",
        *_table(("counted", "work", "pairs", "measured", "in time", "in turn", "median time"), tables.counted(data)),
        "",
        "## Intervals",
        "99% intervals of 20 pairs, effects between -20% and +25% drawn and injected:",
        "",
        *_table(("work", *CONDITIONS), covered),
        "",
        "## The decision rules of other tools on the same machine in the same hour",
        words.SIDE_BY_SIDE,
        "",
        *_table(
            ("tool", "rule", "A/A calm", "A/A loaded", "2% loaded", "5% loaded", "10% loaded",
             "independent (calm, loaded)", "mean time of A/A, loaded"),
            tables.side_by_side(data),
        ),
        "",
        words.SOURCES,
        "",
        "## The supervisor's share of a slice",
        *_overhead(data),
        "",
        "## A whole answer",
        *_table(("", "arms", "answers", "median", "longest"), _wholes(data)),
        "",
        words.LIMITS,
    ]  # fmt: skip


def _table(head: Sequence[str], rows: Rows) -> list[str]:
    if not rows:
        return ["", "not recorded"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return ["", *lines, *(f"| {' | '.join(row)} |" for row in rows)]


def _power(data: Data, condition: str) -> list[str]:
    head = (condition, "5% in 5 s", "2% in 10 s, margin 0", "2% in 10 s, margin 1%", "10% in 5 s")
    return _table(head, tables.powers(data, condition))


def _about(data: Data) -> list[str]:
    found = machine.describe("", fixed_layout=True)
    known = [data.recordings.about(part) for part in data.planned if data.recordings.has(part)]
    lines = [f"- Machine: {found.cpu_model}, {found.cores} cores, {found.kernel}, governor {found.governor}."]
    if known:
        began = dt.datetime.fromtimestamp(min(one["begun"] for one in known), dt.UTC)
        minutes = sum(one["seconds"] for one in known) / 60
        lines.append(f"- Recorded from {began:%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes of recording.")
    for condition in CONDITIONS:
        loads = [data.recordings.about(part)["load"]["after"] for part in data.planned
                 if part.condition == condition and data.recordings.has(part)]  # fmt: skip
        if loads:
            least, most = min(loads), max(loads)
            said = f"load average {statistics.median(loads):.1f} (from {least:.1f} to {most:.1f}), ours included"
            lines.append(f"- {condition.capitalize()}: {said}.")
    missing = [part.name for part in data.planned if not data.recordings.has(part)]
    return [*lines, f"- Not recorded: {', '.join(missing)}."] if missing else lines


def _goals(data: Data, holding: int, drawn: int) -> Rows:
    rows: Rows = []
    for condition in CONDITIONS:
        made = [one for kind in KINDS for one in data.equal(condition, kind)]
        called, published = sum(one.called for one in made), sum(one.published for one in made)
        rows.append((f"A/A {condition}: at most 1% called before confirmation", tables.share(called, len(made)),
                     _met(100 * called <= len(made), len(made))))  # fmt: skip
        rows.append((f"A/A {condition}: at most 0.1% after it", tables.share(published, len(made)),
                     _met(1000 * published <= len(made), len(made))))  # fmt: skip
    made = [one for kind in OTHERS for condition in CONDITIONS for one in data.equal(condition, kind)]
    called = sum(one.called for one in made)
    rows.append(("A/A of pytest-benchmark, asv, command: at most 1% called", tables.share(called, len(made)),
                 _met(100 * called <= len(made), len(made))))  # fmt: skip
    for kind in (*KINDS, *OTHERS):
        for gain, margin, limit, wanted in ((1.05, 0.01, 5.0, 0.95), (1.02, 0.0, 10.0, 0.90)):
            made = data.equal("loaded", kind, gain, margin)
            right = sum(one.answer is Answer.FASTER and one.seconds <= limit for one in made)
            goal = f"{kind}, loaded: {100 * gain - 100:.0f}% in {limit:.0f} s with {wanted:.0%}"
            rows.append((goal, tables.share(right, len(made)), _met(right >= wanted * len(made), len(made))))
        made = data.equal("loaded", kind)
        if made:
            usual = statistics.median(one.seconds for one in made)
            rows.append((f"{kind}, loaded: an answer on equal arms in 3 s", f"{usual:.1f} s", _met(usual <= 3, 1)))
    rows.append(("99% intervals hold the truth in 98.5%", tables.share(holding, drawn),
                 _met(holding >= 0.985 * drawn, drawn)))  # fmt: skip
    return rows + _means(data)


def _means(data: Data) -> Rows:
    rows: Rows = []
    for condition in CONDITIONS:
        for kind in KINDS:
            found = data.pairs(condition, kind)
            if found is not None:
                one = trials.balance(found, 0.0)
                said = f"{100 * one.mean:+.2f}% +- {100 * one.error:.2f} (Hodges-Lehmann {100 * one.centre:+.2f}%)"
                rows.append((f"{kind}, {condition}: A/A mean within 0.3%", said, _met(abs(one.mean) <= 0.003, 1)))
    return rows


def _met(true: bool, count: int) -> str:
    return ("yes" if true else "no") if count else "not recorded"


def _overhead(data: Data) -> list[str]:
    rows: list[OverheadRow] = data.rows("overhead", "calm", KINDS[0])  # type: ignore[assignment]
    if not rows:
        return ["", "not recorded"]
    empty = statistics.median(row.empty for row in rows)
    # Twice a slice of k calls holds one request more than a slice of 2k calls.
    from_slices = statistics.median(2 * row.single - row.double for row in rows)
    left = abs(from_slices - empty)
    text = words.OVERHEAD.format(
        empty=1e6 * empty,
        count=len(rows),
        slices=1e6 * from_slices,
        left=1e6 * left,
        part=100 * left / plan.SLICE_SECONDS,
    )
    return ["", text]


def _wholes(data: Data) -> Rows:
    rows: Rows = []
    for condition in CONDITIONS:
        for amount, arms in ((1000, "equal"), (1050, "5% faster")):
            found: list[WholeRow] = data.rows("whole", condition, KINDS[-1], amount)  # type: ignore[assignment]
            if not found:
                continue
            answers = [f"{one.decision}, then {one.confirmed}" if one.confirmed else one.decision for one in found]
            counts = "; ".join(f"{answers.count(one)} x {one}" for one in sorted(set(answers)))
            times = [one.seconds for one in found]
            rows.append((condition, arms, counts, f"{statistics.median(times):.1f} s", f"{max(times):.1f} s"))
    return rows
