"""What is said on GitLab: one line for each function, boxes to tick, and nothing of a stranger that acts."""

from dataclasses import replace

import pytest

from bot.domain.attempt import Attempt, Tried
from bot.domain.evidence import Outcome
from bot.domain.exchange import Silence
from bot.report.dashboard import Open, dashboard, ticked
from bot.report.note import Entry, note
from tests.fakes import exchange as made
from tests.fakes import reports

DONE = Tried(made.candidate(), made.verdict())
HELD = Tried(made.candidate(), made.verdict(Outcome.HELD, message="a person must look"))
NO = Tried(made.candidate(), made.verdict(Outcome.REJECTED, message="a test fails"))


def entry(*tried, accepted=None, **values):
    return Entry(Attempt(made.TARGET, tried, accepted), **values)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry(DONE, accepted=DONE, link="[!7](http://x)")], "1 proven speed-up, 1 function tried."),
        ([entry(HELD)], "a person must look"),
        ([entry(NO)], "1 candidate tried, none accepted."),
        ([], "nothing to try here."),
    ],
)
def test_the_first_line_says_what_came_of_it(entries, said):
    assert said in note(entries, (), ()).splitlines()[0]


def test_a_function_has_its_gain_its_interval_and_its_merge_request():
    text = note([entry(DONE, accepted=DONE, link="[!7](http://x)")], (), ())
    assert "`src/shop/report.py::total`: **1.42 times faster** (1.41 to 1.43)" in text
    assert ", [!7](http://x)" in text


def test_machines_that_said_nothing_are_named():
    text = note([entry(NO)], [Silence("arm", "no runner took the job")], ["a note"], "http://gitlab/p/1")
    assert "- `arm`: no runner took the job" in text
    assert "- a note" in text
    assert "(http://gitlab/p/1)" in text


def test_text_of_strangers_is_text():
    hostile = replace(NO, verdict=replace(NO.verdict, message=reports.HOSTILE))
    silent = [Silence("arm", reports.HOSTILE)]
    text = note([entry(hostile, sentence=reports.HOSTILE)], silent, [reports.HOSTILE])
    assert not [line for line in text.splitlines() if line.lstrip("- ").startswith(("/merge", "/approve", "- ["))]
    assert "@all" not in text
    shown = dashboard([entry(hostile)], ["- [x] `evil`"], [Open("!1", reports.HOSTILE)], silent, 3)
    assert ticked(shown) == ()


def test_ticked_boxes_are_read_and_open_ones_are_not():
    text = dashboard([], ["a.py::f", "b.py::g", "c.py::h"], [Open("!1", "x")], [], 3)
    assert ticked(text) == ()
    assert ticked(text.replace("- [ ] `b.py::g`", "- [x] `b.py::g`").replace("- [ ] `c", "- [X] `c")) == (
        "b.py::g",
        "c.py::h",
    )
    assert "### Open merge requests (1, at most 3)" in text
