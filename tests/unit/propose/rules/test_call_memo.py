import pytest

from bot.domain.job import ADDS_A_CACHE
from bot.propose.rules.call_memo import CallMemo, CrossCallCache

HELPERS = """
def divisors(n, least=1):
    return sum(1 for d in range(least, n + 1) if n % d == 0)


def parts(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def noisy(n):
    for _ in range(2):
        print(n)
    return n


def half(n):
    return n // 2

"""


def numbers(random):
    return ([random.choice([0, 1, 6, 12, 12, -1, "x"]) for _ in range(random.randrange(9))],)


SAME = {
    "distinct positions in a loop around": """
def f(xs):
    return [divisors(n) for x in xs for n in range(3)]
""",
    "statement loop": """
def f(xs):
    total = 0
    # all of them
    for x in xs:
        if x:
            total += divisors(x)  # again and again
    return total
""",
    "comprehension, two arguments": """
def f(xs):
    return [divisors(x, y) for x in xs for y in (1, 2)]
""",
}


@pytest.mark.parametrize("case", SAME)
def test_answers_are_kept_for_one_call(agrees, case):
    new = agrees(CallMemo(), HELPERS + SAME[case], numbers)

    assert "known_divisors = {}" in new


@pytest.mark.parametrize("helper", ["parts", "noisy", "half", "unknown", "len"])
def test_leaves_other_helpers_alone(refuses, helper):
    refuses(CallMemo(), HELPERS + f"def f(xs):\n    return [{helper}(x) for x in xs]\n")


@pytest.mark.parametrize(
    "body",
    [
        "return divisors(xs)",
        "return [divisors(x) for x in range(len(xs))]",
        "return [divisors(i, x) for i, x in enumerate(xs)]",
        "return [divisors(x) for x in sorted(set(xs))]",
        "return [divisors(x, y) for x in xs.keys() for y in range(x)]",
        "return [divisors([x]) for x in xs]",
        "return [divisors(next(x)) for x in xs]",
        "return [divisors(*x) for x in xs]",
        "divisors = abs\n    return [divisors(x) for x in xs]",
    ],
)
def test_leaves_other_calls_alone(refuses, body):
    refuses(CallMemo(), HELPERS + f"def f(xs):\n    {body}\n")


def test_a_cache_across_calls_is_labelled(agrees):
    text = HELPERS + "def f(xs):\n    return [divisors(x) for x in xs]\n"

    new = agrees(CrossCallCache(), text, numbers, qualname="divisors")

    assert "@functools.lru_cache(maxsize=4096)\ndef divisors" in new


def test_the_label_is_on_every_rewrite(rewrites_of):
    found = rewrites_of(CrossCallCache(), HELPERS, "divisors")

    assert [labels for _, _, labels in found] == [frozenset({ADDS_A_CACHE})]


@pytest.mark.parametrize("name", ["parts", "noisy"])
def test_no_cache_for_effects_or_mutable_results(refuses, name):
    refuses(CrossCallCache(), HELPERS, qualname=name)


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs: list):\n    return len(xs)\n",
        "def f(xs):\n    return len(xs)\n",
        "def f(xs, i):\n    return xs[i]\n",
        "def f(xs, y):\n    return y in xs\n",
        "def f(*xs):\n    return len(xs)\n",
        "def f():\n    return 1\n",
        "import time\ndef f(n):\n    return n + time.time()\n",
        "@other\ndef f(n):\n    return n\n",
    ],
)
def test_no_cache_where_arguments_or_sources_forbid_it(refuses, text):
    refuses(CrossCallCache(), text)


def test_functions_that_call_each_other_are_judged_together(refuses):
    text = """
def a(n):
    for _ in range(2):
        n = b(n) if n > 3 else n
    print(n)
    return n
def b(n):
    for _ in range(2):
        n = a(n - 1)
    return n
def f(xs):
    return [a(x) + b(x) for x in xs]
"""

    refuses(CallMemo(), text)
