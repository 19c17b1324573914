import pytest

from bot.propose.rules.sorted_ends import SortedEnds


def pairs(random):
    return ([(random.randrange(4), n) for n in range(random.randrange(6))],)


@pytest.mark.parametrize("key", ["", ", key=lambda p: p[0]"])
@pytest.mark.parametrize("reverse", ["", ", reverse=True", ", reverse=False"])
@pytest.mark.parametrize("end", ["[0]", "[-1]"])
def test_ties_and_empty_inputs_behave_as_before(agrees, key, reverse, end):
    new = agrees(SortedEnds(), f"def f(xs):\n    return sorted(xs{key}{reverse}){end}\n", pairs)

    assert "sorted(" not in new
    assert "import heapq" in new


@pytest.mark.parametrize("reverse", ["", ", reverse=True"])
@pytest.mark.parametrize("items", ["[(a + b, m) for a, m in xs for b, _ in xs]", "(i % 7 for i in range(2000))"])
def test_a_few_of_evidently_many(agrees, items, reverse):
    new = agrees(SortedEnds(), f"def f(xs):\n    return sorted({items}{reverse})[:3]\n", pairs, tries=10)

    assert "sorted(" not in new


@pytest.mark.parametrize("end", ["[0]", "[-1]"])
def test_a_name_that_is_used_for_one_end_only(agrees, end):
    text = (
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport abc\nimport os\n\n\ndef f(xs):\n'
        f"    order = sorted(xs, key=lambda p: p[0])\n    return order{end} if xs else None\n"
    )

    new = agrees(SortedEnds(), text, pairs)

    assert new.startswith('"""Doc."""\n\nfrom __future__ import annotations\n\nimport abc\nimport heapq\nimport os\n')


def test_dictionaries_and_generators_are_taken_too(agrees):
    agrees(SortedEnds(), "def f(xs):\n    return sorted(dict(xs))[-1]\n", pairs)
    agrees(SortedEnds(), "def f(xs):\n    return sorted(a for a, _ in xs)[-1]\n", pairs)


def test_an_import_that_is_there_is_used(agrees):
    new = agrees(SortedEnds(), "from heapq import nsmallest\ndef f(xs):\n    return sorted(xs)[0]\n", pairs)

    assert "return nsmallest(1, xs)[0]" in new
    assert "import heapq" not in new


@pytest.mark.parametrize(
    "body",
    [
        "return sorted(xs)",
        "return sorted(xs)[:3]",
        "return sorted(x for x in range(5))[:3]",
        "return sorted(i for i in range(5000) if i in xs)[:3]",
        "return sorted(xs)[1]",
        "return sorted(xs)[:n]",
        "return sorted(xs)[1:3]",
        "return sorted(xs)[:-1]",
        "return sorted(xs, reverse=down)[0]",
        "return sorted(*xs)[0]",
        "order = sorted(xs)\n    return order[0], len(order)",
        "order = sorted(xs)\n    order[0] = 1\n    return order[0]",
        "order = sorted(xs)\n    if n:\n        order = xs\n    return order[0]",
        "order = sorted(xs)\n    return lambda: order[0]",
        "order = sorted(xs)\n    return order[0], order[-1]",
        "heapq = 3\n    return sorted(xs)[0]",
    ],
)
def test_leaves_the_code_alone(refuses, body):
    refuses(SortedEnds(), f"def f(xs, n, down):\n    {body}\n")
