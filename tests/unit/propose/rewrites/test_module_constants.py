import pytest

from bot.propose.rules.compiled_pattern import CompiledPattern
from bot.propose.rules.constant_display import ConstantDisplay

TEXTS = [("",), ("a1 b22\nC3",), ("x=1; y=22",)]


def test_constant_patterns_are_compiled_at_module_level(bench):
    [new] = bench(CompiledPattern()).keeps(
        r'''
        """Doc."""
        from __future__ import annotations
        import re

        def f(text):
            out = []
            for line in text.split("\n"):  # each line
                out.append(re.sub(r"\d+", "#", line, 1))
                out += re.findall("[a-z]\\w", line, re.I | re.M)
                out += re.split(r";\s*", line, maxsplit=1, flags=re.S)
                m = re.compile("c", re.IGNORECASE).search(line)
                if m and re.match(r"\d+", line) is None:
                    out.append(m.group())
                for m in re.finditer(pattern, line) if False else ():
                    pass
            return out
        ''',
        TEXTS,
    )
    assert new.count("re.compile(") == 4
    assert "# each line" in new
    assert "re.finditer(pattern, line)" in new


@pytest.mark.parametrize(
    "text",
    [
        "import re\ndef f(p, s):\n    return re.match(p, s)\n",
        "import re\ndef f(s):\n    return re.match('(', s)\n",
        "import re\ndef f(s, x):\n    return re.match(f'{x}', s)\n",
        "import re\ndef f(s, flags):\n    return re.match('a', s, flags)\n",
        "def f(s, re):\n    return re.match('a', s)\n",
        "def f(s):\n    import re\n    return re.match('a', s)\n",
        "import re\nre = 3\ndef f(s):\n    return re.match('a', s)\n",
        "import re\ndef f(a):\n    return re.match('a', *a)\n",
    ],
)
def test_other_patterns_stay(bench, text):
    bench(CompiledPattern()).refuses(text)


def test_tables_of_constants_move_to_the_module(bench):
    [new] = bench(ConstantDisplay()).keeps(
        """
        import sys

        def f(text):
            values = {"a": 1, "b": -2, "x": (3, "4")}
            odd = ["1", "3", "5"]
            out = []
            for c in text:
                if c in values:
                    out.append(values[c])
                elif odd.count(c):
                    out.append({"1": 1, "2": 2, "3": 3}.get(c))
            return out, len(odd)
        """,
        TEXTS,
    )
    assert new.startswith('\nimport sys\n_VALUES = {"a": 1')


@pytest.mark.parametrize(
    "body",
    [
        "t = {1: 2, 3: 4, 5: 6}\n    return t",
        "t = {1: 2, 3: 4, 5: 6}\n    t[7] = 8\n    return t[x]",
        "t = [1, 2, 3]\n    t.append(x)\n    return len(t)",
        "t = [1, 2, x]\n    return t[0]",
        "t = {1: [], 2: [], 3: []}\n    return t[x]",
        "t = [1, 2, 3]\n    t = x\n    return t[0]",
        "t = [1, 2, 3]\n    g = lambda: t\n    return g()",
        "t = [1, 2, 3]\n    h(t)\n    return t[0]",
        "t = [1, 2, 3]\n    u = t\n    u.append(x)\n    return u[0]",
        "t = [1, 2, 3]\n    t += x\n    return t[0]",
        "t = [1, 2, 3]\n    del t[0]\n    return t[0]",
        "t = [1, 2, 3]\n    for t[0] in x:\n        pass\n    return t[0]",
        "return [1, 2, 3]",
        "t = {\n        1: 2,  # why\n        3: 4,\n        5: 6,\n    }\n    return t[x]",
    ],
)
def test_tables_that_may_change_or_leave_stay(bench, body):
    bench(ConstantDisplay()).refuses(f"def f(x):\n    {body}\n")
