import pytest

from bot.propose.rules.tail_join import TailJoin


def values(random):
    return ([random.choice([1, 1.0, 2, "a", None, float("nan"), 7]) for _ in range(random.randrange(9))],)


SAME = {
    "places": """
def f(xs):
    out = []
    # pairs
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if xs[i] == xs[j]:  # equal
                out.append((i, j))
    return out
""",
    "elements": """
def f(xs):
    return [(a, b) for i, a in enumerate(xs) for b in xs[i + 1:] if b == a]
""",
    "the first that follows": """
def f(xs):
    out = []
    for i, a in enumerate(xs):
        out.append(next((b for b in xs[i:] if a == b), None))
        for j in range(i, len(xs)):
            if xs[j] == a:
                out.append(j)
                break
    return out
""",
}


@pytest.mark.parametrize("case", SAME)
def test_pairs_come_in_the_same_order(agrees, case):
    new = agrees(TailJoin(), SAME[case], values)

    assert "_by_key = {}" in new


def test_comments_and_the_comparison_stay(agrees):
    new = agrees(TailJoin(), SAME["places"], values)

    assert "    # pairs\n    for i in" in new
    assert "            if xs[i] == xs[j]:  # equal\n" in new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(len(xs))", "range(-2, len(xs))"),
        ("range(len(xs))", "xs"),
        ("    for j", "    i -= 9\n        for j"),
        ("range(i + 1, len(xs))", "range(i - 1, len(xs))"),
        ("range(i + 1, len(xs))", "xs[i:9]"),
        ("xs[i] == xs[j]", "xs[i] < xs[j]"),
        ("out.append((i, j))", "xs[j] = 1"),
        ("return out", "return out, j"),
    ],
)
def test_leaves_the_loops_alone(refuses, old, new):
    refuses(TailJoin(), SAME["places"].replace(old, new))
