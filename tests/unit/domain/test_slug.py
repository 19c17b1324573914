"""The names of branches: one for each function, and fit for git."""

import re

import pytest

from bot.domain.code import FunctionId, Span


def slug(path, name):
    return FunctionId(name, Span(path, 1, 2), "0" * 64).slug


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("shop.py", "known", "shop-known"),
        ("src/shop/core.py", "merge_rows", "src-shop-core-merge_rows"),
        ("shop.py", "_known", "shop-_known"),
    ],
)
def test_a_plain_name_is_spelled_out(path, name, expected):
    assert slug(path, name) == expected


ALIKE = [
    ("shop.py", "known"), ("shop.py", "_known"), ("shop.py", "Known"), ("shop.pyx", "known"), ("a/b.py", "c"),
    ("a.py", "b.c"), ("a-b.py", "c"), ("a_b.py", "c"), ("a.py", "b_c"), ("a.py", "b-c"), ("A/b.py", "c"),
    ("a.py", "x.lock"), ("a.py", "f.<locals>.g"), ("\u00e4.py", "\u00f6"), ("\u00f6.py", "\u00e4"), ("\udcff.py", "f"),
    (f"{'d/' * 200}a.py", "f"), (f"{'d/' * 201}a.py", "f"), ("..py", "f"), ("-.py", "_"), ("a.py", "_"),
]  # fmt: skip


def test_no_two_functions_share_a_branch_and_every_name_is_one_for_git():
    found = [slug(*one) for one in ALIKE]
    assert len(set(found)) == len(ALIKE)
    for one in found:
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", one), one
