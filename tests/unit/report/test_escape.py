import re

import pytest

from bot.report.escape import cell, code, fence, mentionless, text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain words, 99% sure (really): 1.42 times", "plain words, 99% sure (really): 1.42 times"),
        ("a_b*c", r"a\_b\*c"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("&lt;", r"\&lt;"),
        ("[a](b)", r"\[a\](b)"),
        ("![a](b)", r"\!\[a\](b)"),
        ("`x`", r"\`x\`"),
        ("a|b", r"a\|b"),
        ("#1 !2 ~x $4 &5 ^a", r"\#1 \!2 \~x \$4 \&5 \^a"),
        ('%"1.0" %m 5%', r'\%"1.0" \%m 5%'),
        ("1. one", r"1\. one"),
        ("1.5 one", "1.5 one"),
        ("- one", r"\- one"),
        ("=====", r"\====="),
        ("# head", r"\# head"),
        ("> quote", r"\> quote"),
        ("a\nb\r\n\tc", "a b c"),
        ("back\\slash", r"back\\slash"),
        ("", ""),
    ],
)
def test_prose_shows_what_it_says(given, shown):
    assert text(given) == shown


@pytest.mark.parametrize("command", ["/merge", "/approve now", "  /close", "\n/merge", "\u00a0/merge"])
def test_no_line_of_prose_starts_with_a_slash(command):
    assert not text(command).lstrip().startswith("/")


@pytest.mark.parametrize("name", ["@all", "hi @root", "a@b.example", "@group/sub"])
def test_nobody_is_mentioned(name):
    assert not re.search(r"@\w", text(name))
    assert not re.search(r"@\w", mentionless(name))


@pytest.mark.parametrize("link", ["https://x.example", "HTTP://x", "ftp://x", "www.x.example", "mailto:a@b"])
def test_nothing_becomes_a_link(link):
    assert not re.search(r"(https?|ftp)://|www\.|mailto:", text(link), re.IGNORECASE)


@pytest.mark.parametrize(
    "word", ["deadbeef", "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", "ABC-12", ":tada:", "[+a+]", "{-a-}"]
)
def test_what_gitlab_reads_after_markdown_is_broken_up(word):
    assert text(f"see {word} there").replace("\u200b", "").replace("\\", "") == f"see {word} there"
    assert "\u200b" in text(f"see {word} there")


def test_long_prose_keeps_both_ends():
    assert text("x" * 5000 + "z", 100).endswith("z")
    assert len(text("x" * 5000, 100)) == 100


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("x", "`x`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("```", "```` ``` ````"),
        ("a\n/merge", "`a /merge`"),
        ("", ""),
    ],
)
def test_code_spans_survive_backticks_and_lines(given, shown):
    assert code(given) == shown


def test_a_bar_in_a_table_does_not_end_the_cell():
    assert cell("a|b") == r"`a\|b`"


@pytest.mark.parametrize(
    "given",
    ["plain", "```\n/merge\n```", "````\n```", "~~~\n/x\n~~~", "/merge", "a\r/merge", "x\n\n/merge\n"],
)
def test_a_fence_is_not_left_and_holds_no_command(given):
    block = fence(given, "text")
    opening, *inside, closing = block.split("\n")
    marks = opening.removesuffix("text")
    assert set(marks) == {"`"}
    assert closing == marks
    assert not any(line.startswith(("/", "```", "~~~")) for line in inside)
    assert marks not in "\n".join(inside)


def test_invisible_and_control_characters_are_spelled_out():
    for shown in (text("a\u202eb\x1b"), code("a\u202eb\x1b"), fence("a\u202eb\x1b")):
        assert "\u202e" not in shown
        assert "\x1b" not in shown
