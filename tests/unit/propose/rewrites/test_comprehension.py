# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.comprehension import Comprehension

RNG = random.Random(7)
INPUTS = [([],), ([3],), ([RNG.randrange(20) for _ in range(30)],), ([1, "a"],)]


@pytest.fixture
def rule(bench):
    return bench(Comprehension())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("out = []\n    for x in xs:\n        out.append(x + 1)", "[x + 1 for x in xs]"),
        ("out = []\n    for x in xs:\n        out.append(x)", "list(xs)"),
        ("out = list()\n    for x in xs:\n        if x % 2:\n            out.append(x)", "[x for x in xs if (x % 2)]"),
        (
            "out = []\n    for x in xs:\n        if x in (1, 2):\n            continue\n        out.append(x)",
            "if not (x in (1, 2))",
        ),
        (
            "out = []\n    for i, x in enumerate(xs):\n        for y in range(i):\n            if y:\n                out.append((x, y))",
            "for y in range(i) if y]",
        ),
        (
            "out = []\n    for x in xs:\n        if x:\n            out.append(1)\n        else:\n            out.append(-x)",
            "1 if x else -x",
        ),
        ("out = {}\n    for x in xs:\n        out[x % 5] = x * 2", "{x % 5: x * 2 for x in xs}"),
        (
            "out = dict()\n    n = 3\n    for x in xs:\n        if x > n:\n            out[x] = n",
            "{x: n for x in xs if (x > n)}",
        ),
        ("out = set()\n    for x in xs:\n        out.add(x % 3)", "{x % 3 for x in xs}"),
        (
            "out = []\n    # squares\n    for x in xs:\n        out.append(x * x)\n    for x in xs:\n        print(end='')",
            "# squares",
        ),
    ],
)
def test_loops_become_comprehensions(rule, body, expected):
    [new] = rule.keeps(f"def f(xs):\n    {body}\n    return out\n", INPUTS)
    assert expected in new


@pytest.mark.parametrize(
    "body",
    [
        "out = []\n    for x in xs:\n        out.append(x)\n    return x, out",
        "out = []\n    for x in xs:\n        out.append(len(out))",
        "out = []\n    for x in xs:\n        out.append(x)\n        if x:\n            break",
        "out = []\n    for x in xs:\n        out.append(x)\n        print(x)",
        "out = []\n    for x in xs:\n        yield x\n        out.append(x)",
        "out = []\n    for x in xs:\n        out.append((yield x))",
        "out = []\n    try:\n        for x in xs:\n            out.append(1 / x)\n    except ZeroDivisionError:\n        pass",
        "out = []\n    g = lambda: out\n    for x in xs:\n        out.append(g())",
        "out = []\n    for x in xs:\n        # why\n        out.append(x)",
        "out = []\n    for x in xs:\n        out.append(x)\n    else:\n        pass",
        "out = []\n    for x in xs:\n        out.append(y := x)\n    out.append(y)",
        "out = []\n    for x in xs:\n        out.append(super().f(x))",
        "out = {}\n    for x in xs:\n        out[g(x)] = h(x)",
        "for x in xs:\n        out = []\n        for x in range(3):\n            out.append(x)\n        print(x)",
        "out = [1]\n    for x in xs:\n        out.append(x)",
        "out = []\n    print(out)\n    for x in out:\n        out.append(x)",
        "global x\n    out = []\n    for x in xs:\n        out.append(x)",
    ],
)
def test_other_loops_stay(rule, body):
    rule.refuses(f"def f(xs):\n    {body}\n    return out\n")


def test_async_loops_stay(rule):
    rule.refuses("async def f(xs):\n    out = []\n    async for x in xs:\n        out.append(x)\n    return out\n")
