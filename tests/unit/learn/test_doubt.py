"""What is doubtful teaches nothing: second thoughts, narrowed techniques, irony, hearsay, where something is put."""

import time

import pytest

from bot.domain.feedback import Change
from tests.fakes.remarks import drawn

PATH = "depot/gates/plan.py"
PROJECT, FILE, PACKAGE = "project:acme/shop", f"path:{PATH}", "path:depot/gates/"


def heard(text, kind="io", rules=()):
    change = Change(PATH, "plan_gates", "python", kind, "", tuple(rules))
    return drawn(text, change)


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Every merge request must name its ticket. I will not merge any without one.", "require"),
        ("We always require docstrings in this project. We don't accept comments in their place.", "require"),
        (
            "We prefer enums over string constants, everywhere. Strings drift and then we can never take it back.",
            "prefer",
        ),
        ("In this repository every timeout must be set explicitly (`timeout=...`, never `None`).", "require"),
    ],
)
def test_a_later_sentence_of_other_polarity_is_the_reason_and_no_rule(text, polarity):
    assert heard(text) == [(PROJECT, polarity)]


def test_a_later_rule_counts_where_it_is_announced():
    text = "Every merge request must name its ticket. And never use `eval` in our code."
    assert heard(text) == [(PROJECT, "require"), (PROJECT, "avoid")]


@pytest.mark.parametrize(
    ("text", "kind", "polarity"),
    [
        ("No more worker pools or threads, thank you.", "concurrency", "avoid"),
        ("Stop with the lookup tables, the image size is our bottleneck.", "precompute", "avoid"),
        ("Each cache that you propose has to name its upper bound.", "cache", "require"),
        ("Any change of the data layout needs figures of peak memory.", "data-layout", "require"),
        ("As a general direction: please go for vectorising before anything else.", "vectorize", "prefer"),
        ("Whenever you swap an algorithm, state its complexity.", "algorithm", "require"),
        ("Tables that are filled in advance are not welcome.", "precompute", "avoid"),
        ("Memoisation is not something I want to see in merge requests any more.", "cache", "avoid"),
    ],
)
def test_the_technique_of_the_change_is_its_kind(text, kind, polarity):
    assert heard(text, kind) == [(f"kind:{kind}", polarity)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Never use unbounded caches.", "cache"),
        ("Never start threads from a signal handler.", "concurrency"),
        ("We never vectorise over strings.", "vectorize"),
    ],
)
def test_a_technique_that_is_narrowed_is_neither_its_kind_nor_the_project(text, kind):
    assert heard(text, kind) == []


@pytest.mark.parametrize(
    "text",
    [
        "Every merge request needs an entry in `notes/`.",
        "All pull requests, also small ones, must come with a test in `tests/perf/`.",
        "We never commit generated code in the gates package or elsewhere in this repository.",
    ],
)
def test_where_something_is_put_is_not_where_the_rule_holds(text):
    assert [scope for scope, _ in heard(text)] == [PROJECT]


@pytest.mark.parametrize(
    "text",
    [
        "Oh great, and tomorrow we rewrite it in assembler. Always use assembler.",
        "Yeah right. Never write tests, they only slow us down.",
        "Ana said in the meeting that nobody should ever use dataclasses.",
        "One should never use slots, I hear. I'm only passing it on.",
        "Never use recursion, Kim tells everybody. I haven't made up my mind.",
    ],
)
def test_irony_and_hearsay_reach_beyond_their_sentence(text):
    assert heard(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Names of public methods must stay as they are.", (PROJECT, "require")),
        ("This module must stay as it is.", (FILE, "avoid")),
        (
            "Everything in `depot/gates/` is a copy. Don't change code there, a script overwrites it.",
            (PACKAGE, "avoid"),
        ),
        ("We decided against attrs back in 2020 and that still holds.", (PROJECT, "avoid")),
        ("This function has to give identical results on each platform.", (FILE, "require")),
    ],
)
def test_what_stays_and_what_still_holds(text, wanted):
    assert heard(text) == [wanted]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("For your information: most of our users run this library inside a spreadsheet.", PROJECT),
        ("Two distributions build us on big-endian machines.", PROJECT),
        ("For the next reader: all speeds that enter this module are integers in mm/s.", FILE),
        ("Good to know about `depot/gates/`: what is in there gets executed by drivers on their phones.", PACKAGE),
    ],
)
def test_facts_about_users_and_values(text, scope):
    assert heard(text) == [(scope, "info")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Timestamps must keep their zone, never strip it.", "io"),
        ("Every handler must log its errors, always. Never hide them.", "io"),
        ("When an algorithm is replaced by another one, always name its source.", "algorithm"),
    ],
)
def test_what_is_meant_by_it_or_by_the_technique_is_not_guessed(text, kind):
    assert (PROJECT, "avoid") not in heard(text, kind)
    assert [scope for scope, _ in heard(text, "algorithm") if kind == "algorithm"] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plan.py is audited. Hands off, no matter what you measure.", (FILE, "avoid")),
        ("`plan_gates` must stay readable for the people at the gate.", (FILE, "require")),
        ("No more timeouts in our code, please, they hide the cause.", (PROJECT, "avoid")),
        ("In the gates package use tuples instead of objects.", (PACKAGE, "prefer")),
    ],
)
def test_what_is_left_unsaid_was_named_before(text, wanted):
    assert heard(text) == [wanted]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Could the sorted-once rule be switched off for our repo?", "avoid"),
        ("sorted-once again. The rule turns three lines into ten. Please exclude it from our project.", "avoid"),
        ("The sorted-once rule must only fire where the list has a thousand elements.", "require"),
    ],
)
def test_rules_under_their_own_name(text, polarity):
    assert heard(text, "algorithm", ["sorted-once"]) == [("rule:sorted-once", polarity)]


def test_what_a_reviewer_would_like_to_get():
    assert heard("What I'd like to get from the bot is vectorised code.", "vectorize") == [("kind:vectorize", "prefer")]
    assert heard("Please expose a counter.") == []
    assert heard("If you introduce a cache, expose its hit rate.", "cache") == [("kind:cache", "require")]


def test_notes_to_everybody_are_facts():
    assert heard("Note to everyone: this file talks to a modem.") == [(FILE, "info")]
    assert heard("Inputs in depot/gates/ are never longer than a page.") == [("path:depot/gates/", "info")]


@pytest.mark.parametrize(
    "unit",
    [
        "threads or ",
        "every merge request needs a ",
        "what we want is ",
        "pools, threads and ",
        "names must stay as ",
        "said in ",
        "in the a or ",
    ],
)
def test_hostile_text_is_read_in_time_that_its_length_asks_for(unit):
    started = time.monotonic()
    heard("No more " + (unit * 500)[:470] + ".", "concurrency")
    heard((unit * 500)[:490] + ".", "concurrency")
    heard((unit * 20_000)[:20_000], "concurrency")
    assert time.monotonic() - started < 5
