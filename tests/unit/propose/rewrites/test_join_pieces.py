# ruff: noqa: E501, ISC004, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.join_pieces import JoinPieces


@pytest.fixture
def rule(bench):
    return bench(JoinPieces())


WORDS = [([],), (["a"],), (["a", "bc", "", "é"],), ([str(n) for n in range(50)],), (["x", 3],)]


def test_a_string_in_a_loop_is_joined_once(rule):
    [new] = rule.keeps(
        """
        def f(words):
            # the text
            s = ""
            for w in words:
                if w:
                    s += w  # the word
                    s = s + "," + w
                else:
                    s += "-"
            s += "."
            return s
        """,
        WORDS,
    )
    assert "# the text" in new
    assert "# the word" in new
    assert '"".join(s_parts)' in new


def test_bytes_and_a_start_value(rule):
    rng = random.Random(1)
    inputs = [([rng.randbytes(rng.randrange(5)) for _ in range(n)],) for n in (0, 1, 9)]
    rule.keeps("def f(xs):\n    s = b'ab'\n    for x in xs:\n        s = s + x\n    return s, len(s)\n", inputs)


def test_pieces_put_in_front_are_joined_in_reverse(rule):
    rule.keeps(
        "def f(n):\n    s = '!'\n    while n:\n        n, d = divmod(n, 10)\n        s = str(d) + s\n    return s\n",
        [(0,), (7,), (1234567890,)],
    )


def test_a_return_inside_the_loop_sees_the_text(rule):
    rule.keeps(
        "def f(xs):\n    s = ''\n    for x in xs:\n        if x == 'q':\n            return s\n        s += x\n    return s\n",
        [(["a", "q", "b"],), (["a"],), ([],)],
    )


def test_two_loops_that_follow_each_other(rule):
    rule.keeps(
        "def f(xs):\n    s = ''\n    for x in xs:\n        s += x\n    for x in xs:\n        s += x + x\n    return s\n",
        [(["a", "b"],), ([],)],
    )


def test_an_accumulation_in_an_outer_loop(rule):
    rule.keeps(
        """
        def f(rows):
            out = []
            for row in rows:
                s = ''
                for x in row:
                    s += x
                out.append(s)
            return out
        """,
        [([["a", "b"], [], ["c"]],)],
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n",
        "def f(xs, s):\n    for x in xs:\n        s += x\n    return s\n",
        "def f(xs):\n    s = ''\n    for x in xs:\n        s += x\n        print(len(s))\n    return s\n",
        "def f(xs):\n    s = ''\n    for x in xs:\n        s += s\n    return s\n",
        "def f(xs):\n    s = ''\n    for x in xs:\n        s += x\n        yield s\n",
        "def f(xs):\n    s = ''\n    for x in xs:\n        s += x\n        s = s + x\n        s = x + s\n    return s\n",
        "def f(xs):\n    global s\n    s = ''\n    for x in xs:\n        s += x\n    return s\n",
        "def f(xs):\n    s = ''\n    g = lambda: s\n    for x in xs:\n        s += x + g()\n    return s\n",
        "def f(xs):\n    s = ''\n    try:\n        s = ''\n        for x in xs:\n            s += x\n"
        "    except TypeError:\n        pass\n    return s\n",
        "def f(xs):\n    s = ''\n    for s in xs:\n        s += 'x'\n    return s\n",
        "def f(x):\n    s = ''\n    s += x\n    return s\n",
        "def f(rows):\n    s = 'q'\n    for row in rows:\n        print(s)\n        s = ''\n        if not row:\n"
        "            continue\n        for x in row:\n            s += x\n    return s\n",
    ],
)
def test_it_refuses(rule, text):
    rule.refuses(text)
