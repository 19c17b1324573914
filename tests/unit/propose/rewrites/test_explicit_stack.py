# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.explicit_stack import ExplicitStack


def tree(rng, depth):
    return {"v": rng.randrange(99), "kids": [tree(rng, depth - 1) for _ in range(rng.randrange(3))] if depth else []}


def pair(rng, depth):
    return None if depth == 0 or rng.random() < 0.2 else (pair(rng, depth - 1), rng.randrange(99), pair(rng, depth - 1))


RNG = random.Random(6)
TREES = [(tree(RNG, 5),) for _ in range(9)]
PAIRS = [(pair(RNG, 5),) for _ in range(9)]


@pytest.fixture
def rule(bench):
    return bench(ExplicitStack())


def test_a_generator_in_preorder(rule):
    [new] = rule.keeps(
        """
        def f(node, depth=0):
            \"\"\"All of it.\"\"\"
            if node["v"] % 7 == 0:
                return
            # itself first
            yield node["v"], depth
            for kid in node["kids"]:
                yield from f(kid, depth + 1)
        """,
        TREES,
    )
    assert "yield from" not in new
    assert "# itself first" in new


def test_a_generator_in_order_with_two_children(rule):
    rule.keeps(
        "def f(node):\n    if node is None:\n        return\n    yield from f(node[0])\n    yield node[1]\n    yield from f(node[2])\n",
        PAIRS,
    )


def test_conditional_descents_in_a_generator(rule):
    rule.keeps(
        "def f(node):\n    if node:\n        yield node[1]\n    if node:\n        yield from f(node[0])\n    if node and node[2]:\n        yield from f(node[2])\n",
        PAIRS,
    )


def test_a_visitor_that_fills_a_list_before_and_after(rule):
    program = """
def visit(node, out, depth):
    value = node["v"]
    out.append(("in", value, depth))
    for kid in node["kids"]:
        if kid["v"] % 5:
            visit(kid, out, depth + 1)
    out.append(("out", node["v"]))

def f(node):
    out = []
    visit(node, out, 0)
    return out
"""
    [new] = rule.texts(program, "visit")
    before, after = {}, {}
    exec(program, before)  # noqa: S102
    exec(new, after)  # noqa: S102
    for args in TREES:
        assert before["f"](*args) == after["f"](*args)


def test_a_method(rule):
    program = """
class Walker:
    def __init__(self):
        self.out = []

    def visit(self, node):
        if node is None:
            return None
        self.out.append(node[1])
        self.visit(node[0])
        self.visit(node[2])
"""
    [new] = rule.texts(program, "Walker.visit")
    before, after = {}, {}
    exec(program, before)  # noqa: S102
    exec(new, after)  # noqa: S102
    for args in PAIRS:
        old, now = before["Walker"](), after["Walker"]()
        assert old.visit(*args) is now.visit(*args) is None
        assert old.out == now.out


def test_depth_is_no_longer_limited(rule):
    [new] = rule.texts("def f(n):\n    yield n\n    if n:\n        yield from f(n - 1)\n")
    after = {}
    exec(new, after)  # noqa: S102
    assert len(list(after["f"](5000))) == 5001


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    x = f(n - 1)\n    return x\n",
        "def f(n):\n    for c in n:\n        return f(c)\n",
        "@cache\ndef f(n):\n    for c in n:\n        f(c)\n",
        "def f(n):\n    x = n.v\n    for c in n:\n        f(c)\n    print(x)\n",
        "def f(n):\n    for c in g(n):\n        f(c)\n",
        "def f(n):\n    n.seen = True\n    for c in n.kids:\n        f(c)\n",
        "def f(n):\n    try:\n        f(n.kid)\n    except ValueError:\n        pass\n",
        "def f(n):\n    for c in n:\n        if c:\n            return\n    f(n.kid)\n",
        "def f(n, *rest):\n    for c in n:\n        f(c)\n",
        "async def f(n):\n    for c in n:\n        f(c)\n",
        "def f(n, g=None):\n    for c in n:\n        f(c, f)\n",
        "def f(n):\n    n = n.kid\n    f(n)\n",
        "def f(n):\n    yield n\n    for c in n:\n        for x in f(c):\n            yield x + 1\n",
        "def f(n):\n    yield f(n)\n",
        "def f(n):\n    return n\n",
    ],
)
def test_other_shapes_stay(rule, text):
    rule.refuses(text)


def test_a_method_that_is_overridden_stays(bench):
    text = "class A:\n    def v(self, n):\n        for c in n:\n            self.v(c)\n"
    assert bench(ExplicitStack()).texts(text, "A.v")
    bench(ExplicitStack(), {"b.py": "class B(A):\n    def v(self, n):\n        pass\n"}).refuses(text, "A.v")
