# ruff: noqa: E501, S311 - programs stand here as text; inputs are random, not secret
import random

import pytest

from bot.propose.rules.emit_pieces import EmitPieces


def value(rng, depth):
    kind = rng.randrange(4) if depth else 0
    if kind < 2:
        return rng.choice([0, -5, 12, "ab", "", "x y"])
    if kind == 2:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {str(n): value(rng, depth - 1) for n in range(rng.randrange(4))}


RNG = random.Random(9)
VALUES = [(value(RNG, 5),) for _ in range(25)]


@pytest.fixture
def rule(bench):
    return bench(EmitPieces())


def test_an_encoder_with_joins_and_loops(rule):
    [new] = rule.keeps(
        '''
        def f(v):
            """Encode."""
            if isinstance(v, int):
                return b"i%de" % v
            if isinstance(v, str):
                raw = v.encode()
                return str(len(raw)).encode() + b":" + raw
            if isinstance(v, list):
                return b"l" + b"".join(f(x) for x in v if x != 0) + b"e"
            out = b"d"
            for key in sorted(v):
                out += f(key) + f(v[key])
            return out + b"e"
        ''',
        VALUES,
    )
    assert new.count("join") == 1


def test_a_renderer_with_parts_and_formatted_strings(rule):
    rule.keeps(
        """
        def f(v, depth=0):
            if isinstance(v, dict):
                parts = ["{"]
                for k in v:
                    parts.append(f"{k!r}: {f(v[k], depth + 1)};{depth:>3}")
                return "".join(parts) + "}"
            elif isinstance(v, list):
                text = ""
                for x in v:
                    text = text + "[" + f(x, depth=depth + 1) + "]"
                return text
            else:
                return repr(v)
        """,
        VALUES,
    )


def test_a_method_with_the_name_of_a_method_of_strings(bench):
    rule = bench(EmitPieces())
    rule.keeps(
        """
        class Coder:
            def encode(self, v):
                if isinstance(v, (list, dict)):
                    return b"(" + b"".join([self.encode(x) for x in v]) + b")"
                return str(v).encode()
        """,
        VALUES,
        "Coder.encode",
    )


def test_lists_in_order(rule):
    rule.keeps(
        "def f(v):\n    if not isinstance(v, list):\n        return [v]\n    out = []\n    for x in v:\n        out += f(x)\n    return out + [None]\n",
        VALUES,
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(v):\n    if not v:\n        return 0\n    return 1 + f(v[1:])\n",
        "def f(v):\n    if not v:\n        return ''\n    x = f(v[1:])\n    return 'a' + x\n",
        "def f(v):\n    if not v:\n        return ''\n    return ', '.join(f(x) for x in v)\n",
        "def f(v):\n    out = ''\n    for x in v:\n        out = f(x) + out\n    return out\n",
        "def f(v):\n    out = ''\n    for x in v:\n        out += f(x)\n        if len(out) > 9:\n            return out\n    return out\n",
        "def f(v):\n    out = ''\n    for x in v:\n        out += f(x)\n    if not v:\n        return 'no'\n    return out\n",
        "def f(v):\n    out = ''\n    for x in v:\n        out += f(x)\n    return 'a' + out\n",
        "def f(v):\n    if v:\n        return 'a' + f(v[1:])\n",
        "@wraps\ndef f(v):\n    return 'a' + f(v[1:])\n",
        "def f(v):\n    yield 'a' + f(v[1:])\n",
        "def f(v):\n    return 'a' * 3\n",
        "def f(v):\n    return ('a' + f(v[1:])).strip()\n",
        "def f(v):\n    return 'a' + b'b' + f(v)\n",
        "def f(v):\n    return 'a' + f(f(v))\n",
        "def f(v):\n    try:\n        return 'a' + f(v[1:])\n    except IndexError:\n        return ''\n",
    ],
)
def test_other_shapes_stay(rule, text):
    rule.refuses(text)
