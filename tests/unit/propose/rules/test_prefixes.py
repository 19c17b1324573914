import pytest

from bot.propose.rules.prefixes import Prefixes


def numbers(random):
    return ([random.choice([0.1, 1e16, -1e16, 3, 1.0, True, float("nan")]) for _ in range(random.randrange(9))],)


@pytest.mark.parametrize(
    "question",
    [
        "[sum(xs[:i]) for i in range(len(xs))]",
        "[sum(xs[:i + 1]) for i, x in enumerate(xs)]",
        "[max(xs[: i + 1]) for i in range(0, len(xs))]",
        "[min(xs[:i]) for i in range(1, len(xs))]",
        "[x for i, x in enumerate(xs) if x not in xs[:i]]",
        "[i for i, x in enumerate(xs) if x in xs[: 1 + i]]",
    ],
)
def test_behaves_as_before_to_the_last_bit(agrees, question):
    agrees(Prefixes(), f"def f(xs):\n    return {question}\n", numbers)


def test_the_table_stands_before_the_loop(agrees):
    text = """import itertools
def f(xs):
    out = []
    # why
    for i, x in enumerate(xs):
        out.append(x - sum(xs[:i]))  # so far
    return out
"""

    new = agrees(Prefixes(), text, numbers)

    assert "    xs_sums = list(itertools.accumulate(xs, initial=0))\n    # why\n    for i" in new
    assert "out.append(x - xs_sums[i])  # so far" in new


@pytest.mark.parametrize(
    "body",
    [
        # not known to stay inside
        "return [sum(xs[:i]) for i in range(n)]",
        "return [sum(xs[:i]) for i in range(-2, len(xs))]",
        "return [sum(xs[:i]) for i, x in enumerate(xs, 3)]",
        "for i in range(len(xs)):\n        i += 5\n        print(sum(xs[:i]))",
        # the empty slice has no maximum
        "return [max(xs[:i]) for i in range(len(xs))]",
        # other slices and questions
        "return [sum(xs[i:]) for i in range(len(xs))]",
        "return [sum(xs[:i], 3) for i in range(len(xs))]",
        "return [sorted(xs[:i]) for i in range(len(xs))]",
        "return [max(xs[:i + 1], key=abs) for i in range(len(xs))]",
        # the list changes
        "for i in range(len(xs)):\n        xs[i] = sum(xs[:i])",
        # substrings
        "return [n in xs[:i] for i in range(len(xs))]",
        # no loop
        "return sum(xs[:n])",
        "sum = max\n    return [sum(xs[:i]) for i in range(len(xs))]",
    ],
)
def test_leaves_the_slice_alone(refuses, body):
    refuses(Prefixes(), f"def f(xs, n):\n    {body}\n")
