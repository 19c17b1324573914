"""How reviewers put things: what each remark asks for, if anything; the list that the grammar was written beside."""

from pathlib import Path

import pytest

from bot.domain.feedback import Change
from bot.learn.reading.notes import said

CHANGE = Change("src/billing/invoice.py", "compute_total", "python", "cache", "", ("hoist-invariants",))
LINES = (Path(__file__).parent / "histories" / "sayings.tsv").read_text(encoding="utf-8").splitlines()
SAYINGS = [tuple(line.split("\t", 1)) for line in LINES]


def heard(text):
    return {str(one.polarity) for one in said(text, "acme/shop", CHANGE)}


def test_nearly_all_remarks_are_understood():
    wrong = [(label, text) for label, text in SAYINGS if heard(text) != ({label} - {"none"})]
    assert len(SAYINGS) > 400
    assert len(wrong) <= len(SAYINGS) * 0.04, wrong


def test_what_asks_for_nothing_is_hardly_ever_taken_for_a_rule():
    quiet = [text for label, text in SAYINGS if label == "none"]
    assert len(quiet) > 150
    assert [text for text in quiet if heard(text)] == []


@pytest.mark.parametrize(
    "body", ["a" * 20_000, "we never " * 2_000, "please do not " * 1_500, "is not " * 3_000, "no " * 6_000]
)
def test_long_text_is_read_in_no_time(body):
    import time

    started = time.monotonic()
    said(body, "acme/shop", CHANGE)
    said(body[:490] + ".", "acme/shop", CHANGE)
    assert time.monotonic() - started < 5


def test_lists_are_read_item_by_item():
    found = said(
        "For the future:\n\n- never use pickle\n- every cache must have a maxsize\n- thanks!", "acme/shop", CHANGE
    )
    assert [str(one.polarity) for one in found] == ["avoid", "require"]


def test_what_a_program_can_act_on():
    (one,) = said("Please don't use numba, use numpy instead.", "acme/shop", CHANGE)
    assert one.subjects == ("module:numba",)
    (one,) = said("All changes to this file need a review by @alice.", "acme/shop", CHANGE)
    assert one.subjects == ("reviewer:alice",)
    (one,) = said("Please leave this function alone.", "acme/shop", CHANGE)
    assert one.subjects == ("function:compute_total",)
    (one,) = said("Don't use numba unless it is at least twice as fast, please, in this project.", "acme/shop", CHANGE)
    assert one.subjects == ()
