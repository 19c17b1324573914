"""Suggestion blocks: only where GitLab can apply them, and exactly the edit."""

import re

import pytest

from bot.domain.code import FileChange
from bot.report.suggestion import suggestion

OLD = b"a = 1\nb = 2\nc = 3\nd = 4\n"


def made(after, added, before=OLD):
    return suggestion(FileChange("shop.py", before, after), frozenset(added))


def applied(found, before=OLD):
    """Apply the block as GitLab does: lines above the one it stands at, up to that one, are replaced."""
    above = int(re.match(r"`+suggestion:-(\d+)\+0\n", found.block)[1])
    body = found.block.split("\n")[1:-1]
    lines = before.decode().split("\n")
    return "\n".join([*lines[: found.line - above - 1], *body, *lines[found.line :]]).encode()


@pytest.mark.parametrize(
    ("after", "added"),
    [
        (b"a = 1\nb = 22\nc = 3\nd = 4\n", {2}),
        (b"a = 1\nb = 22\nc = 3\nd = 44\n", {2, 3, 4}),
        (b"a = 1\nbetween\nb = 2\nc = 3\nd = 4\n", {1}),
        (b"a = 1\nc = 3\nd = 4 + 1\n", {2, 3, 4}),
        (b"a = '````'\nb = 2\nc = 3\nd = 4\n", {1}),
    ],
)
def test_a_block_applies_to_exactly_the_edit(after, added):
    assert applied(made(after, added)) == after


@pytest.mark.parametrize(
    ("after", "added"),
    [
        (b"a = 1\nb = 22\nc = 3\nd = 4\n", {1, 3}),
        (b"a = 1\nb = 22\nc = 3\nd = 44\n", {2, 4}),
        (b"before\na = 1\nb = 2\nc = 3\nd = 4\n", {1, 2, 3, 4}),
        (OLD, {1, 2, 3, 4}),
        (None, {1}),
        (b"a = 1\nb = '\xff'\nc = 3\nd = 4\n", {2}),
        (b"a = 1\n/merge\nc = 3\nd = 4\n", {2}),
        (b"a = 1\n```\nc = 3\nd = 4\n", {2}),
        ("a = 1\nb = '\u202e'\nc = 3\nd = 4\n".encode(), {2}),
        (b"a = 1\r\nb = 22\r\nc = 3\r\nd = 4\r\n", {1, 2, 3, 4}),
        (b"a = 1\nd = 4\n", {2, 3}),
    ],
)
def test_what_cannot_be_applied_to_the_letter_is_no_suggestion(after, added):
    assert made(after, added) is None


def test_an_edit_of_more_lines_than_gitlab_takes_is_no_suggestion():
    before = b"".join(b"x%d\n" % n for n in range(150))
    after = before.replace(b"x0\n", b"y\n").replace(b"x140\n", b"y\n")
    assert made(after, range(1, 151), before) is None
    assert made(None, {1}, None) is None
