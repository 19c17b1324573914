"""Estimates of tokens for whatever a server may send."""

import pytest

from bot.domain.conversation import count


@pytest.mark.parametrize(("text", "most"), [("", 0), ("\ud800", 3), ("word \udfff\U0001f600", 9)])
def test_any_text_can_be_counted(text, most):
    assert 0 <= count(text) <= most
