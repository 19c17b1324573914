import pytest

from bot.propose.rules.sorted_insert import SortedInsert


def pairs(random):
    return ([(random.randrange(4), n) for n in range(random.randrange(9))],)


SAME = {
    "local": """
def f(xs):
    best = []
    for x in xs:
        # keep the best three
        best.append(x)  # new
        # in order
        best.sort(key=lambda p: p[0])  # stable
        if len(best) > 3:
            best.pop()
    return best
""",
    "local that starts sorted": """
def f(xs):
    order = sorted(xs)
    for x in xs:
        order.append(x)
        order.sort()
        del order[0]
        print(order[0])
    return order
""",
    "private attribute": """
class Queue:
    def __init__(self):
        self._items = []
    def push(self, item):
        self._items.append(item)
        self._items.sort(key=lambda p: p[0])
    def pop(self):
        return self._items.pop(0)
def f(xs):
    queue = Queue()
    for x in xs:
        queue.push(x)
    return [queue.pop() for _ in xs]
""",
}


@pytest.mark.parametrize("case", SAME)
def test_equal_values_keep_their_order(agrees, case):
    new = agrees(SortedInsert(), SAME[case], pairs, qualname="Queue.push" if "class" in SAME[case] else "f")

    assert "import bisect" in new
    assert ".sort(" not in new


def test_comments_stay(agrees):
    new = agrees(SortedInsert(), SAME["local"], pairs)

    assert (
        """        # keep the best three
        # in order
        # stable
        bisect.insort(best, x, key=lambda p: p[0])  # new
        if"""
        in new
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("best = []", "best = list(xs)"),
        ("best = []", "best = [2, 1]"),
        ("best = []", "best = sorted(xs)"),
        ("best = []", "best = []\n    best.append(xs)"),
        ("best.pop()", "best.insert(0, x)"),
        ("best.pop()", "best[0] = x"),
        ("best.pop()", "best.reverse()"),
        ("best.pop()", "change(best)"),
        ("key=lambda p: p[0]", "reverse=True"),
        ("key=lambda p: p[0]", "key=len, reverse=True"),
        ("def f(xs):\n    best = []", "def f(xs, best):\n    pass"),
        ("for x in xs:", "if (x := xs):"),
        ("        best.sort(", "        x = 1\n        best.sort("),
        ("    return best", "    return lambda: best"),
    ],
)
def test_leaves_a_local_list_alone_that_may_be_out_of_order(refuses, old, new):
    refuses(SortedInsert(), SAME["local"].replace(old, new))


@pytest.mark.parametrize(
    "method",
    [
        "def put(self, item):\n        self._items.append(item)",
        "def put(self, item):\n        self._items.append(item)\n        self._items.sort()",
        "def flip(self):\n        self._items.reverse()",
        "def items(self):\n        return self._items",
        "def take(self, items):\n        self._items = list(items)",
    ],
)
def test_leaves_an_attribute_alone_that_may_be_out_of_order(refuses, method):
    text = SAME["private attribute"].replace("    def pop(self)", f"    {method}\n    def pop(self)")

    refuses(SortedInsert(), text, qualname="Queue.push")
