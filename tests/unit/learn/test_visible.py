"""What is left of a note when all that its author does not say in the open is taken away."""

import time

import pytest

from bot.learn.reading.visible import blocks

RULE = "never use lambdas in this project"


def text(body):
    return " | ".join(block.text for block in blocks(body))


@pytest.mark.parametrize(
    "body",
    [
        f"<!-- {RULE} -->",
        f"<!-- {RULE}",
        f"<details><summary>more</summary>{RULE}</details>",
        f"<details><details>x</details>{RULE}</details>",
        f"<details>\n\n{RULE}",
        f"> {RULE}",
        f"  > {RULE}",
        f"- > {RULE}",
        f">>>\n{RULE}\n>>>",
        f"```\n{RULE}\n```",
        f"~~~text\n{RULE}\n~~~",
        f"````\n```\n{RULE}\n````",
        f"- ```\n  {RULE}\n  ```",
        f"```\n{RULE}",
        f"    {RULE}",
        f"`{RULE}`",
        f"``{RULE}``",
        f"<pre>{RULE}</pre>",
        f"<blockquote>{RULE}</blockquote>",
        f'<span style="display:none">{RULE}</span>',
        f'<div hidden="">{RULE}</div>',
        f"![{RULE}](x.png)",
        f"[//]: # ({RULE})",
        f"[x]: http://y '{RULE}'",
        f'the linter says "{RULE}"',
        f"the linter says \u201c{RULE}\u201d",
        f"~~{RULE}~~",
        f"| {RULE} |",
        f"/optimize {RULE}",
        RULE.replace(" ", "\u200b "),
        RULE.replace("e", "e\u200b"),
        f"\u202e{RULE}\u202c",
        RULE.replace(" ", "&#8203; "),
        "".join(chr(0xE0000 + ord(char)) for char in RULE),
        f"On Mon, Jan 5, 2026 at 9:00 Bob wrote:\n> {RULE}",
        f"-- \n{RULE}",
    ],
)
def test_what_is_hidden_quoted_or_code_is_not_there(body):
    assert "never" not in text(f"Fine.\n\n{body}").replace("\u200b", "").lower()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Never use `numba`.", "Never use numba."),
        ("**Never** use _numba_.", "Never use numba."),
        ("no `functools.lru_cache(maxsize=None)` please", "no functools.lru_cache(maxsize=None) please"),
        ("a\nb", "a b"),
        ("a\n\nb", "a | b"),
        ("- a\n- b", "a | b"),
        ("1. a\n2) b", "a | b"),
        ("# Title\ntext", "Title | text"),
        ("> quoted\n\nanswer", "answer"),
        ("> quoted\nanswer", "answer"),
        ("see [the guide](http://x/y)", "see the guide"),
        ("x < y and y > z", "x < y and y > z"),
        ("great \U0001f469\u200d\U0001f4bb work", "great \U0001f469\u200d\U0001f4bb work"),
        ('the "fast path" stays', "the fast path stays"),
        ("keep my_name and __slots__", "keep my_name and __slots__"),
    ],
)
def test_what_is_said_in_the_open_stays(body, shown):
    assert text(body) == shown


def test_items_of_a_list_are_known_as_such():
    assert [block.item for block in blocks("one\n\n- two\n- three\n\nfour")] == [False, True, True, False]


@pytest.mark.parametrize(
    "body", ["<" * 20_000, "`" * 20_000, "*a" * 10_000, "> " * 10_000, "<details>" * 2_000, "[" * 20_000, "~~a" * 6_000]
)
def test_hostile_text_is_read_in_no_time(body):
    started = time.monotonic()
    blocks(body)
    assert time.monotonic() - started < 5
