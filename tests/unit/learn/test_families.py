"""Families of remarks: one rule of English each, in several words; scope and polarity of what is learned from them."""

import time

import pytest

from bot.domain.feedback import Change
from tests.fakes.remarks import drawn

PATH = "billing/tax/rates.py"
PROJECT, FILE, PACKAGE = "project:acme/shop", f"path:{PATH}", "path:billing/tax/"


def heard(text, kind="io", rules=()):
    change = Change(PATH, "lookup_rate", "python", kind, "", tuple(rules))
    return drawn(text, change)


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        ("Leave `*_pb2.py` alone, protoc writes them.", "*_pb2.py"),
        ("Please never edit conf/*.yaml, Ansible renders those.", "conf/*.yaml"),
        ("**Never** touch `migrations/*.sql`!", "migrations/*.sql"),
        ("Hands off gen/**/*.py, *please*.", "gen/**/*.py"),
        ("Do not touch *_gen.py and never ask why.", "*_gen.py"),
    ],
)
def test_globs_keep_their_asterisks(text, glob):
    assert heard(text) == [(f"path:{glob}", "avoid")]


@pytest.mark.parametrize(
    "text",
    [
        "May we ask that you refrain from adding new dependencies to this project?",
        "I would therefore kindly ask that in general you do not add dependencies.",
        "We kindly request not to bring in any new third-party packages.",
        "Would it be possible that we do not get new dependencies any more?",
        "I'd be grateful if you never added a dependency to this project.",
        "You are kindly requested to not introduce new dependencies.",
        "Could we please agree that new dependencies are not added to this project?",
        "My wish would be that the bot does not propose new dependencies.",
        "Under no circumstances should the bot add a dependency.",
        "I would be very unhappy to see another dependency in this project.",
    ],
)
def test_the_innermost_clause_says_whether_something_is_forbidden(text):
    assert heard(text) == [(PROJECT, "avoid")]


@pytest.mark.parametrize(
    "text",
    [
        "I ask that all future merge requests include a benchmark.",
        "It would be great if you could always add a regression test to your merge requests.",
        "It is a matter of principle for us that every merge request must contain a test.",
        "Every speed claim needs a benchmark. No benchmark, no approval.",
        "For the future:\n\n- every speed claim needs a benchmark\n- no benchmark, no merge",
        "Without a benchmark there is no merge.",
        "As per our guide, commit messages must reference a ticket.",
        "Everything in this repository has to run on Python 3.8: no `match`, no `tomllib`.",
    ],
)
def test_requests_and_slogans_require(text):
    assert heard(text) == [(PROJECT, "require")]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("FYI this module runs on an ESP32 with 320 KB of RAM.", FILE),
        ("Just so you know: prices in this module are in tenths of a cent.", FILE),
        ("Context: all amounts in this file are integer cents, never floats.", FILE),
        ("Everything in this directory runs on the customer's phone.", PACKAGE),
        ("Good to know for next time: the tax package is executed inside of a browser.", PACKAGE),
        ("For your general information: the whole application is deployed on ARM servers.", PROJECT),
        ("In case you wonder: our CI runners have no AVX.", PROJECT),
        ("Worth knowing: all of this repo ships in one flash image.", PROJECT),
    ],
)
def test_facts_about_units_and_surroundings(text, scope):
    assert heard(text) == [(scope, "info")]


