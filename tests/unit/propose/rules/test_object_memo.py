import pytest

from bot.propose.rules.object_memo import ObjectMemo

SCORES = """
import math


class Part:
    def __init__(self, sizes):
        self.sizes = sizes

    @property
    def least(self):
        return min(self.sizes, default=0)

    def total(self):
        return sum(self.sizes)


def score(part, w=1):
    found = 0.0
    for size in part:
        if size == 9:
            raise ValueError(size)
        found += math.sqrt(size) * w
    return found


def loud(part, w):
    for size in part:
        print(size)
    return 1


def listed(part, w):
    found = []
    for size in part:
        found.append(size * w)
    return found


def marked(part, w):
    for size in part:
        part.seen = True
    return 1


def changed(part, w):
    for size in list(part):
        part[0] = size
    return 1


def plain(part, w):
    return part[0] * w


def counted(part, w):
    global calls
    calls = sum(part)
    return calls

"""


def parts(random):
    some = [[random.choice([1, 2, 3, 4, 4, 9 if random.random() < 0.1 else 2]) for _ in range(3)] for _ in range(6)]
    return [random.choice(some) for _ in range(random.randrange(9))], random.choice([1, 2, -1])


SAME = {
    "adjacent swaps": """
def f(parts, w):
    result = parts[:]
    # until nothing moves
    for i in range(len(result)):
        for j in range(len(result) - 1 - i):
            if score(result[j], w) < score(result[j + 1], w):  # worse
                result[j], result[j + 1] = result[j + 1], result[j]
    return result
""",
    "in place": """
def f(parts, w):
    for i in range(len(parts)):
        least = i
        for j in range(i + 1, len(parts)):
            if score(parts[j], w=w) < score(parts[least], w=w):
                least = j
        parts[i], parts[least] = parts[least], parts[i]
""",
    "running best": """
def f(parts, w):
    best = None
    for part in parts:
        if best is None or score(part) > score(best):
            best = part
    return best
""",
    "insertion": """
def f(parts, w):
    rounds = 0
    order = []
    for part in parts:
        place = 0
        while place < len(order) and score(order[place], w) >= score(part, w):
            place += 1
            rounds += 1
        order.insert(place, part)
    return order, rounds
""",
    "the best of the rest": """
def f(parts, w):
    out = []
    rest = list(parts)
    while rest:
        best = max(rest, key=lambda part: score(part, w))
        rest.remove(best)
        out.append(best)
    return out
""",
    "pairs in a comprehension": """
def f(parts, w):
    return [(i, k) for i, a in enumerate(parts) for k, b in enumerate(parts) if score(a, w) > score(b, w) and w]
""",
    "never asked stays never asked": """
def f(parts, w):
    hits = 0
    for limit in range(3):
        for part in parts:
            if len(set(part)) > limit and score(part, w) > limit:
                hits += 1
    return hits
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_and_asks_once(agrees, case):
    new = agrees(ObjectMemo(), SCORES + SAME[case], parts)

    assert "found = score_known[id(item)] = (item, score(item" in new


def test_what_is_added_is_readable(rewrites_of):
    ((new, _, labels),) = rewrites_of(ObjectMemo(), SCORES + SAME["adjacent swaps"])

    assert new.split("result = parts[:]\n")[1].startswith("""\
    score_known = {}

    def score_once(item):
        found = score_known.get(id(item))
        if found is None:
            found = score_known[id(item)] = (item, score(item, w))
        return found[1]

    # until nothing moves
    for i in range(len(result)):
""")
    assert labels == frozenset()


BEST = """
def f(parts, w):
    best = parts[0]
    for part in parts:
        if score(part, w) > score(best, w):
            best = part
    return best
"""


@pytest.mark.parametrize("helper", ["loud", "listed", "marked", "changed", "plain", "counted", "unknown", "len"])
def test_leaves_other_helpers_alone(refuses, helper):
    refuses(ObjectMemo(), SCORES + BEST.replace("score", helper))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("best = part\n", "best = part\n            part.sizes = w\n"),
        ("best = part\n", "best = part\n            part[0] = w\n"),
        ("best = part\n", "best = part\n            part.append(w)\n"),
        ("best = part\n", "best = part\n            parts[0].append(w)\n"),
        ("best = part\n", "best = part\n            best += [1]\n"),
        ("best = part\n", "best = part\n            print(w)\n"),
        ("best = part\n", "best = part\n            unknown()\n"),
        ("best = part\n", "best = part\n            yield best\n"),
        ("best = part\n", "best = part\n            w.append(1)\n"),
        ("best = part\n", "best = part\n            w = 3\n"),
        ("best = part\n", "best = part\n            sorted(parts, key=loud)\n"),
        ("score(part, w) > score(best, w)", "score(part, w) > 1"),
        ("score(part, w) > score(best, w)", "score(next(part), w) > score(best, *w)"),
        ("score(part, w) > score(best, w)", "score(part, best) > score(best, part)"),
        ("def f(parts, w):", "def f(parts, w, score):"),
        ("best = parts[0]", "global best\n    best = parts[0]"),
    ],
)
def test_leaves_loops_alone_in_which_more_happens(refuses, old, new):
    assert old in BEST
    refuses(ObjectMemo(), SCORES + BEST.replace(old, new))


@pytest.mark.parametrize(
    "body",
    [
        "return [score(part, w) for group in parts for part in group]",
        "return sorted(parts, key=lambda part: score(part, w))",
        "return score(parts[0], w) > score(parts[1], w)",
        "return [score(i, w) for k in parts for i in range(len(parts))]",
    ],
)
def test_leaves_calls_alone_that_do_not_ask_again(refuses, body):
    refuses(ObjectMemo(), SCORES + f"def f(parts, w):\n    {body}\n")


FILES = {
    "pkg/__init__.py": "from .deep.rates import score as rate\n",
    "pkg/deep/rates.py": "from .. import more\n\ndef score(p, w):\n    return more.add(p) * p.total() * w\n",
    "pkg/more.py": "def add(p):\n    return sum(size for size in p)\n",
    "pkg/parts.py": "class Part:\n    def total(self):\n        return self.size\n",
}
IMPORTS = ["from pkg.deep.rates import score", "from pkg import rate as score"]


@pytest.mark.parametrize("line", IMPORTS)
def test_looks_through_imports(rewrites_of, line):
    assert len(rewrites_of(ObjectMemo(), f"{line}\n{BEST}", files=FILES)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pkg/more.py", "def add(p):\n    print(p)\n    return sum(size for size in p)\n"),
        ("pkg/more.py", "def add(p)\n"),
        ("pkg/more.py", "import requests\n\ndef add(p):\n    return sum(requests.get(one) for one in p)\n"),
        ("pkg/more.py", "import random\n\ndef add(p):\n    return sum(random.random() for one in p)\n"),
        ("pkg/more.py", "from x import one\n\ndef add(p):\n    return sum(map(one, p))\n"),
        ("pkg/parts.py", "class Part:\n    def total(self):\n        self.size += 1\n        return self.size\n"),
        ("pkg/other.py", "class Other:\n    def total(self):\n        return next(self.rows)\n"),
        ("pkg/other.py", "class Other:\n    @cached\n    def total(self):\n        return 1\n"),
    ],
)
@pytest.mark.parametrize("line", IMPORTS[:1])
def test_an_effect_further_away_is_found(refuses, line, path, text):
    refuses(ObjectMemo(), f"{line}\n{BEST}", files={**FILES, path: text})
