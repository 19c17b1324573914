"""What later measurements say of a gain, which commit ended it, and what is proposed."""

from dataclasses import replace

import pytest

from bot.domain.evidence import Interval
from bot.domain.ledger import LedgerEntry, Standing
from bot.learn.aftermath import Remedy, Step, Thresholds, bisection, checked, due, ended, proposal, standing
from bot.report import aftermath as texts
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
    assert proposal(after((1.0, 1.02))).remedy is Remedy.ISSUE
    slower = proposal(after((0.7, 0.9)))
    assert (slower.remedy, slower.branch) == (Remedy.REVERT, "hotlap/revert-merged000000")
    assert slower.topic == proposal(after((0.7, 0.9), (0.7, 0.8))).topic


def test_lines_wait_their_turn_and_those_that_were_told_are_done():
    fresh = replace(ENTRY, mr=8, merged_at="2026-06-15T00:00:00Z")
    seen, told, claim = after((1.8, 2.0)), replace(ENTRY, mr=9, suspects=("c1",)), replace(ENTRY, mr=10, merged="")
    assert due([fresh, seen, told, claim]) == (seen, fresh)


def test_the_search_ends_where_the_gain_was_never_seen():
    assert ended(after((1.8, 2.0)), ["c0"]) is None
    rewritten = ended(after((1.0, 1.02)), ())
    assert (rewritten.step, rewritten.suspects) == (Step.UNDECIDED, (ENTRY.merged, "c0"))
    at_once = checked(ENTRY, ENTRY.merged, "2026-06-01", "cpu-1", interval(1.0, 1.02), LIMITS)
    assert (ended(at_once, ()).step, ended(at_once, ()).commit) == (Step.FOUND, ENTRY.merged)
    assert ended(after((1.0, 1.02)), ["c0"]).step is Step.FOUND


def test_a_measurement_that_could_not_be_made_is_written_down_with_its_reason():
    found = checked(ENTRY, "c9", "2026-06-01", "cpu-1", None, LIMITS, "the tests need it")
    assert (found.standing, found.note, found.checks[0].ratio) == (Standing.UNDECIDED, "the tests need it", None)
    assert checked(found, "c10", "2026-06-02", "cpu-1", interval(1.8, 2.0), LIMITS).note == ""


def test_steps_of_the_search_say_nothing_of_today():
    gone = after((1.8, 2.0), (1.0, 1.02), (1.8, 2.0))
    assert (gone.standing, gone.last.commit) == (Standing.GONE, "c1")
    assert [one.searched for one in gone.checks] == [False, False, True]


def test_what_people_read_names_the_commit_or_the_suspects():
    gone = after((1.0, 1.02))
    title, one = texts.issue(gone, ("c0",))
    assert title == "The gain of !7 in a.py::f is gone"
    assert "It ended with `c0`" in one
    assert "1.01x (1.00 to 1.02)" in one
    assert "it is one of these: `c0`, `c1`" in texts.issue(gone, ("c0", "c1"))[1]
    title, body, message = texts.revert(after((0.7, 0.9)))
    assert title.startswith("Draft: Revert !7")
    assert "exact reverse" in body
    assert "merged0000000" in message


def test_the_ledger_shows_what_was_claimed_and_what_is_left():
    page = ledger([after((1.0, 1.02)), ENTRY])
    assert "2 merged gains, 1 of them measured again: 0 lasting, 1 gone, 0 slower" in page
    assert "2.00 (1.90 to 2.10)" in page
    assert "| gone |" in page
    assert "Nothing was merged yet." in ledger([])


def test_names_of_strangers_do_not_break_the_table():
    page = ledger([replace(ENTRY, target="a|b`\n/merge", project="@all")])
    (row,) = [line for line in page.splitlines() if line.startswith("| 2026")]
    assert row.replace("\\|", "").count("|") == 9
    assert "@all" not in page
