# ruff: noqa: E501 - programs stand here as text
import pytest

from bot.propose.rules.hash_join import HashJoin

RECORD = """
class R:
    def __init__(self, k, v):
        self.k, self.v = k, v
    def __repr__(self):
        return f"R({self.k!r}, {self.v!r})"
def make(rows):
    return [R(k, v) for k, v in rows]
"""
NAN = float("nan")


def rows(random):
    def some():
        return [(random.choice([1, 1.0, True, 2, "a", None, NAN, 7]), random.randrange(5)) for _ in range(7)]

    return some(), some()


SAME = {
    "nested statements": """
def g(xs, ys):
    out = []
    # join them
    for a in xs:
        for b in ys:
            if a.k == b.k and b.v > 1:  # same key
                out.append((a, b))
    return out
""",
    "two keys, tested by leaving": """
def g(xs, ys):
    out = []
    for a in xs:
        for b in ys:
            if b.k != a.k or b.v != a.v:
                continue
            out.append((a, b))
            b.seen = True
    return out
""",
    "first match or the default": """
def g(xs, ys):
    out = []
    for a in xs:
        for b in ys:
            if b.k == a.k:
                out.append(b.v)
                break
        else:
            out.append(None)
    return out
""",
    "comprehension": """
def g(xs, ys):
    return [(a, b) for a in xs for b in ys if a != b and a.k == b.k]
""",
    "generators in a loop": """
def g(xs, ys):
    out = []
    for a in xs:
        first = next((b for b in ys if b.k == a.k), None)
        out.append((first, any(b.k == a.k for b in ys), sum(1 for b in ys if b.k == a.k)))
    return out
""",
    "pairs": """
def g(xs, ys):
    pairs = [(y.k, y.v) for y in ys]
    out = []
    for a in xs:
        for k, v in pairs:
            if k == a.k:
                out.append(v)
    return out
""",
    "indices": """
def g(xs, ys):
    out = []
    for i in range(len(xs)):
        for j in range(len(ys)):
            if xs[i].k == ys[j].k:
                out.append((i, j))
    return out
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_through_a_grouping(agrees, case):
    text = RECORD + SAME[case] + "\ndef f(xs, ys):\n    return g(make(xs), make(ys))\n"

    new = agrees(HashJoin(), text, rows, qualname="g")

    assert ".setdefault(" in new


def test_comments_and_the_comparison_stay(agrees):
    text = RECORD + SAME["nested statements"] + "\ndef f(xs, ys):\n    return g(make(xs), make(ys))\n"

    new = agrees(HashJoin(), text, rows, qualname="g")

    assert (
        """    ys_by_k = {}
    for b in ys:
        ys_by_k.setdefault(b.k, []).append(b)
    # join them
    for a in xs:
        for b in ys_by_k.get(a.k, ()):
            if a.k == b.k and b.v > 1:  # same key
"""
        in new
    )


@pytest.mark.parametrize(
    "inner",
    [
        # something happens to every element
        "for b in ys:\n            n += 1\n            if a.k == b.k:\n                out.append(b)",
        "for b in ys:\n            if a.k == b.k:\n                out.append(b)\n            else:\n                n = 1",
        # the inner sequence or its keys change
        "for b in ys:\n            if a.k == b.k:\n                ys.remove(b)",
        "for b in ys:\n            if a.k == b.k:\n                b.k = 1",
        "for b in ys:\n            if b['k'] == a.k:\n                b['k'] = 1",
        "for b in ys:\n            if a.k == b.k:\n                ys = ys[1:]",
        "for b in ys:\n            if a.k == b.k:\n                work(ys)",
        # it depends on the outer element
        "for b in a.children:\n            if a.k == b.k:\n                out.append(b)",
        # the key is computed by unknown code, or guarded
        "for b in ys:\n            if key(b) == a.k:\n                out.append(b)",
        "for b in ys:\n            if b.k is not None and b.k.name == a.k:\n                out.append(b)",
        # not an equality of one side each
        "for b in ys:\n            if a.k < b.k:\n                out.append(b)",
        "for b in ys:\n            if b.k == b.v:\n                out.append(b)",
        "for b in ys:\n            if a.k == b.k == 3:\n                out.append(b)",
        # or instead of and
        "for b in ys:\n            if a.k == b.k or b.v:\n                out.append(b)",
        # the last element is used after the loop
        "for b in ys:\n            if a.k == b.k:\n                out.append(b)\n        n = b",
        # evidently unhashable
        "for b in ys:\n            if b.k == [a]:\n                out.append(b)",
        # awaits and yields give others a chance
        "for b in ys:\n            if a.k == b.k:\n                yield b",
    ],
)
def test_leaves_the_loops_alone(refuses, inner):
    refuses(HashJoin(), f"def f(xs, ys):\n    n, out = 0, []\n    for a in xs:\n        {inner}\n    return out, n\n")


def test_leaves_a_generator_and_a_single_scan_alone(refuses):
    refuses(HashJoin(), "def f(xs, ys):\n    return [b for b in ys if b.k == xs]\n")
    refuses(
        HashJoin(), "def f(xs, ys):\n    it = (y for y in ys)\n    return [b for a in xs for b in it if b.k == a.k]\n"
    )
