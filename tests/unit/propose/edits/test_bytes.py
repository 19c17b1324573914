"""Encodings, marks, line ends and the end of a file survive an edit."""

import pytest

from bot.propose.edits.text import NotText, Splice, decode, splice

LATIN = "# caf\u00e9\nx = 1\n".encode("latin-1")


@pytest.mark.parametrize(
    ("before", "search", "replace", "after"),
    [
        (b"a\r\nb\r\nc\r\n", "b\n", "x\ny\n", b"a\r\nx\r\ny\r\nc\r\n"),
        (b"a\r\nb\nc\r\nd\n", "a\nb\nc\n", "a\nB\nC\nnew\n", b"a\r\nB\nC\r\nnew\r\nd\n"),
        (b"a\r\nb", "b\n", "b\nc\n", b"a\r\nb\r\nc"),
        (b"a\nb", "b\n", "", b"a"),
        (b"a", "a\n", "a\nb\n", b"a\nb"),
        (b"a\nb\n", "a\nb\n", "", b""),
        (b"\xef\xbb\xbfa\r\nb\r\n", "a\n", "x\n", b"\xef\xbb\xbfx\r\nb\r\n"),
        (LATIN, "x = 1\n", "x = '\u00e8'\n", b"# caf\xe9\nx = '\xe8'\n"),
        (LATIN, "# caf\u00e9\n", "# tea\n", b"# tea\nx = 1\n"),
        (b"# coding: cp1252\nx = '\x93'\n", "x = '\u201c'\n", "x = '\u201d'\n", b"# coding: cp1252\nx = '\x94'\n"),
        (b"# coding: latin-1\nx\n", "x\n", "\u00e9\n", b"# coding: latin-1\n\xe9\n"),
        (b"# coding: nonsense\nx\n", "x\n", "\u00e9\n", b"# coding: nonsense\n\xc3\xa9\n"),
        ("a\fb\u2028c\x85d\ne\n".encode(), "e\n", "f\n", "a\fb\u2028c\x85d\nf\n".encode()),
        (b"a\r\r\nb\r\n", "b\n", "b\nc\n", b"a\r\r\nb\r\nc\r\n"),
        (LATIN, "x = 1\n", "x = '\u2713'\n", "not-text"),
        (b"a\0\nb\n", "b\n", "c\n", "not-text"),
        ("a\nb\n".encode("utf-16"), "b\n", "c\n", "not-text"),
        (b"a\nb\n", "b\n", "\0\n", "not-text"),
        (b"a\nb\n", "b\n", "\ud800\n", "not-text"),
        (b"\xef\xbb\xbf\xff\n", "b\n", "c\n", "not-text"),
    ],
)
def test_only_the_lines_that_were_meant_change(reply, before, search, replace, after):
    assert reply.edit(before, search, replace) == after


def test_a_reply_may_say_that_a_file_ends_without_a_newline(reply):
    mark = "\\ No newline at end of file\n"
    assert reply.edit("a\nb\n", "b\n", "b\n" + mark) == b"a\nb"
    assert reply.edit("a\nb", "b\n" + mark, "b\n") == b"a\nb\n"
    assert reply.edit("a\nb\n", "b\n" + mark, "c\n") == "not-found"
    assert reply.edit("a\nb\n", "a\n", "x\n" + mark) == "not-found"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"a", b"a\r\n\nb", b"\xef\xbb\xbf", LATIN, b"\r\r\n\r", bytes(range(1, 256))]
)
def test_reading_and_writing_back_is_the_identity(data):
    assert splice(decode(data), ()).encode() == data


def test_splices_do_not_depend_on_their_order():
    text = decode(b"a\nb\nc\n")
    splices = [Splice(0, 1, ("x",)), Splice(2, 2, ("y",)), Splice(2, 3, ())]
    assert splice(text, splices) == splice(text, splices[::-1])
    assert splice(text, splices).encode() == b"x\nb\ny\n"


def test_an_unknown_encoding_is_not_guessed():
    with pytest.raises(NotText):
        decode(b"\xef\xbb\xbf\xff")
