"""Purity through NumPy's constructors, dataclasses and chained assignments."""

import ast

import pytest

from bot.domain.code import File, Snapshot
from bot.propose.rules.tree_purity import TreePurity

HEAD = """\
from dataclasses import dataclass
import numpy as np
from other import Point


@dataclass(frozen=True)
class Pair:
    a: float
    b: float


@dataclass
class Loud:
    a: float

    def __post_init__(self):
        print(self.a)


class Plain:
    def __init__(self, a):
        self.a = a


"""
OTHER = b"from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    x: int\n"


def pure(body):
    text = HEAD + "def f(xs):\n" + "".join(f"    {line}\n" for line in body.split("; "))
    tree = Snapshot("c", {"m.py": File(text.encode()), "other.py": File(OTHER)})
    function = next(one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef))
    return TreePurity(tree).pure("m.py", function)


@pytest.mark.parametrize(
    "body",
    [
        "m = np.zeros((2, 2)); m[0, 0] += xs[0]; return m",
        "return float(np.sum(np.array(xs)))",
        "return Pair(a=xs[0], b=1.0)",
        "return Point(x=1)",
        "a = b = 0.0; a += xs[0]; b += a; return b",
    ],
)
def test_what_only_makes_new_values_is_pure(body):
    assert pure(body)


@pytest.mark.parametrize(
    "body",
    [
        "np.random.seed(1); return 0",
        "np.save('x', xs); return 0",
        "return Loud(a=xs[0])",
        "return Plain(xs)",
        "xs[0] = 1; return xs",
        "np = xs; return np.zeros(3)",
    ],
)
def test_effects_and_what_is_not_known_are_not(body):
    assert not pure(body)
