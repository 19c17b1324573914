import pytest

from bot.propose.rules.offset import Offset


def texts(random):
    return "".join(random.choice("ab(1 ") for _ in range(random.randrange(9))), random.choice([1, 2, 3, 0, -1, -2])


def lists(random):
    return list(texts(random)[0]), random.choice([1, 2, 3, 0, -1, -2])


SAME = {
    "one by one": """
def f(q, n):
    out = []
    while q:
        # the first
        out.append(q[0])
        q = q[1:]  # the others
    return out
""",
    "in chunks": """
def f(q, n):
    out = []
    while len(q) > 0 and len(out) < 9:
        out.append(q[:n])
        q = q[n:]
    return out
""",
    "past the end": """
def f(q, n):
    out = []
    for i in range(4):
        out.append((len(q), q[:2], q[1:], q[1:3], q[:i], q[i:], q[n:], not q))
        if q and n > 1:
            q = q[3:]
        q = q[i:]
    try:
        return out, len(q), sorted(q)
    except TypeError:
        return out
""",
    "the index is wrong": """
def f(q, n):
    rest = q
    while n:
        if rest[2] == rest[0]:
            n = len(rest)
        rest = rest[2:]
    return n
""",
    "a restart for each": """
def f(q, n):
    out = []
    for i in range(3):
        rest = q[i:]
        while len(rest) > 1:
            if rest[0] == "a" and not n:
                out.append(i)
                rest = rest[2:]
                continue
            rest = rest[1:]
        out.append(len(rest))
    return out
""",
    "nested loops": """
def f(q, n):
    words = []
    while q:
        count = 0
        while q and q[0] != "a":
            count += 1
            q = q[1:]
        words.append(count)
        q = q[1:]
    return words
""",
}
TEXT = """
def f(q: str, n):
    tokens = []
    while q:
        if q.startswith("a"):
            tokens.append("A")
            q = q[len("a"):]
        elif q.startswith(("b", "(")):
            tokens.append(q[:2])
            q = q[2:]
        else:
            break
    return tokens, q
"""


@pytest.mark.parametrize("inputs", [texts, lists])
@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_at_an_offset(agrees, case, inputs):
    new = agrees(Offset(), SAME[case], inputs)

    assert "_at = 0\n" in new


def test_a_text_is_cut_once_after_the_loop(agrees):
    new = agrees(Offset(), TEXT, texts)

    assert "    while q_at < len(q):\n" in new
    assert '        if q.startswith("a", q_at):\n' in new
    assert "    if q_at:\n        q = q[q_at :]\n    return tokens, q\n" in new


LOOP = """
def f(q, n):
    while q:
        n += q[0]
        q = q[1:]
    return n
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("q[0]", "q[-1]"),
        ("q[0]", "q[n]"),
        ("q[0]", "q[::2]"),
        ("q[0]", "sum(q)"),
        ("q[0]", "take(q)"),
        ("q[0]", "q.pop()"),
        ("q[0]", "q[len(q) - 1]"),
        ("q[0]", "(q or [1])[0]"),
        ("q[0]", "next(x for x in q)"),
        ("q[0]", "(lambda: q)()[0]"),
        ("n += q[0]", "q[0] = n"),
        ("n += q[0]", "yield q[0]"),
        ("n += q[0]", "n, q = q[0], q[2:]"),
        ("q = q[1:]", "q = q[:-1]"),
        ("q = q[1:]", "q = q[1::2]"),
        ("q = q[1:]", "q = q[next(n):]"),
        ("q = q[1:]", "p = q[1:]"),
        ("return n", "return q"),
        ("while q:", "q = q.items()\n    while q:"),
        ("while q:", "p = n\n    q = p\n    p.append(1)\n    while q:"),
        ("(q, n):", "(q: dict, n):"),
        ("(q, n):", "(**q):"),
    ],
)
def test_leaves_other_loops_alone(refuses, old, new):
    assert old in LOOP
    refuses(Offset(), LOOP.replace(old, new, 1))


def test_a_handler_might_see_the_whole(refuses):
    loop = LOOP.replace("    while", "        while").replace("        n +=", "            n +=").replace(
        "        q =", "            q ="
    )  # fmt: skip

    refuses(Offset(), loop.replace("        while", "    try:\n        while").replace(
        "    return n", "    except ValueError:\n        n = len(q)\n    return n"
    ))  # fmt: skip
