# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.byte_buffer import ByteBuffer
from bot.propose.rules.grow_in_place import GrowInPlace

RNG = random.Random(2)
NUMBERS = [([],), ([3],), ([RNG.randrange(9) for _ in range(30)],)]


@pytest.fixture
def growing(bench):
    return bench(GrowInPlace())


@pytest.fixture
def buffered(bench):
    return bench(ByteBuffer())


def test_bytes_are_collected_in_a_bytearray(buffered):
    [new] = buffered.keeps(
        """
        def f(numbers):
            out = b""
            for n in numbers:
                while n > 127:
                    out = out + bytes([n & 127 | 128])  # more follow
                    n >>= 7
                out += bytes([n]) + b"!"
                out = out + b"a" + bytes((n,))
            return out
        """,
        [*NUMBERS, ([2**60, 1, 300],), ([-1],), (["x"],)],
    )
    assert "out_buffer.append(n & 127 | 128)  # more follow" in new


def test_bytes_before_the_end_of_the_loop_are_a_copy(buffered):
    buffered.keeps(
        "def f(xs):\n    r = bytes()\n    for x in xs:\n        if x == 5:\n            return r\n"
        "        r += bytes([x])\n    r += b'.'\n    return r\n",
        [*NUMBERS, ([1, 2, 5, 6],)],
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs):\n    r = b''\n    for x in xs:\n        r = bytes([x]) + r\n    return r\n",
        "def f(xs):\n    r = b''\n    for x in xs:\n        r += x\n        g(r)\n    return r\n",
        "def f(xs):\n    r = []\n    for x in xs:\n        r += x\n    return r\n",
    ],
)
def test_bytes_that_are_looked_at_stay(buffered, text):
    buffered.refuses(text)


def test_list_set_and_dict_grow_in_place(growing):
    new = growing.keeps(
        """
        def f(xs):
            a = []
            s = set()
            d = {}
            for x in xs:
                if x not in a:
                    a = a + [x]  # new
                a = a + [x, x]
                s = s | {x}
                d = {**d, x: len(a)}
            return a, sorted(s), d
        """,
        NUMBERS,
    )
    assert len(new) == 3
    assert "a.append(x)  # new" in new[0]


def test_the_order_of_keys_is_kept(growing):
    growing.keeps(
        "def f(xs):\n    d = dict()\n    for x in xs:\n        d = d | {x % 3: x}\n    return list(d.items())\n",
        NUMBERS,
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs):\n    a = []\n    b = a\n    for x in xs:\n        a = a + [x]\n    return a, b\n",
        "def f(xs):\n    a = []\n    out = []\n    for x in xs:\n        out.append(a)\n        a = a + [x]\n    return out\n",
        "def f(xs, a):\n    for x in xs:\n        a = a + [x]\n    return a\n",
        "def f(xs):\n    a = [1]\n    for x in a:\n        a = a + [x]\n        if len(a) > 9:\n            return a\n",
        "def f(xs):\n    a = []\n    for x in xs:\n        a = a + [x]\n        yield a\n",
        "def f(xs):\n    a = 0\n    for x in xs:\n        a = a + x\n    return a\n",
        "def f(xs):\n    a = []\n    for x in xs:\n        a = a + [a]\n    return a\n",
        "def f(xs):\n    a = []\n    g = lambda: a\n    for x in xs:\n        a = a + [x]\n    return g(), a\n",
        "def f(xs):\n    a = xs\n    for x in range(3):\n        a = a + [x]\n    return a\n",
        "def f(xs):\n    a = []\n    for x in xs:\n        b = a[:]\n        a = a + [x]\n    return a\n",
    ],
)
def test_a_container_that_may_be_shared_stays(growing, text):
    growing.refuses(text)
