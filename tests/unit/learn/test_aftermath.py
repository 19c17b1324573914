"""What later measurements say of a gain, which commit ended it, and what is proposed."""

import pytest

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Standing
from bot.learn.aftermath import Remedy, Step, Thresholds, bisection, checked, proposal, standing
from bot.report.ledger import ledger

LIMITS = Thresholds()


def interval(low, high):
    return Interval((low + high) / 2, low, high)


ENTRY = LedgerEntry(
    "acme/shop", 7, "a.py::f", "b.py::x", "cpu-1", interval(1.9, 2.1), "base00", "merged0000000", "2026-05-01T00:00:00Z"
)


def after(*ratios, hardware="cpu-1"):
    entry = ENTRY
    for number, (low, high) in enumerate(ratios):
        entry = checked(
            entry, f"c{number}", f"2026-06-{number + 1:02d}T00:00:00Z", hardware, interval(low, high), LIMITS
        )
    return entry


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (1.8, 2.0, Standing.LASTING),
        (1.02, 1.2, Standing.LASTING),
        (0.99, 1.2, Standing.UNDECIDED),
        (0.97, 1.04, Standing.GONE),
        (1.0, 1.0, Standing.GONE),
        (0.7, 0.98, Standing.REGRESSION),
        (0.5, 3.0, Standing.UNDECIDED),
    ],
)
def test_standing(low, high, wanted):
    assert standing(interval(low, high), LIMITS) is wanted


def test_other_hardware_and_known_commits_add_nothing():
    assert after((1.0, 1.0), hardware="cpu-2") == ENTRY
    once = after((1.8, 2.0))
    assert checked(once, "c0", "2026-07-01", "cpu-1", interval(0.5, 0.6), LIMITS) == once


def test_the_last_word_that_decides_something_counts():
    assert ENTRY.standing is Standing.UNDECIDED
    assert after((1.8, 2.0), (0.5, 3.0)).standing is Standing.LASTING
    assert after((1.8, 2.0), (1.0, 1.02)).standing is Standing.GONE


@pytest.mark.parametrize(("length", "culprit"), [(n, c) for n in (2, 3, 8, 33) for c in range(1, n)])
def test_the_commit_that_ended_a_gain_is_found(length, culprit):
    commits = [f"c{number}" for number in range(length)]
    known = {}
    while (step := bisection(commits, known)).step is Step.MEASURE:
        assert step.commit not in known
        known[step.commit] = Standing.GONE if commits.index(step.commit) >= culprit else Standing.LASTING
    assert (step.step, step.commit) == (Step.FOUND, f"c{culprit}")
    assert len(known) <= length.bit_length()


def test_what_cannot_be_told_apart_is_named():
    commits = ["good", "x", "y", "bad"]
    step = bisection(commits, {"x": Standing.UNDECIDED, "y": Standing.UNDECIDED})
    assert (step.step, step.suspects) == (Step.UNDECIDED, ("x", "y", "bad"))
    with pytest.raises(ValueError, match="needs a commit"):
        bisection(["only"], {})


def test_a_person_is_asked_and_nothing_is_done():
    assert proposal(ENTRY).remedy is Remedy.NOTHING
    assert proposal(after((1.8, 2.0))).remedy is Remedy.NOTHING
    gone = proposal(after((1.0, 1.02)), "culprit0000000")
    assert gone.remedy is Remedy.ISSUE
    assert "culprit00000" in gone.description
    assert "could not be told" in proposal(after((1.0, 1.02))).description
    slower = proposal(after((0.7, 0.9)))
    assert (slower.remedy, slower.branch) == (Remedy.REVERT, "hotlap/revert-merged000000")
    assert slower.topic == proposal(after((0.7, 0.9), (0.7, 0.8))).topic


def test_the_ledger_shows_what_was_claimed_and_what_is_left():
    page = ledger([after((1.0, 1.02)), ENTRY])
    assert "2 merged gains, 1 of them measured again: 0 lasting, 1 gone, 0 slower" in page
    assert "2.00 (1.90 to 2.10)" in page
    assert "**gone**" in page
    assert "Nothing was merged yet." in ledger([])


def test_names_of_strangers_do_not_break_the_table():
    from dataclasses import replace

    page = ledger([replace(ENTRY, target="a|b`\n/merge", project="@all")])
    (row,) = [line for line in page.splitlines() if line.startswith("| 2026")]
    assert row.replace("\\|", "").count("|") == 9
    assert "@all" not in page
