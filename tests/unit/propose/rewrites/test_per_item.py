# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.per_item import PerItem

RNG = random.Random(4)
WORDS = [([],), (["ab c"],), ([" ".join(RNG.choices(["a", "b", "c"], k=4)) for _ in range(12)],)]
NORM = "def norm(v):\n    total = 0\n    for x in v:\n        total += ord(x)\n    return total\n"


@pytest.fixture
def rule(bench):
    return bench(PerItem())


def test_a_range_is_listed_by_index(rule):
    [new] = rule.keeps(
        NORM
        + """
def f(words):
    out = []
    for i in range(len(words)):
        for j in range(i + 1, len(words)):
            if norm(words[i]) < norm(words[j]) and len(set(words[j].split())) > 1:
                out.append((i, j, norm(words[j])))
    return out
""",
        WORDS,
    )
    assert "norm_words_j = [norm(words[j]) for j in range(len(words))]" in new


def test_values_and_slices_are_tabled(rule):
    rule.keeps(
        NORM
        + """
def f(words):
    out = 0
    for i, a in enumerate(words):
        for b in words[i:]:
            out += len(a) * norm(b)
        for b in words:
            out -= norm(b)
    return out
""",
        WORDS,
    )


def test_tuple_targets(rule):
    rule.keeps(
        NORM + "def f(words):\n    pairs = [(w, n) for n, w in enumerate(words)]\n    out = []\n    for a in words:\n"
        "        for w, n in pairs:\n            out.append(norm(w) + n + len(a))\n    return out\n",
        WORDS,
    )


@pytest.mark.parametrize(
    "loops",
    [
        "    for a in words:\n        for b in words:\n            words[0] = a\n            out += norm(b)\n",
        "    for a in words:\n        for b in words:\n            a.append(1)\n            out += norm(b)\n",
        "    for a in words:\n        for b in a:\n            out += norm(b)\n",
        "    for a in words:\n        for b in words:\n            b = b + a\n            out += norm(b)\n",
        "    for a in words:\n        for b in words:\n            out += norm(b + a)\n",
        "    for a in words:\n        for b in words:\n            out += norm(g(b))\n",
        "    for a in words:\n        g(a)\n        for b in words:\n            out += norm(b)\n",
        "    ws = (w for w in words)\n    for a in words:\n        for b in ws:\n            out += norm(b)\n",
        "    for i in words:\n        for j in range(i, 9):\n            out += norm(words[j])\n",
        "    for a in words:\n        for b in words:\n            out += norm(lambda: b)\n            k = lambda: norm(b)\n            yield k\n",
        "    for a in words:\n        for b in words:\n            out.append(sorted(b))\n",
        "    global z\n    for a in words:\n        for b in words:\n            z = 1\n            out += norm(b + z)\n",
    ],
)
def test_what_may_differ_between_pairs_stays(rule, loops):
    rule.refuses(f"{NORM}\ndef f(words, g):\n    out = 0\n{loops}    return out\n")
