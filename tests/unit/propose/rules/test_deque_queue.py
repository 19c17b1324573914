import pytest

from bot.propose.rules.deque_queue import DequeQueue


def graph(random):
    return {n: [random.randrange(8) for _ in range(3)] for n in range(8)}, random.randrange(8)


SAME = {
    "breadth first": """
def f(graph, start):
    # the queue
    queue = [start]
    seen = {start}
    order = []
    while queue:
        node = queue.pop(0)  # oldest
        order.append(node)
        for other in graph[node]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return order
""",
    "returned": """
def f(graph, start):
    queue: list[int] = list(graph)
    while len(queue) > start and queue[0] < queue[-1]:
        queue.pop(0)
        queue += [queue[0]] if queue.pop() else []
    return queue, start
""",
    "front insertion": """
def f(graph, start):
    path = []
    while start not in path:
        path.insert(0, start)
        start = graph[start][0]
    if not path:
        return None
    for one in path:
        start += one
    return path
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_with_a_deque(agrees, case):
    new = agrees(DequeQueue(), SAME[case], graph)

    assert "deque(" in new
    assert "import collections" in new


def test_comments_stay_and_the_existing_import_is_used(agrees):
    new = agrees(DequeQueue(), "from collections import deque\n" + SAME["breadth first"], graph)

    assert "    # the queue\n    queue = deque([start])\n" in new
    assert "node = queue.popleft()  # oldest" in new


@pytest.mark.parametrize(
    "extra",
    [
        "queue.sort()",
        "x = queue[1]",
        "x = queue[1:]",
        "x = queue == [1]",
        "x = queue + [1]",
        "other = queue",
        "work(queue)",
        "yield queue",
        "queue = start",
        "queue.pop(1)",
        "queue.insert(2, 1)",
        "x = queue.copy()",
        "print(queue)",
        "x = lambda: queue",
        "global queue",
        "self.queue = queue",
        "x = isinstance(queue, list)",
        "for x in queue:\n            queue.append(x)",
        "deque = collections = 1",
        "return {1: queue}",
    ],
)
def test_leaves_the_list_where_a_use_would_notice(refuses, extra):
    refuses(
        DequeQueue(), f"def f(start):\n    queue = [start]\n    while queue:\n        queue.pop(0)\n        {extra}\n"
    )


def test_leaves_parameters_and_single_pops_alone(refuses):
    refuses(DequeQueue(), "def f(queue):\n    while queue:\n        queue.pop(0)\n")
    refuses(DequeQueue(), "def f(start):\n    queue = [start]\n    return queue.pop(0)\n")