@pytest.mark.parametrize(
    "text",
    [
        "FYI I'll be on holiday next week, ping Sue.",
        "Heads-up, the pipeline is red because of a flaky test.",
        "FWIW I measured the same on my laptop.",
        "The function runs in 3 ms now, down from 40. Impressive!",
        "My old boss always said one must never use recursion.",
        "Tom is convinced that we should forbid lambdas. We have not discussed it.",
        "Jo from platform keeps telling us to never use sets.",
        "At my last company numpy was banned.",
        "In the shop where I was working before, comprehensions were forbidden.",
        "The people from security would like us to drop pickle.",
        "If this ran in the request path I would insist on a benchmark.",
        "Had this been public API, I'd have asked for docs.",
        "The old rule was: no numpy in billing.",
        "It used to be that we required two approvals. Not any more.",
        "We prepare the data first, then we walk over it before we return.",
        "A generator can't be read twice, so this is right.",
    ],
)
def test_reports_memories_and_conditions_that_do_not_hold_teach_nothing(text):
    assert heard(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "polarity"),
    [
        ("No parallelism, please. Ever.", "concurrency", "avoid"),
        ("Please do not send us any more multiprocessing changes.", "concurrency", "avoid"),
        ("Stop memoizing things, we have enough stale data.", "cache", "avoid"),
        ("I don't want to see precomputed tables any more.", "precompute", "avoid"),
        ("We do not accept Cython rewrites.", "native", "avoid"),
        ("No C extensions, neither here nor anywhere else.", "native", "avoid"),
        ("Would it be feasible for you to stop hoisting?", "hoist", "avoid"),
        ("The precomputed tables have to stop.", "precompute", "avoid"),
        ("All concurrency changes need a stress test.", "concurrency", "require"),
        ("When you propose vectorised code, always add a test against the loop.", "vectorize", "require"),
        (
            "We'd take a better algorithm over micro-tuning any day. More along these lines, please.",
            "algorithm",
            "prefer",
        ),
    ],
)
def test_techniques_belong_to_the_kind_of_the_change(text, kind, polarity):
    assert heard(text, kind) == [(f"kind:{kind}", polarity)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We don't use joblib in this project.", "concurrency"),
        ("Please never use `functools.lru_cache` on methods in our code.", "cache"),
        ("We do not use threads in this code base.", "concurrency"),
        ("Module-level caches are a no-go.", "cache"),
        ("No new dependencies in this repository, please.", "native"),
    ],
)
def test_libraries_and_some_uses_of_a_technique_belong_to_the_project(text, kind):
    assert heard(text, kind) == [(PROJECT, "avoid")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Auditors read this function line by line. It must therefore always remain readable.", (FILE, "require")),
        ("The tax package is shared with another team. Please don't change it.", (PACKAGE, "avoid")),
        ("Look at `vendor/lz4/`: somebody else's code. Never touch that directory.", ("path:vendor/lz4/", "avoid")),
        ("Nobody but the data team edits `etl/`.", ("path:etl/", "avoid")),
    ],
)
def test_pronouns_stand_for_what_was_named_before(text, wanted):
    assert heard(text) == [wanted]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("tuples over lists for constants, everywhere in this project please", PROJECT),
        ("Dataclasses rather than dicts for records, in the whole code base.", PROJECT),
        ("In this package: readability over speed.", PACKAGE),
        ("Let's go with attrs instead of dataclasses from now on.", PROJECT),
        ("We spell out names rather than abbreviate them.", PROJECT),
        ("Rather than clever slicing, please write explicit loops in this module.", FILE),
        ("We'd rather take boring code over clever code, always.", PROJECT),
    ],
)
def test_preferences_without_the_word(text, scope):
    assert heard(text) == [(scope, "prefer")]


@pytest.mark.parametrize(
    "text",
    [
        "Please take the sorted-once rule out of rotation for us.",
        "Can you disable the sorted-once rule here? It never helps.",
        "The sorted-once rule keeps firing on tiny lists. Let's switch that rule off for us.",
        "Would it be possible that the sorted-once rule is not applied in our project?",
        "We can do without the sorted-once rule.",
        "The sorted-once rule and I won't be friends. Retire that rule for us, would you?",
    ],
)
def test_rules_are_switched_off(text):
    assert heard(text, "algorithm", ["sorted-once"]) == [("rule:sorted-once", "avoid")]


def test_a_rule_with_an_ordinary_name_is_meant_where_it_is_called_a_rule():
    assert heard("No more of the `comprehension` rule, please.", "refactor", ["comprehension"]) == [
        ("rule:comprehension", "avoid")
    ]
    assert heard("Never write a nested comprehension in our code.", "refactor", ["comprehension"]) == [
        (PROJECT, "avoid")
    ]


def test_two_lessons_of_one_remark():
    both = heard("Distances in this module are metres. And never round them in here, surveys depend on it.")
    assert both == [(FILE, "info"), (FILE, "avoid")]
    both = heard("We prefer `suppress` to empty handlers, project-wide. And never use mutable defaults in our code.")
    assert both == [(PROJECT, "prefer"), (PROJECT, "avoid")]
    one = heard("Don't use `os.path` in our code, use `pathlib` instead.")
    assert one == [(PROJECT, "avoid")]


@pytest.mark.parametrize(
    "unit",
    [
        "i would ask that ",
        "send us of the code ",
        "x over y ",
        "all in of the ",
        "because ",
        "always must ",
        "*a_",
        "a*b/",
        "if we ",
    ],
)
def test_hostile_text_takes_no_longer_than_its_length_asks_for(unit):
    started = time.monotonic()
    heard((unit * 500)[:490] + ".", "concurrency")
    heard("please stop " + (unit * 500)[:470] + ".", "concurrency")
    heard((unit * 20_000)[:20_000], "concurrency")
    assert time.monotonic() - started < 5
