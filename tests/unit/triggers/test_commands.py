import time

import pytest

from bot.cli.command import shape
from bot.domain.command import Verb
from bot.triggers.commands import commands
from bot.triggers.grammar import seconds


def read(body):
    return [shape(one) for one in commands(body)]


def only(body):
    (one,) = commands(body)
    return one


def test_a_full_line():
    body = "/optimize src/a.py::f --hardware x86,arm --hardware gpu --budget 30m --strategy beam keep it readable"
    assert read(body) == [
        {
            "verb": "run",
            "target": "src/a.py::f",
            "hardware": ["x86", "arm", "gpu"],
            "budget": "30m",
            "strategy": "beam",
            "text": "keep it readable",
        }
    ]


def test_a_bare_command_asks_for_a_run_of_everything():
    assert read("/optimize") == [
        {"verb": "run", "target": None, "hardware": [], "budget": None, "strategy": None, "text": None}
    ]


@pytest.mark.parametrize("verb", ["help", "status", "stop", "retry", "revise"])
def test_verbs(verb):
    assert only(f"/optimize {verb}").verb == verb
    assert only(f"/OPTIMIZE {verb.upper()}").verb == verb


def test_a_verb_may_be_followed_by_what_it_is_about():
    one = only("/optimize revise use a dict --budget 5m")
    assert (one.verb, one.target, one.text, one.budget) == (Verb.REVISE, None, "use a dict", "5m")
    assert only("/optimize revise: use a dict").verb == Verb.REVISE
    assert only("/optimize please stop using loops").verb == Verb.RUN
    assert only("/optimize retry src/a.py::f").target == "src/a.py::f"


@pytest.mark.parametrize(
    ("line", "target", "text"),
    [
        ("foo", "foo", None),
        ("src/pkg/", "src/pkg/", None),
        ("src/pkg --budget 5m", "src/pkg", None),
        ("./run", "./run", None),
        ("please!", None, "please!"),
        ("faster.", None, "faster."),
        ("foo --budget 5m use a dict", "foo", "use a dict"),
        ("parse_row and avoid regular expressions", "parse_row", "and avoid regular expressions"),
        ("`parse` without recursion", "parse", "without recursion"),
        ("`a b.py::f`", "a b.py::f", None),
        ("src/x.py:12 is slow", "src/x.py:12", "is slow"),
        ("Table.merge", "Table.merge", None),
        ("src/t.cpp::Table<int>::merge faster", "src/t.cpp::Table<int>::merge", "faster"),
        ("please make the parser faster", None, "please make the parser faster"),
        ("I/O is slow here", None, "I/O is slow here"),
        ("https://example.com/a.py::f", None, "https://example.com/a.py::f"),
        ("it's slow", None, "it's slow"),
        ("-- --budget is a word", None, "--budget is a word"),
        ("do it without --fast-math", None, "do it without --fast-math"),
    ],
)
def test_what_is_a_target_and_what_is_text(line, target, text):
    one = only(f"/optimize {line}")
    assert (one.target, one.text, one.problem) == (target, text, None)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("f --bugdet 5m", "there is no option --bugdet"),
        ("f --budget", "--budget needs a value"),
        ("f --budget --strategy x", "--budget needs a value"),
        ("f --budget soon", "--budget soon is not a duration such as 90s, 10m or 1h"),
        ("f --budget 0", "--budget 0 is not a duration such as 90s, 10m or 1h"),
        ("f --budget 5m --budget 6m", "--budget is given twice"),
        ("f --hardware $(id)", "--hardware $(id) is not a name of hardware"),
        ("\u2014budget 5m", "there is no option \u2014budget"),
        ("src/a\u202e.py::f", "the target is too long or holds characters that cannot be seen"),
    ],
)
def test_nothing_is_guessed(line, sentence):
    assert only(f"/optimize {line}").problem == sentence


