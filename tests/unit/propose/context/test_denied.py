import pytest

from bot.propose.context.denied import unhidden

HIDDEN = "\u00ad\u034f\u115f\u180b\u200b\u202e\u2062\u3164\ufe00\ufe0f\uffa0\U0001d173\U000e0041\U000e0100\U000e01ef"


@pytest.mark.parametrize("hidden", HIDDEN)
def test_characters_that_nobody_sees_are_dropped(hidden):
    assert unhidden(f"a{hidden}b{hidden * 3}") == "ab"


def test_a_symbol_keeps_the_one_selector_of_its_style():
    assert unhidden("\u26a0\ufe0f\ufe0f\ufe0e\ufe01 x") == "\u26a0\ufe0f x"


@pytest.mark.parametrize("text", ["", "plain\tcode\n", "na\u00efve \u65e5\u672c \U0001f600"])
def test_text_that_people_see_stays(text):
    assert unhidden(text) == text
