import pytest

from bot.propose.rules.bag_matching import BagMatching


def values(random):
    some = [1, 1.0, True, 2, "a", None, (1, 2), 7]
    return [random.choice(some) for _ in range(random.randrange(9))], [random.choice(some) for _ in range(9)]


SAME = {
    "matched and missed": """
def f(xs, ys):
    rest = list(ys)  # what is left
    hits, misses = [], []
    for x in xs:
        # taken once
        if x in rest:
            hits.append(x)
            rest.remove(x)  # gone
        else:
            misses.append(x)
    return hits, misses
""",
    "a restart for each round": """
def f(xs, ys):
    out = []
    for shift in range(2):
        rest: list = ys[shift:]
        for i in range(len(xs)):
            if i != 3 and xs[i] in rest:
                rest.remove(xs[i])
                out.append(i)
        out.append(len(rest))
    return out
""",
    "leaving early": """
def f(xs, ys):
    rest = ys.copy()
    for x in xs:
        if x not in rest:
            return False
        print(end="")
        rest.remove(x)
    return not rest
""",
    "skipping": """
def f(xs, ys):
    rest = []
    out = 0
    for y in ys:
        rest.append(y)
    for x in xs:
        if x == 2 or x not in rest:
            continue
        rest.remove(x)
        out += 1
    if rest:
        out += 100
    return out
""",
    "attempted": """
def f(xs, ys):
    rest = [y for y in ys if y != 2]
    out = []
    for x in xs:
        # try it
        try:
            rest.remove(x)
        except ValueError:
            out.append(("no", x))
            continue
        else:
            out.append(("yes", x))
        out.append(len(xs))
    return out, bool(rest)
""",
    "a generator": """
def f(xs, ys):
    rest = list(ys)
    for x in xs:
        if (x in rest):
            rest.remove(x)
            yield x
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_with_a_counter(agrees, case):
    agrees(BagMatching(), SAME[case], values)


def test_the_rest_stays_as_written(agrees):
    new = agrees(BagMatching(), SAME["matched and missed"], values)

    assert "    rest = collections.Counter(ys)  # what is left\n" in new
    assert "        # taken once\n        if rest[x] > 0:\n            hits.append(x)\n" in new
    assert "            rest[x] -= 1  # gone\n" in new


LOOP = """
def f(xs, ys):
    rest = list(ys)
    for x in xs:
        if x in rest:
            rest.remove(x)
    return len(rest)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rest = list(ys)", "rest = ys"),
        ("rest = list(ys)", "rest = other = list(ys)"),
        ("rest = list(ys)", "rest = [[y] for y in ys]"),
        ("rest = list(ys)", "rest = dict(ys).copy()"),
        ("rest = list(ys)", "global rest\n    rest = list(ys)"),
        ("len(rest)", "rest"),
        ("len(rest)", "rest[0]"),
        ("len(rest)", "lambda: len(rest)"),
        ("len(rest)", "rest == [1]"),
        ("if x in rest:", "if x:"),
        ("if x in rest:", "if x in rest or x:"),
        ("if x in rest:", "if x not in rest:"),
        ("if x in rest:", "if [x] in rest:"),
        ("if x in rest:", "if x in rest and len(rest):"),
        ("if x in rest:\n", "if x in rest:\n            x = x.next\n"),
        ("if x in rest:\n", "if x in rest:\n            rest.append(rest.index(x))\n"),
        ("if x in rest:", "if x in rest and (x := 1):"),
        ("rest.remove(x)", "rest.remove(x + 1)"),
        ("rest.remove(x)", "del rest[rest.index(x)]"),
        ("rest.remove(x)", "print(rest.remove(x))"),
        ("for x in xs:", "for x in rest:"),
        ("    for x in xs:\n        if", "    if True:\n        x = 1\n        if"),
    ],
)
def test_leaves_other_lists_alone(refuses, old, new):
    assert old in LOOP
    refuses(BagMatching(), LOOP.replace(old, new))


@pytest.mark.parametrize(
    "attempt",
    [
        "except ValueError:\n            raise KeyError from None",
        "except ValueError as error:\n            print(error)",
        "except (ValueError, TypeError):\n            pass",
        "except ValueError:\n            pass\n        finally:\n            print()",
    ],
)
def test_leaves_other_attempts_alone(refuses, attempt):
    loop = "rest = list(xs)\n    for x in xs:\n        try:\n            rest.remove(x)\n"

    refuses(BagMatching(), f"def f(xs):\n    {loop}        {attempt}\n")
