import pytest

from bot.propose.rules.positions import Positions


def values(random):
    some = [random.choice([1, 1.0, True, 2, "a", None, float("nan"), 7]) for _ in range(random.randrange(9))]
    return some, [random.choice([1, 2, "a", "b", None]) for _ in range(5)]


SAME = {
    "own elements": """
def f(xs, ys):
    # places
    return [xs.index(x) for x in xs], [xs.count(x) for x in xs]
""",
    "distinct elements": """
def f(xs, ys):
    return {str(x): xs.count(x) for x in sorted(set(xs), key=str)}, [xs.index(x) for i, x in enumerate(list(xs))]
""",
    "a growing list": """
def f(xs, ys):
    names = []
    out = []
    for x in xs + ys:
        if x not in names:
            names.append(x)  # new
        out.append(names.index(x))
    return out
""",
    "other values, with the error": """
def f(xs: list, ys):
    out = []
    for y in ys:
        try:
            out.append(xs.index(y))
        except ValueError as error:
            out.append(str(error))
        out.append(xs.count(y))
    return out
""",
    "a local list": """
def f(xs, ys):
    order = sorted(set(ys), key=str)
    return sorted(ys, key=str) and [order.index(y) for y in ys]
""",
    "a list made from elements": """
def f(xs, ys):
    unique = []
    for x in xs:
        if x not in unique:
            unique.append(x)
    out = []
    for one in unique:
        out.append((one, xs.count(one)))
    return out, [xs.count(xs[i]) for i in range(len(xs))]
""",
    "an attribute": """
class Names:
    def __init__(self, names):
        self.names = names


def f(xs, ys):
    return counts(Names(xs))


def counts(self):
    found = {}
    for name in self.names:
        found[str(name)] = self.names.count(name)
    return found
""",
    "key functions": """
def f(xs, ys):
    order = ys + [1, "a"]
    if xs:
        most = max(set(xs), key=xs.count), min(xs, key=lambda x: (xs.count(x), str(x)))
    try:
        return most, sorted(xs, key=order.index), sorted(xs, key=lambda x: -order.index(x))
    except ValueError as error:
        return str(error)
""",
    "computed values": """
def f(xs, ys):
    order = list(ys)
    turns = iter(range(9))
    return [order.count(next(turns)) for x in xs], [xs.count((x, 1)) for x in ys]
""",
    "also read in a nested function": """
def f(xs, ys):
    def known(x):
        return x in xs

    return [xs.count(x) for x in xs if known(x)]
""",
}
QUALNAMES = {"an attribute": "counts"}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_through_a_dict(agrees, case):
    agrees(Positions(), SAME[case], values, qualname=QUALNAMES.get(case, "f"))


def test_counts_come_from_a_counter(agrees):
    new = agrees(Positions(), "def f(xs, ys):\n    return [xs.count(x) for x in xs]\n", values)

    assert "import collections" in new
    assert "    xs_counts = collections.Counter(xs)\n    return [xs_counts[x] for x in xs]" in new


@pytest.mark.parametrize(
    "body",
    [
        "return [xs.index(y) for y in ys]",
        "text = str(xs)\n    return [text.count(y) for y in ys]",
        "xs = list(xs)\n    for y in ys:\n        if xs.index(y):\n            xs.pop()",
        "xs = list(xs)\n    return xs.index(ys)",
        "xs = list(xs)\n    return [xs.index(y, 1) for y in ys]",
        "xs = list(xs)\n    return [xs.index(next(y)) for y in ys]",
        "xs = [[x] for x in xs]\n    return [xs.index(y) for y in ys]",
        "for x in xs:\n        x = x[0]\n        print(xs.index(x))",
        "for x in xs:\n        change(xs)\n        print(xs.index(x))",
        "return max(set(ys), key=xs.count)",
        "order = list(xs)\n    while sorted(ys, key=order.index):\n        order = order[1:]",
        "for x in xs:\n        later = lambda: xs.clear()\n        later(xs.count(x))",
        "unique = [len(x) for x in xs]\n    return [xs.count(u) for u in unique]",
        "unique = []\n    for y in ys:\n        unique.append(y)\n    return [xs.count(u) for u in unique]",
        "return [xs.names.count(y) for y in ys]",
        "for x in xs.names:\n        xs.names = ys\n        print(xs.names.count(x))",
        "return sorted(ys, key=lambda xs: xs.count(xs))",
    ],
)
def test_leaves_the_scan_alone(refuses, body):
    refuses(Positions(), f"def f(xs, ys):\n    {body}\n")


def test_the_list_is_asked_only_once_what_the_dict_does_not_know(agrees, refuses):
    new = agrees(Positions(), SAME["a growing list"], values)

    refuses(Positions(), new)
