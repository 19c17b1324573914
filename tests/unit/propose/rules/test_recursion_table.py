# ruff: noqa: E501 - programs stand here as text
import pytest

from bot.domain.code import File, Snapshot, Target
from bot.localize import spans
from bot.propose.rules.proposer import RuleProposer
from bot.propose.rules.recursion_table import RecursionTable


def two(random):
    letters = "abc"
    return ["".join(random.choice(letters) for _ in range(random.randrange(5))) for _ in range(2)]


def number(random):
    return (random.choice([0, 1, 2, 5, 9, 10, -1, 2.5]),)


NUMBERS = {
    "fibonacci": '''
def f(n):
    """Count."""
    if n < 2:
        return n  # as it is
    # both
    return f(n - 1) + f(n - 2)  # sum
''',
    "change, by a loop over a constant": """
COINS = (1, 2, 5)


def f(n, best=99):
    if n <= 0: return 0 if n == 0 else best
    for coin in COINS:
        best = min(best, 1 + f(n - coin))
    return best
""",
    "rebound parameter": """
import math


def f(n):
    total = 0
    while n > 3:
        n -= 1
        total += f(n) if n % 2 else math.floor(f(n // 2))
    if total > 30:
        raise ValueError(total)
    return total + n
""",
}


@pytest.mark.parametrize("case", NUMBERS)
def test_each_subproblem_is_solved_once(agrees, case):
    new = agrees(RecursionTable(), NUMBERS[case], number)

    assert "known = {}" in new


def test_comments_and_docstring_stay(agrees):
    new = agrees(RecursionTable(), NUMBERS["fibonacci"], number)

    assert (
        new
        == '''
def f(n):
    """Count."""
    known = {}

    def solve(n):
        if n in known:
            return known[n]
        if n < 2:
            return n  # as it is
        # both
        known[n] = solve(n - 1) + solve(n - 2)
        return known[n]  # sum

    return solve(n)
'''
    )


def test_what_is_handed_on_unchanged_need_not_be_hashable(agrees):
    text = """
def f(a, b, i=0, j=0):
    if i == len(a) or j == len(b):
        return max(len(a) - i, len(b) - j)
    if a[i] == b[j]:
        return f(a, b, i + 1, j + 1)
    return 1 + min(f(a, b, i + 1, j), f(a, b, i, j + 1))
"""

    new = agrees(RecursionTable(), text, lambda random: [list(one) for one in two(random)])

    assert "if (i, j) in known:" in new


def test_a_method_that_nothing_overrides(agrees):
    text = """
class Grid:
    def __init__(self, rows):
        self.rows = rows
    def paths(self, x, y):
        if x < 0 or y < 0:
            return 0
        if x == 0 and y == 0:
            return 1
        return self.paths(x - 1, y) + self.paths(x, y - 1) + self.rows[0]
def f(n):
    return Grid([1, 2]).paths(int(n) % 4, 3)
"""

    agrees(RecursionTable(), text, number, qualname="Grid.paths")


def test_exponential_becomes_linear(agrees):
    agrees(RecursionTable(), NUMBERS["fibonacci"], lambda _: (18,), tries=1)


@pytest.mark.parametrize(
    "text",
    [
        # effects
        "def f(n):\n    print(n)\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        "def f(n, seen):\n    seen.append(n)\n    return n if n < 2 else f(n - 1, seen) + f(n - 2, seen)\n",
        "def f(n, seen):\n    seen[n] = 1\n    return n if n < 2 else f(n - 1, seen) + f(n - 2, seen)\n",
        "def f(n):\n    global calls\n    calls += 1\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        "import random\ndef f(n):\n    return random.random() if n < 2 else f(n - 1) + f(n - 2)\n",
        "LOG = []\ndef f(n):\n    LOG.append(n)\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        "def f(n):\n    list(map(print, [n]))\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        # reads what may change
        "LIMIT = 2\ndef set_limit(n):\n    global LIMIT\n    LIMIT = n\ndef f(n):\n    return n if n < LIMIT else f(n - 1) + f(n - 2)\n",
        # gives out what its caller may change
        "def f(n):\n    if n < 2:\n        return [n]\n    return f(n - 1) + f(n - 2)\n",
        "def f(n):\n    out = []\n    if n > 1:\n        out.append(f(n - 1))\n        out.append(f(n - 2))\n    return out\n",
        # generator, async, decorated
        "def f(n):\n    if n > 1:\n        yield from f(n - 1)\n        yield from f(n - 2)\n",
        "async def f(n):\n    return n if n < 2 else await f(n - 1) + await f(n - 2)\n",
        "@cache\ndef f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        # no overlap
        "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\n",
        "def f(n):\n    if n % 2:\n        return f(n - 1)\n    return f(n // 2)\n",
        # unhashable
        "def f(xs: list):\n    return 0 if not xs else f(xs[1:]) + f(xs[2:])\n",
        # the name is used otherwise
        "def f(n):\n    return n if n < 2 else sum(map(f, [n - 1, n - 2])) + f(0) + f(1)\n",
        "def f(*n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
        # attributes of arguments may change
        "def f(n):\n    return n.value if n.leaf else f(n.left) + f(n.right)\n",
    ],
)
def test_leaves_the_function_alone(refuses, text):
    refuses(RecursionTable(), text)


def test_leaves_a_method_alone_that_is_overridden(refuses):
    one = "class A:\n    def f(self, n):\n        return n if n < 2 else self.f(n - 1) + self.f(n - 2)\n"

    refuses(
        RecursionTable(), one, qualname="A.f", files={"b.py": "class B(A):\n    def f(self, n):\n        return 1\n"}
    )


def test_leaves_halves_of_a_range_alone():
    text = (
        "def total(xs, start, stop):\n    if stop - start < 8:\n        return sum(xs[start:stop])\n"
        "    middle = (start + stop) // 2\n    return total(xs, start, middle) + total(xs, middle, stop)\n"
    )
    tree = Snapshot("c", {"m.py": File(text.encode())})
    (function,) = spans.functions("m.py", text.encode())
    found = RuleProposer((RecursionTable(),)).propose(Target(function), tree, ())
    assert list(found) == []