SHOWN_ONLY = {
    "another word": "/optimizer x",
    "in a sentence": "please /optimize x",
    "indented": " /optimize x",
    "indented code": "a\n\n    /optimize x",
    "a fence": "```\n/optimize x\n```",
    "a fence that has no end": "```sh\n/optimize x",
    "a longer fence": "````\n```\n/optimize x\n````",
    "tildes": "~~~\n/optimize x\n```\n/optimize y\n~~~",
    "a code span": "`/optimize x`",
    "a code span over lines": "see `this\n/optimize x\n` there",
    "a quote": "> /optimize x",
    "a quote that goes on": "> as I said\n/optimize x",
    "a quote between fences": ">>>\n/optimize x\n\n/optimize y\n>>>",
    "a quote that has no end": ">>>\n\n/optimize x",
    "a list": "- one\n- /optimize x",
    "a list that goes on": "1. one\n/optimize x",
    "a heading": "# /optimize x",
    "an underlined heading": "/optimize x\n===",
    "a table": "| a |\n|---|\n/optimize x",
    "an element": "<pre>\n/optimize x\n</pre>",
    "details with paragraphs": "<details><summary>log</summary>\n\n/optimize x\n\n</details>",
    "an element that has no end": "<div>\n\n/optimize x",
    "an element inside of a paragraph": "so <b>it\n/optimize x\n</b> goes",
    "a comment": "<!--\n/optimize x\n-->",
    "a comment inside of a paragraph": "so <!-- it\n/optimize x\n--> goes",
    "a comment that has no end": "<!--\n\n/optimize x",
    "a zero-width space before it": "\u200b/optimize x",
    "a byte-order mark before it": "\ufeff/optimize x",
    "a no-break space behind it": "/optimize\u00a0x",
    "a full-width slash": "\uff0foptimize x",
    "a line separator before it": "a\u2028/optimize x",
    "a form feed before it": "a\x0c/optimize x",
}


@pytest.mark.parametrize("body", SHOWN_ONLY.values(), ids=SHOWN_ONLY.keys())
def test_a_command_that_is_only_shown_is_none(body):
    assert commands(body) == ()


SAID = {
    "after text": "please\n/optimize x",
    "after a comment": "<!-- hello -->\n/optimize x",
    "after a fence": "```\ncode\n```\n/optimize x",
    "after a quote": "> quoted\n\n/optimize x",
    "after a quote between fences": ">>>\nquoted\n>>>\n/optimize x",
    "after an element": "<details>\n\nlog\n\n</details>\n\n/optimize x",
    "after a break": "a<br>\n\n<hr>\n\n/optimize x",
    "after a type in angle brackets": "the List<String> is slow\n/optimize x",
    "after a lonely backtick": "it`s slow\n/optimize x",
    "with carriage returns": "please\r\n/optimize x\r\n",
    "with blanks behind it": "/optimize x \t ",
}


@pytest.mark.parametrize("body", SAID.values(), ids=SAID.keys())
def test_a_command_is_found(body):
    assert only(body).target == "x"


def test_several_commands_come_in_their_order():
    assert [one.target for one in commands("/optimize a\ntext\n/optimize `b`\n\n/optimize c")] == ["a", "b", "c"]


HUGE = {
    "words": "a b " * 60_000,
    "lines": "a\n" * 60_000,
    "quotes": "> " * 120_000,
    "fences": "```\n" * 30_000,
    "backticks of every length": "".join("`" * n + "a" for n in range(1, 700)),
    "tags": "<b>" * 80_000,
    "lists": "\n".join(" " * (n % 90) + "- x" for n in range(5_000)),
    "brackets": "[" * 240_000,
    "commands": "/optimize f --budget 5m\n" * 6_000,
    "one long line": "/optimize " + "a" * 240_000,
    "quoted words": "/optimize " + "'" * 240_000,
    "one long name": "/optimize " + "a_" * 120_000 + "!",
    "one long name in humps": "/optimize " + "aB" * 120_000 + "!",
    "one long path": "/optimize " + "a/" * 120_000 + "!",
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE.keys())
def test_a_quarter_of_a_megabyte_takes_no_time_that_grows_with_its_square(body):
    before = time.process_time()
    commands(f"{body}\n\n/optimize x")
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "value"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("", None), ("0", None), ("m", None)],
)
def test_durations(text, value):
    assert seconds(text) == value
