import pytest

from bot.propose.rules.membership import Membership


def numbers(random):
    return [random.randrange(9) for _ in range(random.randrange(12))], [random.randrange(12) for _ in range(8)]


SAME = {
    "unchanged parameter": """
def f(items: list[int], wanted):
    out = []
    for one in wanted:
        # keep this
        if one in items:  # and this
            out.append(one)
    return out
""",
    "comprehension": """
def f(items, wanted):
    known = sorted(items)
    return [one for one in wanted if one not in known]
""",
    "unique in order": """
def f(items, wanted):
    result = []
    for one in items + wanted:
        if one not in result:
            result.append(one)
    return result
""",
    "unique, restarted by an outer loop": """
def f(items, wanted):
    out = []
    for group in (items, wanted):
        result = []
        for one in group:
            if one in result:
                continue
            result.append(one)
        out.append(result)
    return out
""",
    "nested loops share one set": """
def f(items, wanted):
    hits = 0
    for one in wanted:
        for other in wanted:
            if one + other in items:
                hits += 1
    return hits
""",
    "generator over its own list": """
def f(items, wanted):
    seen = []
    for one in wanted:
        if one not in seen:
            seen.append(one)
            yield one
""",
    "inside an elif": """
def f(items: list, wanted):
    if not wanted:
        return None
    elif any(one in items for one in wanted):
        return "some"
    return "none"
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_and_uses_a_set(agrees, case):
    new = agrees(Membership(), SAME[case], numbers)

    assert "set(" in new


def test_keeps_comments_and_the_rest_of_the_text(agrees):
    new = agrees(Membership(), SAME["unchanged parameter"], numbers)

    assert new == SAME["unchanged parameter"].replace("    for one", "    items_set = set(items)\n    for one").replace(
        "in items:", "in items_set:"
    )


def test_one_set_serves_nested_loops(agrees):
    new = agrees(Membership(), SAME["nested loops share one set"], numbers)

    assert new.index("items_set = set(items)") < new.index("for one in")


def test_the_new_name_avoids_every_name_of_the_module(agrees):
    text = "items_set = 3\n" + SAME["unchanged parameter"]

    assert "items_set_2 = set(items)" in agrees(Membership(), text, numbers)


@pytest.mark.parametrize(
    "body",
    [
        # removed from in the loop
        "for x in wanted:\n        if x in items:\n            items.remove(x)",
        # rebound in the loop
        "for x in wanted:\n        if x in items:\n            items = items[1:]",
        # an element is replaced
        "for x in wanted:\n        if x in items:\n            items[0] = x",
        # handed to code that may change it
        "for x in wanted:\n        if x in items:\n            change(items)",
        # an alias in the loop
        "for x in wanted:\n        if x in items:\n            other = items\n            other.append(x)",
        # no loop at all
        "return wanted in items",
        # the loop's own iterable is evaluated once
        "for x in [1 in items]:\n        print(x)",
        # a parameter that grows may be somebody else's list
        "for x in wanted:\n        if x not in items:\n            items.append(x)",
        # strings test for substrings
        "text = str(items)\n    return [x for x in wanted if x in text]",
        # a generator is used up by the first test
        "it = (y for y in items)\n    return [x for x in wanted if x in it]",
        # already hashed
        "known = set(items)\n    return [x for x in wanted if x in known]",
        # not hashable
        "known = [[y] for y in items]\n    return [x for x in wanted if x in known]",
        "known = list(items)\n    return [x for x in wanted if [x] in known]",
        # changed by a nested function
        "known = []\n    def add(x):\n        known.append(x)\n    for x in wanted:\n        x in known or add(x)",
        # shadowed by a comprehension
        "for x in wanted:\n        if x in items:\n            print([items for items in x])",
        # the caller may change the list while the generator is suspended
        "for x in wanted:\n        if x in items:\n            yield x",
        # chained comparison
        "for x in wanted:\n        if 1 < x in items:\n            print(x)",
        # the local list was handed out before the loop
        "seen = []\n    register(seen)\n    for x in wanted:\n        if x not in seen:\n            seen.append(x)",
        # the appended value is computed twice otherwise
        "seen = []\n    for x in wanted:\n        if x not in seen:\n            seen.append(next(x))",
    ],
)
def test_leaves_the_code_alone(refuses, body):
    refuses(Membership(), f"def f(items, wanted):\n    {body}\n")


def test_leaves_annotated_strings_and_nested_lists_alone(refuses):
    refuses(Membership(), "def f(items: str, wanted):\n    return [x for x in wanted if x in items]\n")
    refuses(Membership(), "def f(items: list[list[int]], wanted):\n    return [x for x in wanted if x in items]\n")
    refuses(Membership(), "def f(items: 'Iterator[int]', wanted):\n    return [x for x in wanted if x in items]\n")


def test_leaves_an_async_function_alone_where_others_hold_the_list(refuses):
    refuses(
        Membership(),
        "async def f(items, wanted):\n    for x in wanted:\n        if x in items:\n            await x.done()\n",
    )
