# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.hoist import Hoist, HoistLookUps


@pytest.fixture
def rule(bench):
    return bench(Hoist())


@pytest.fixture
def look_ups(bench):
    return bench(HoistLookUps())


RNG = random.Random(3)
LISTS = [([],), ([4.0],), ([RNG.random() for _ in range(20)],)]


def test_pure_calls_and_look_ups_leave_the_loop(rule):
    [new] = rule.keeps(
        """
        import math

        def f(xs):
            out = []
            # scaled
            for x in xs:
                out.append(math.sqrt(x) / max(xs) + len(xs))
            return out
        """,
        LISTS,
    )
    head, loop = new.split("# scaled")
    assert "max(xs)" in head
    assert "len(xs)" in head
    assert "max(xs)" not in loop


def test_bound_methods_and_members_of_modules_leave_the_loop(look_ups):
    [new] = look_ups.keeps(
        "import math\ndef f(xs):\n    out = []\n    for x in xs:\n        out.append(math.sqrt(x))\n    return out\n",
        LISTS,
    )
    assert "out_append(math_sqrt(x))" in new


def test_a_pure_function_of_the_module_and_nested_loops(rule):
    rule.keeps(
        """
        def norm(v):
            total = 0
            for x in v:
                total += x * x
            return total ** 0.5

        def f(xs):
            out = []
            for i in range(4):
                for j in range(3):
                    out.append(norm(xs) + i * j)
            return out
        """,
        LISTS,
    )


def test_an_attribute_chain_that_is_set_in_init_only(look_ups):
    look_ups.keeps(
        """
        class Box:
            def __init__(self):
                self.config = {"a": 3}
                self.inner = self

            def step(self, x):
                return x

            def run(self):
                out = []
                for x in range(5):
                    out.append(self.step(x) + self.inner.config["a"])
                return out
        """,
        [()],
        "Box.run",
    )


def test_while_loops_too(rule):
    rule.keeps(
        "def f(xs):\n    i = 0\n    n = 0\n    while i < len(xs):\n        n += xs[i]\n        i += 1\n    return n\n",
        LISTS,
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs):\n    for x in range(3):\n        y = len(xs)\n        xs[y:] = [x]\n    return xs\n",
        "def f(xs):\n    for x in range(3):\n        xs.pop()\n        y = len(xs)\n    return y\n",
        "def f(xs):\n    ys = xs\n    for x in range(3):\n        zs = xs\n        zs.insert(0, len(xs))\n",
        "def f(xs, g):\n    for x in range(3):\n        g(xs)\n        y = len(xs)\n    return y\n",
        "def f(xs):\n    len = lambda q: 3\n    for x in range(3):\n        y = len(xs)\n    return y\n",
        "def f(xs):\n    for xs in range(3):\n        y = abs(xs)\n    return y\n",
        "def f(xs):\n    out = []\n    for x in range(3):\n        y = list(xs)\n        y[0] = x\n        out = out + y\n",
        "def f(xs):\n    out = {}\n    for x in range(3):\n        out[x] = sorted(xs)\n    return out\n",
        "def f(xs):\n    for x in range(3):\n        if x > 5:\n            return max(xs)\n",
        "def f(xs):\n    for x in range(3):\n        try:\n            y = max(xs)\n        except ValueError:\n            y = 0\n    return y\n",
        "def f(xs):\n    for x in range(3):\n        yield max(xs)\n",
        "async def f(xs):\n    for x in range(3):\n        await q(x)\n        y = max(xs)\n",
        "def f(self):\n    for x in range(3):\n        self.step()\n        y = len(self.a.b)\n        self.a = x\n",
        "def f(self):\n    for x in range(3):\n        self.a.b = x\n        y = self.a.b\n",
        "def f(xs):\n    def g():\n        nonlocal xs\n        xs = []\n    for x in range(3):\n        y = max(xs)\n",
        "n = 0\ndef g():\n    global n\n    n += 1\n    return n\ndef f(xs):\n    for x in range(3):\n        y = g()\n    return y\n",
        "def f(xs):\n    for x in range(3):\n        g = lambda: max(xs)\n    return g\n",
    ],
)
def test_what_may_change_stays(rule, look_ups, text):
    rule.refuses(text)
    look_ups.refuses(text)


def test_an_attribute_that_another_file_sets_stays(bench):
    text = "def f(self):\n    for x in range(3):\n        self.step()\n        y = self.aa.bb\n"
    assert bench(HoistLookUps()).texts(text)
    bench(HoistLookUps(), {"b.py": "def g(x):\n    x.bb += 1\n"}).refuses(text)
    bench(HoistLookUps(), {"b.py": "class A:\n    @property\n    def bb(self):\n        return 1\n"}).refuses(text)


def test_copies_that_are_only_looked_at_are_made_once(rule):
    [new] = rule.keeps(
        """
        import copy
        import json

        def f(table):
            total = 0
            for n in range(5):
                total += copy.deepcopy(table)["a"] + json.loads(json.dumps(table))["a"] + sorted(table["b"])[0]
            return total
        """,
        [({"a": 1, "b": [3, 2]},), ({},)],
    )
    assert new.index("deepcopy") < new.index("for n in range")
    rule.refuses(
        "import copy\ndef f(t):\n    for n in range(5):\n        c = copy.deepcopy(t)\n        c[n] = n\n        g(c)\n"
    )
