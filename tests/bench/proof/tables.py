"""The tables of the report: each function turns recordings into rows of text with raw counts."""

import math
import random
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.stats.compare import Answer
from bot.stats.summary import fastest_quarter, lower_quartile, robust_sd
from tests.bench.proof import replay, trials
from tests.bench.proof.recordings import PairRow, Part, Recordings
from tests.bench.proof.rules import rules
from tests.bench.proof.target import KINDS, OTHERS, WORDS
from tests.bench.proof.trials import Series, Trial

TRIALS = 250
CONDITIONS = ("calm", "loaded")
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Data:
    """Recordings by what they are of, and the number of trials in a cell; equal recordings give equal reports."""

    recordings: Recordings
    planned: Sequence[Part]
    count: int = TRIALS

    def pairs(self, condition: str, kind: str, share: int = 1000) -> Series | None:
        """Return the pairs of one recording, None where there are too few."""
        rows = self.rows("pairs", condition, kind, share)
        return trials.series(rows) if len(rows) >= trials.CONFIRM_PAIRS else None

    def rows(self, form: str, condition: str, kind: str, share: int = 1000) -> list[PairRow]:
        """Return the rows of one part; empty where it is missing."""
        for part in self.planned:
            if (part.form, part.condition, part.kind, part.share) == (form, condition, kind, share):
                return self.recordings.rows(part)
        return []

    def source(self, *words: object) -> random.Random:
        """Return the draws of one cell."""
        return random.Random(repr(words))  # noqa: S311 - the same report from the same recordings

    def equal(self, condition: str, kind: str, gain: float = 1.0, margin: float = 0.01) -> list[Trial]:
        """Return trials on equal arms; empty where nothing was recorded."""
        found = self.pairs(condition, kind)
        source = self.source(condition, kind, gain, margin)
        return [] if found is None else trials.equal(found, self.count, source, gain=gain, margin=margin)


def share(part: int, whole: int) -> str:
    """Return a count with its percentage."""
    return f"{part}/{whole} ({100 * part / whole:.1f}%)" if whole else "not recorded"


def seconds(values: Iterable[float]) -> str:
    """Return the median of seconds."""
    found = list(values)
    return f"{statistics.median(found):.1f} s" if found else "-"


def balances(data: Data) -> Rows:
    """Return whether equal arms come out equal, by condition and kind."""
    rows: Rows = []
    for condition, kind in _cells():
        found = data.pairs(condition, kind)
        if found is None:
            continue
        raw = data.rows("pairs", condition, kind)
        fastest, quartiles = spread(raw, fastest_quarter), spread(raw, lower_quartile)
        one = trials.balance(found, fastest)
        each = statistics.median(found.seconds)
        slices = statistics.median(len(row.base) for row in raw)
        rows.append((
            condition, WORDS[kind], str(one.pairs), f"{100 * one.mean:+.2f}% +- {100 * one.error:.2f}",
            f"{100 * one.centre:+.2f}%", f"{100 * fastest:.2f}%", f"{100 * quartiles:.2f}%", f"{slices:.0f}",
            f"{each:.2f} s",
        ))  # fmt: skip
    return rows


def false_calls(data: Data) -> Rows:
    """Return calls on equal arms before and after confirmation, and how long "no gain" takes."""
    rows: Rows = []
    for condition, kind in _cells():
        found = data.pairs(condition, kind)
        if found is None:
            continue
        made = data.equal(condition, kind)
        alone = trials.in_turn(found)
        none = [one for one in made if one.answer is Answer.EQUIVALENT]
        undecided = sum(one.answer is Answer.UNDECIDED for one in made)
        rows.append((
            condition, WORDS[kind], share(sum(one.called for one in made), len(made)),
            share(sum(one.published for one in made), len(made)), f"{sum(one.called for one in alone)}/{len(alone)}",
            share(len(none), len(made)), str(undecided), seconds(one.seconds for one in made),
            str(round(statistics.median(one.pairs for one in made))),
        ))  # fmt: skip
    return rows


def powers(data: Data, condition: str) -> Rows:
    """Return how often true effects are called in their time: injected into equal arms, and counted work."""
    rows: Rows = []
    for kind in (*KINDS, *OTHERS):
        if data.pairs(condition, kind) is None:
            continue
        cells = [
            _within(data.equal(condition, kind, gain, margin), limit)
            for gain, margin, limit in ((1.05, 0.01, 5.0), (1.02, 0.0, 10.0), (1.02, 0.01, 10.0), (1.10, 0.01, 5.0))
        ]
        rows.append((WORDS[kind], *cells))
    return rows


def counted(data: Data) -> Rows:
    """Return the same for arms that really differ: the base does 2% or 5% more of the same work."""
    rows: Rows = []
    for amount in (1050, 1020):
        for kind in (*KINDS, *OTHERS):
            found = data.pairs("loaded", kind, amount)
            if found is None:
                continue
            margin, limit = (0.01, 5.0) if amount == 1050 else (0.0, 10.0)
            made = trials.real(found, data.count, data.source("real", kind, amount), margin=margin)
            effect = trials.balance(found, 0.0).centre
            alone = trials.in_turn(found, margin)
            right = sum(one.answer is Answer.FASTER for one in alone)
            rows.append((
                f"{amount / 10 - 100:.0f}%", WORDS[kind], str(found.count), f"{100 * -effect:.1f}%",
                _within(made, limit), f"{right}/{len(alone)}", seconds(one.seconds for one in made),
            ))  # fmt: skip
    return rows


