import pytest

from bot.propose.rules.private_membership import PrivateMembership

BAG = """
import copy


class Bag:
    def __init__(self):
        self._items: list = []

    def add(self, item):
        # once
        if item not in self._items:  # new
            self._items.append(item)
            return True
        return False

    def reset(self, items):
        self._items = list(items)

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)
"""
PLAY = """

def f(steps):
    bags = [Bag()]
    out = []
    for kind, item in steps:
        bag = bags[item % len(bags)]
        if kind == "reset":
            bag.reset([item, item + 1])
        elif kind == "copy":
            bags.append(copy.copy(bag))
        elif kind == "deep":
            bags.append(copy.deepcopy(bag))
        else:
            out.append(bag.add(item))
        out.append([list(one) for one in bags])
    return out
"""


def steps(random):
    kinds = ["add", "add", "add", "add", "reset", "copy", "deep"]
    return ([(random.choice(kinds), random.randrange(6)) for _ in range(25)],)


def test_the_set_is_never_stale_whatever_happens_to_the_object(agrees):
    new = agrees(PrivateMembership(), BAG + PLAY, steps, qualname="Bag.add")

    assert "        if item not in self._items_set:  # new\n" in new
    assert "self._items_set.update(self._items[self._items_indexed :])" in new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("_items", "__items"),
        ("self._items = list(items)", "self._items = items"),
        ("self._items = list(items)", "self._items.remove(items)"),
        ("self._items = list(items)", "self._items[0] = items"),
        ("return iter(self._items)", "return self._items"),
        ("if item not in", "if [item] not in"),
        ("class Bag:", "class Bag(BaseModel):"),
        ("class Bag:", "class Bag:\n    __slots__ = ('a',)\n"),
        ("        if item not in self._items:", "        while item not in self._items:"),
    ],
)
def test_leaves_a_list_alone_that_changes_otherwise(refuses, old, new):
    refuses(PrivateMembership(), BAG.replace(old, new), qualname="Bag.add")


def test_a_public_list_is_labelled(agrees, rewrites_of):
    text = (BAG + PLAY).replace("_items", "items")

    agrees(PrivateMembership(), text, steps, qualname="Bag.add")

    assert [labels for _, _, labels in rewrites_of(PrivateMembership(), text, "Bag.add")] == [
        frozenset({"relies on a public list being only appended to"})
    ]


@pytest.mark.parametrize("change", ["bag.items.pop()", "bag.items = []", "bag.items += [1]", "change(bag.items)"])
def test_leaves_a_public_list_alone_that_the_tree_changes(refuses, change):
    other = f"def f(bag):\n    {change}\n"
    text = BAG.replace("_items", "items")

    refuses(PrivateMembership(), text, qualname="Bag.add", files={"other.py": other})
    refuses(PrivateMembership(), text + "\n\n" + other, qualname="Bag.add")
