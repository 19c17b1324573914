# ruff: noqa: S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.dict_lookups import DictLookups

RNG = random.Random(5)
INPUTS = [([],), (["b"],), ([RNG.choice("abcde") for _ in range(40)],), ([[1]],)]


@pytest.fixture
def rule(bench):
    return bench(DictLookups())


def test_counts_groups_and_defaults_keep_values_and_order(rule):
    [new] = rule.keeps(
        """
        def f(keys):
            counts = {}
            groups = {}
            sums = {}
            sets = {}
            out = []
            for i, k in enumerate(keys):
                # count
                if k in counts:
                    counts[k] += 1
                else:
                    counts[k] = 1
                if k not in groups.keys():
                    groups[k] = []
                groups[k].append(i)
                if k in sums:
                    sums[k] += i * 2
                else:
                    sums[k] = i
                if k not in sets:
                    sets[k] = {i}
                else:
                    sets[k].add(i)
                if k in counts:
                    c = counts[k]
                else:
                    c = 0
                out.append((c, "z" in groups.keys()))
            return list(counts.items()), list(groups.items()), sums, list(sets.items()), out
        """,
        INPUTS,
    )
    assert "# count\n        counts[k] = counts.get(k, 0) + 1" in new
    assert "keys()" not in new


@pytest.mark.parametrize(
    "body",
    [
        "if g(x) in d:\n        d[g(x)] += 1\n    else:\n        d[g(x)] = 1",
        "if x in d:\n        e[x] += 1\n    else:\n        d[x] = 1",
        "if x in d:\n        d[x] += 1\n    else:\n        e[x] = 1",
        "if x in d:\n        d[x] += 1\n        h()\n    else:\n        d[x] = 1",
        "if x in d:\n        # why\n        d[x] += 1\n    else:\n        d[x] = 1",
        "if x in d:\n        d[x] += [1]\n    else:\n        d[x] = [1]",
        "if x in d:\n        y = d[x]\n    else:\n        y = g()",
        "if x not in d:\n        d[x] = []\n    d[x].append(d)",
        "if x not in d:\n        d[x] = []\n    d[y].append(x)",
        "if x not in d:\n        d[x] = y\n    d[x].append(x)",
        "if x in d:\n        d[x] += d[x]\n    else:\n        d[x] = 2",
    ],
)
def test_other_shapes_stay(rule, body):
    rule.refuses(f"def f(d, e, g, h, x, y):\n    {body}\n")
