"""What counts as a complete reply, and which line of a block is its divider."""

import pytest

from bot.propose.edits.parse import Malformed, escape, parse, unescape

ABC = "a = 1\nb = 2\nc = 3\n"
OPEN = "f.py\n<<<<<<< SEARCH\na = 1\n=======\nx\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (OPEN, 2),
        (OPEN + "<<<<<<< SEARCH\nb = 2\n=======\ny\n>>>>>>> REPLACE\n", 6),
        (OPEN + "  >>>>>>> REPLACE\n", 2),
        (OPEN + ">>>>>>> UPDATED\n", 6),
        ("f.py\n<<<<<<< SEARCH\na = 1\n>>>>>>> REPLACE\n", 2),
        ("f.py\n=======\nx\n>>>>>>> REPLACE\n", 4),
        ("f.py\n<<<<<<< SEARCH>>\na = 1\n=======\nx\n>>>>>>> REPLACE\n", 2),
        ("*** Begin Patch\n*** Delete File: f.py\n*** End Patch\n", 1),
        ("x" * 5_000_001, 1),
    ],
)
def test_one_incomplete_block_makes_the_whole_reply_void(text, line):
    with pytest.raises(Malformed) as caught:
        parse(text)
    assert caught.value.line == line


def test_a_void_reply_says_which_line_and_how_to_write_one(reply):
    answer = reply.apply({"f.py": ABC}, OPEN)
    assert answer.blocks == ()
    assert "Line 2 of the reply" in answer.feedback
    assert "<<<<<<< SEARCH" in answer.feedback
    assert "no-blocks" in reply.apply({"f.py": ABC}, "I would rather not.").feedback


@pytest.mark.parametrize(
    ("head", "divider", "tail"),
    [
        ("<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"),
        ("<<<<< SEARCH>", "========  ", ">>>>> REPLACE\t"),
        ("<<<<<<<<<<< SEARCH", "=====", ">>>>>>>>> REPLACE"),
    ],
)
def test_markers_may_vary_a_little(reply, head, divider, tail):
    text = "f.py\n" + reply.block("b = 2\n", "b = 4\n", head, divider, tail)
    assert reply.apply({"f.py": ABC}, text).changes[0].after == b"a = 1\nb = 4\nc = 3\n"


def test_a_reply_with_carriage_returns_is_read_like_any_other(reply):
    text = ("f.py\n" + reply.block("b = 2\n", "b = 4\nx\n")).replace("\n", "\r\n")
    assert reply.apply({"f.py": ABC}, text).changes[0].after == b"a = 1\nb = 4\nx\nc = 3\n"


TITLE = "Install\n=======\n\nold\n"


@pytest.mark.parametrize(
    ("search", "replace", "after"),
    [
        (TITLE, "Install\n=======\n\nnew\n", b"Install\n=======\n\nnew\n"),
        ("Install\n=======\n", "Example\n=======\n", b"Example\n=======\n\nold\n"),
        ("Install\n=======\n", "Install\n", b"Install\n\nold\n"),
        ("Install\n=======\n\nstale\n", "Install\n=======\n\nnew\n", "not-found"),
        ("stale\n=======\n\nold\n", "Install\n=======\n\nnew\n", "not-found"),
    ],
)
def test_an_underlined_title_is_told_from_the_divider(reply, search, replace, after):
    assert reply.edit(TITLE, search, replace) == after


def test_a_stale_block_does_not_shrink_to_the_title_that_still_matches(reply):
    assert reply.edit("Install\n-------\nold\n", "Install\n=======\nstale\n", "Install\n=======\nnew\n") == "not-found"


def test_git_conflict_markers_are_text(reply):
    conflict = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"
    assert reply.edit(conflict + "c\n", conflict, "a\n") == b"a\nc\n"


@pytest.mark.parametrize("line", ["=======", "<<<<<<< SEARCH", "    >>>>>>> REPLACE", "\\=======", "<<<<<<< search me"])
def test_escapes_undo_each_other(line):
    assert escape(line) != line
    assert unescape(escape(line)) == line


def test_ordinary_lines_are_not_escaped():
    for line in ("x = 1", "== 3", "\\alpha", "<<<<<<< HEAD", "# ======="):
        assert escape(line) == line
        assert unescape(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "# ... rest of the code unchanged ...",
        "// ... existing code ...",
        "    # ... (unchanged)",
        "# \u2026 same as before",
    ],
)
def test_a_comment_that_stands_for_code_is_refused(reply, line):
    assert reply.edit("def f():\n    a\n    b\n", "def f():\n    a\n    b\n", f"def f():\n    x\n{line}\n") == "elided"


@pytest.mark.parametrize("line", ["...", "# see the rest of the code", "# 1, 2, ...", "x = 'rest ... unchanged code'"])
def test_other_dots_and_comments_are_code(reply, line):
    assert reply.edit("a\nb\n", "b\n", f"{line}\n") == f"a\n{line}\n".encode()


def test_numbers_of_blocks_and_dividers_are_bounded():
    with pytest.raises(Malformed, match="more than 500 blocks"):
        parse("f.py\n" + "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n" * 501)
    with pytest.raises(Malformed, match="backslash"):
        parse("f.py\n<<<<<<< SEARCH\n" + "=======\n" * 17 + ">>>>>>> REPLACE\n")
