"""The ladder: each rung finds its place only when it is the only one."""

import pytest

from bot.domain.code import Span

TWICE = "def f():\n    return 1\n\ndef g():\n    return 1\n"


@pytest.mark.parametrize(
    ("rung", "before", "search", "replace", "after"),
    [
        ("exact", "a\nb\n", "b\n", "c\n", "a\nc\n"),
        ("trailing-blanks", "a  \nb\n", "a\nb\n", "a\nc\n", "a  \nc\n"),
        ("blank-borders", "a\nb\n", "\nb\n\n", "\nc\n\n", "a\nc\n"),
        ("indentation", "    a\n        b\n", "a\n    b\n", "a\n    c\n", "    a\n        c\n"),
        ("indentation", "a\n    b\n", "    a\n        b\n", "    a\n        c\n", "a\n    c\n"),
        ("tabs", "\tif x:\n\t\ty\n", "    if x:\n        y\n", "    if x:\n        z\n", "\tif x:\n\t\tz\n"),
        ("tabs", "\t\tif x:\n\t\t\ty\n", "  if x:\n    y\n", "  if x:\n    z\n", "\t\tif x:\n\t\t\tz\n"),
        ("tabs", "    if x:\n        y\n", "\tif x:\n\t\ty\n", "\tif x:\n\t\tz\n", "    if x:\n        z\n"),
        ("typography", "x = \u2018a\u2019\ny\n", "x = 'a'\ny\n", "x = 'a'\nz\n", "x = \u2018a\u2019\nz\n"),
        ("typography", "cafe\u0301\n", "caf\u00e9\n", "tea\n", "tea\n"),
        ("inner-blanks", "f(a,  b)\ny\n", "f(a, b)\ny\n", "f(a, b)\nz\n", "f(a,  b)\nz\n"),
        ("blank-lines", "a\n\nb\n", "a\nb\n", "a\nc\n", "a\n\nc\n"),
        ("blank-lines", "a\nb\n", "a\n\nb\n", "a\n\nc\n", "a\nc\n"),
        ("ellipsis", "a\nb\nc\nd\n", "a\n...\nd\n", "A\n...\nD\n", "A\nb\nc\nD\n"),
        ("line-numbers", "a\nb\n", "7 | a\n8 | b\n", "a\nc\n", "a\nc\n"),
    ],
)
def test_each_rung_finds_its_place(reply, rung, before, search, replace, after):
    answer = reply.apply({"f.py": before}, "f.py\n" + reply.block(search, replace))
    assert answer.blocks[0].rung == rung
    assert answer.changes[0].after == after.encode()


@pytest.mark.parametrize(
    ("before", "search", "replace", "code"),
    [
        ("foo(bar)\n", "bar\n", "x\n", "not-found"),
        ("    a\n   b\n", "a\nb\n", "x\n", "not-found"),
        ("a\nb\n", "a\nb \n c\n", "x\n", "not-found"),
        ("    a\n", "a\n", "    b\n", "indentation"),
        ("a\nb\n", "    a\n    b\n", "    a\nc\n", "indentation"),
        ("a\nx\na\n", "a\n", "b\n", "ambiguous"),
        ("a\na\na\n", "a\na\n", "b\n", "ambiguous"),
        ("  a\n    a\n", "a\n", "b\n", "ambiguous"),
        ("a\nx\nb\nx\n", "a\n...\nx\n", "A\n...\nX\n", "ambiguous"),
        ("d\nx\na\n", "a\n...\nd\n", "A\n...\nD\n", "not-found"),
        ("a\nb\nd\n", "a\n...\nd\n", "A\nD\n", "not-found"),
        ("a\n\nb\n", "\n", "x\n", "exists"),
        ("a\nb\n", "\nb\n", "a\nc\n", "not-found"),
        ("a\nb\n", "a\n\n", "c\nb\n", "not-found"),
    ],
)
def test_whatever_is_not_one_place_is_refused(reply, before, search, replace, code):
    assert reply.edit(before, search, replace) == code


def test_a_stricter_rung_is_not_weakened_by_a_lenient_one(reply):
    assert reply.edit("  a\na\n", "a\n", "b\n") == b"  a\nb\n"


def test_a_span_decides_between_equals_and_nothing_else(reply):
    search, replace = "    return 1\n", "    return 2\n"
    second = b"def f():\n    return 1\n\ndef g():\n    return 2\n"
    assert reply.edit(TWICE, search, replace) == "ambiguous"
    assert reply.edit(TWICE, search, replace, [Span("f.py", 4, 5)]) == second
    assert reply.edit(TWICE, search, replace, [Span("other.py", 4, 5)]) == "ambiguous"
    assert reply.edit(TWICE, search, replace, [Span("f.py", 1, 5)]) == "ambiguous"
    assert reply.edit(TWICE, search, replace, [Span("f.py", 3, 4)]) == "ambiguous"
    assert reply.edit(TWICE, "    return 3\n", replace, [Span("f.py", 4, 5)]) == "not-found"
    # A unique place needs no span, even outside of it.
    assert reply.edit("a\nb\n", "b\n", "c\n", [Span("f.py", 1, 1)]) == b"a\nc\n"


def test_all_blocks_are_placed_on_the_original(reply):
    text = "f.py\n" + reply.block("a\n", "b\n") + reply.block("b\n", "a\n")
    assert reply.apply({"f.py": "a\nb\n"}, text).changes[0].after == b"b\na\n"


def test_overlapping_and_contradicting_blocks_are_refused(reply):
    files = {"f.py": "a\nb\nc\n"}
    overlap = "f.py\n" + reply.block("a\nb\n", "x\nb\n") + reply.block("b\nc\n", "b\ny\n")
    assert reply.code(reply.apply(files, overlap)) == ["not-applied", "overlap"]
    twice = "f.py\n" + reply.block("a\n", "x\n") + reply.block("a\n", "y\n")
    assert reply.code(reply.apply(files, twice)) == ["not-applied", "overlap"]


def test_repeated_and_idle_blocks_are_dropped(reply):
    files = {"f.py": "a\nb\nc\n"}
    text = "f.py\n" + reply.block("a\n", "x\n") * 2 + reply.block("b\n", "b\n")
    answer = reply.apply(files, text)
    assert [one.result for one in answer.blocks] == ["applied", "duplicate", "unchanged"]
    assert answer.changes[0].after == b"x\nb\nc\n"
    assert reply.code(reply.apply(files, "f.py\n" + reply.block("b\n", "b\n"))) == ["unchanged"]


def test_one_bad_block_keeps_all_others_back(reply):
    text = "f.py\n" + reply.block("a\n", "x\n") + "g.py\n" + reply.block("a\n", "x\n") + reply.block("zz\n", "y\n")
    answer = reply.apply({"f.py": "a\n", "g.py": "a\n"}, text)
    assert reply.code(answer) == ["not-applied", "not-applied", "not-found"]
    assert "1 of 3 blocks failed" in answer.feedback
    assert "ALL blocks" in answer.feedback
