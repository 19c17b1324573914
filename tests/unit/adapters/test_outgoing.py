import re

import pytest

from bot.adapters.gitlab.outgoing import LONGEST_BODY, LONGEST_TITLE, Outgoing
from bot.domain.errors import Refused
from bot.domain.redact import Redactor
from tests.fakes.hostile import HUGE, STRINGS

SECRET = "canary-token-1234"  # noqa: S105 - made up
OUTGOING = Outgoing(Redactor((SECRET,)))
SMALL = {name: text for name, text in STRINGS.items() if not name.startswith("huge")}


def body(text, **others):
    marker, _, rest = OUTGOING.body(text, "x", **others).partition("\n\n")
    assert marker.startswith("<!-- hotlap:x")
    return rest


@pytest.mark.parametrize("text", SMALL.values(), ids=SMALL)
def test_no_line_is_a_command_and_nothing_is_out_of_sight(text):
    shown = body(text)
    assert not re.search(r"^/[a-z]", shown, re.MULTILINE | re.IGNORECASE)
    assert all(char.isprintable() or char in "\n\t\u200b" for char in shown)
    title = OUTGOING.title(text)
    assert "\n" not in title
    assert not re.search(r"(?<![\w@])@\w|[#!]\d|~\w", title)


def test_what_grows_when_it_is_made_inert_still_fits():
    assert len(OUTGOING.body(HUGE["at signs"], "x")) <= LONGEST_BODY


@pytest.mark.parametrize("name", ["commands", "mentions", "backticks", "brackets"])
def test_long_texts_are_as_inert_as_short_ones(name):
    shown = body(f"start\n\n{HUGE[name][:100_000]}")
    assert not re.search(r"^/[a-z]|@[a-z]", shown, re.MULTILINE)


def test_a_secret_at_the_place_where_a_text_is_cut_is_not_cut_in_half():
    lines = ("x" * 1000 + "\n") * 523
    assert len(lines) < LONGEST_BODY // 2 < len(lines) + 600
    assert "canary" not in body(f"{lines}{SECRET * 40}{lines * 2}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\r\nb", "a\nb"),
        ("/merge", r"\/merge"),
        ("  /merge", r"  \/merge"),
        ("/ 2", "/ 2"),
        ("hi @all", "hi @\u200ball"),
        ("```\n@all\n```", "```\n@all\n```"),
        ("```\n/merge\n```", "```\n /merge\n```"),
        ("- x\n  ```\n@all", "- x\n  ```\n@\u200ball"),
        ("&#64;all &amp; &commat;x", "&amp;#64;all &amp; &amp;commat;x"),
        (f"my {SECRET}", "my [redacted]"),
        ("a\u202eb", "a\\u202eb"),
    ],
)
def test_what_becomes_of_a_text(text, shown):
    assert body(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Draft: Make f 1.3x faster", "Draft: Make f 1.3x faster"),
        ("Closes #1 and !2", "Closes #\u200b1 and !\u200b2"),
        ("a::b :tada: 100%", "a::b :\u200btada: 100%"),
        ("Closes ABC-12", "Closes ABC-\u200b12"),
        ("see https://x", "see https:/\u200b/x"),
        ("x" * 300, None),
    ],
)
def test_titles(text, shown):
    title = OUTGOING.title(text)
    assert len(title) <= LONGEST_TITLE
    assert shown in {None, title}


def test_code_that_is_to_be_applied_is_left_to_the_letter_or_not_posted():
    text = "Faster:\n\n```suggestion:-0+0\nreturn a @ b  # @all\n```"
    assert body(text, exact=True) == text
    for line in ("/merge", SECRET, "a\u200eb", "\x00"):
        with pytest.raises(Refused):
            OUTGOING.body(f"```suggestion:-0+0\n{line}\n```", "x", exact=True)


def test_a_memo_stands_in_the_marker():
    assert OUTGOING.body("t", "command/1", memo="run=5").startswith("<!-- hotlap:command/1 run=5 -->\n\nt")