def covered(data: Data) -> tuple[Rows, int, int]:
    """Return how often 99% intervals hold the truth, by kind; and both counts over all kinds."""
    rows: Rows = []
    holding = drawn = 0
    for kind in (*KINDS, *OTHERS):
        cells = []
        for condition in CONDITIONS:
            found = data.pairs(condition, kind)
            if found is None:
                cells.append("not recorded")
                continue
            made = trials.coverage(found, data.count, data.source("coverage", condition, kind))
            holds = sum(one.holds for one in made)
            half = statistics.median((one.high - one.low) / 2 for one in made)
            cells.append(f"{share(holds, len(made))}, +-{100 * half:.1f} points")
            if kind in KINDS:
                holding, drawn = holding + holds, drawn + len(made)
        rows.append((WORDS[kind], *cells))
    return rows, holding, drawn


def side_by_side(data: Data) -> Rows:
    """Return our procedure and the others on what the same machine gave in the same hour, over the five kinds."""
    rows: Rows = []
    for margin, words in ((0.01, "pairs until decided, before confirmation"), (0.0, "the same with a margin of 0")):
        cells = [_ours(data, margin, gain, condition) for gain, condition in _columns()]
        rows.append(("Hotlap", words, *cells, _pairs_independent(data), _takes(data, margin)))
    cells = [_ours(data, 0.01, gain, condition, published=True) for gain, condition in _columns()]
    rows.append(
        ("Hotlap", "decided and confirmed: what is published", *cells, _pairs_independent(data), "20 pairs more")
    )
    cells = [_peeked(data, gain, condition) for gain, condition in _columns()]
    rows.append(
        ("none", "our pairs, signed-rank p < .01 after every fifth pair", *cells, _pairs_independent(data), "60 pairs")
    )
    for rule in rules():
        tallies = []
        for gain, condition in _columns():
            parts = [replay.replay(rule, data.rows(rule.form, condition, kind), gain) for kind in KINDS]  # type: ignore[arg-type]
            tallies.append((sum(parts, start=replay.NOTHING), gain))
        cells = [share(one.faster if gain > 1 else one.faster + one.slower, one.trials) for one, gain in tallies]
        calm, loaded = tallies[0][0], tallies[1][0]
        takes = f"{loaded.seconds / loaded.trials:.1f} s" if loaded.trials else "-"
        rows.append((rule.tool, rule.words, *cells, f"{calm.independent}, {loaded.independent}", takes))
    return rows


def _ours(data: Data, margin: float, gain: float, condition: str, *, published: bool = False) -> str:
    made = [one for kind in KINDS for one in data.equal(condition, kind, gain, margin)]
    right = [one for one in made if (one.published if published else one.called)]
    if gain > 1:
        right = [one for one in right if one.answer is Answer.FASTER]
    return share(len(right), len(made))


def _takes(data: Data, margin: float) -> str:
    made = [one for kind in KINDS for one in data.equal("loaded", kind, 1.0, margin)]
    return f"{statistics.mean(one.seconds for one in made):.1f} s" if made else "-"


def _peeked(data: Data, gain: float, condition: str) -> str:
    found = [(kind, data.pairs(condition, kind)) for kind in KINDS]
    made = [
        answer
        for kind, one in found
        if one is not None
        for answer in trials.peeked(one, data.count, data.source("peeked", condition, kind, gain), gain)
    ]
    wanted = {Answer.FASTER} if gain > 1 else {Answer.FASTER, Answer.SLOWER}
    return share(sum(one in wanted for one in made), len(made))


def _pairs_independent(data: Data) -> str:
    counts = []
    for condition in CONDITIONS:
        found = [data.pairs(condition, kind) for kind in KINDS]
        counts.append(str(sum(len(trials.in_turn(one)) for one in found if one is not None)))
    return ", ".join(counts)


def _columns() -> tuple[tuple[float, str], ...]:
    return (1.0, "calm"), (1.0, "loaded"), (1.02, "loaded"), (1.05, "loaded"), (1.10, "loaded")


def _within(made: Sequence[Trial], limit: float) -> str:
    right = [one for one in made if one.answer is Answer.FASTER]
    timely = [one for one in right if one.seconds <= limit]
    return f"{share(len(timely), len(made))}; {len(right)} at all, {seconds(one.seconds for one in right)}"


def _cells() -> Iterable[tuple[str, str]]:
    return ((condition, kind) for condition in CONDITIONS for kind in (*KINDS, *OTHERS))


def spread(rows: Sequence[PairRow], figure: Callable[[Sequence[float]], float]) -> float:
    """Return the robust standard deviation of the pairs' log ratios by one figure of their slices."""
    return robust_sd([math.log(figure(row.candidate) / figure(row.base)) for row in rows])
