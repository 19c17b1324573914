"""What a thread is told that wanted another change."""

from dataclasses import replace

import pytest

from bot.domain.attempt import Attempt, Tried
from bot.domain.evidence import Gate, Outcome
from bot.domain.revision import Revision
from bot.report.answer import answer, conclusive
from bot.report.note import Entry
from tests.fakes import exchange as made

REVISION = Revision(4, "hotlap/x", "c" * 40, 77, round=2)
GOOD = Tried(made.candidate(), made.verdict())
BAD = Tried(made.candidate(), made.verdict(Outcome.REJECTED, gate=Gate.TESTS, reason="tests.missing",
                                           message="@all /close", comparisons=()))  # fmt: skip
DARK = replace(BAD, verdict=replace(BAD.verdict, outcome=Outcome.UNKNOWN))


def entry(*tried, sentence="", untried=0):
    accepted = next((one for one in tried if one.verdict.outcome is Outcome.ACCEPTED), None)
    return Entry(Attempt(made.TARGET, tried, accepted, untried=untried), sentence=sentence)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (entry(BAD, BAD), "2 other candidates tried, none accepted, so the change stays as it is."),
        (entry(GOOD, sentence="the branch moved"), "another change was proven, and not pushed: the branch moved"),
        (entry(Tried(made.candidate(), made.verdict(Outcome.HELD))), "a person must look"),
        (entry(BAD, untried=1), "there is no answer yet"),
        (entry(DARK), "there is no answer yet"),
        (None, "there is no other candidate to try"),
    ],
)
def test_the_first_line_says_what_came_of_it(given, said):
    body = answer(REVISION, given, proof="Make total 1.42x faster")
    assert said in body.splitlines()[0]
    assert "What is known about the change that stands here: Make total 1.42x faster" in body
    assert "Round 2 of 3." in body


def test_a_change_that_was_pushed_needs_no_word_for_the_old_one():
    body = answer(REVISION, entry(GOOD), proof="old", pipeline="https://gitlab.example/p/1", pushed=True)
    assert "another change is on the branch now" in body
    assert "old" not in body
    assert "[Pipeline and report](https://gitlab.example/p/1)" in body


def test_a_problem_is_said_once_and_counts_as_no_round():
    body = answer(replace(REVISION, problem="it is theirs"), None, notes=("it is theirs", "and more"))
    assert body.count("it is theirs") == 1
    assert "and more" in body
    assert "Round" not in body


def test_text_of_programs_mentions_and_commands_nobody():
    body = answer(REVISION, entry(BAD))
    assert "@all" not in body
    assert not any(line.startswith("/") for line in body.splitlines())


def test_what_nobody_could_find_out_is_no_answer():
    assert conclusive(entry(BAD, DARK).attempt)
    assert not conclusive(entry(DARK).attempt)
    assert not conclusive(entry(BAD, untried=1).attempt)
    assert conclusive(entry(GOOD, untried=1).attempt)
