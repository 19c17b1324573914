import collections
import dataclasses
import inspect
import math
import random
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluate.inside import canon, derive, mutate
from bot.evaluate.inside.pickling import dumps, loads

LIMIT = 1 << 20


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    value: float


class Pair(typing.NamedTuple):
    left: int
    right: str


class Shelf:
    def __init__(self) -> None:
        self.rows = [3, 1, 2]
        self._index = {3: 0}


def calls(*arguments):
    return [dumps(one, LIMIT) for one in arguments]


def made(captured, kind="derived", count=80, seed=1, **more):
    source = derive.Source(captured, method=more.pop("method", False), **more)
    request = {"seed": seed, "derived": count, "edge": count, "bytes": LIMIT}
    found = derive.derived(source, request, kind, math.inf)
    assert source.errors == []
    return [(loads(derive.base64.b64decode(one["data"])), one["said"]) for one in found]


ROWS = calls(
    (([Row("a", 1.5), Row("b", 2.5), Row("c", 0.5)], 2), {"reverse": True}),
    (([Row("x", 9.0)] * 4, 1), {}),
    (({"k": [1, 2, 3], "l": [4]}, Pair(1, "z")), {}),
)


def test_derived_calls_are_new_and_keep_their_types():
    found = made(ROWS)
    assert len(found) == 80
    captured = {canon.digest(loads(one))[0] for one in ROWS}
    digests = [canon.digest(call)[0] for call, _ in found]
    assert captured.isdisjoint(digests)
    assert len(set(digests)) > 70
    for (args, kwargs), said in found:
        assert said
        assert [type(one) for one in args] in ([list, int], [dict, Pair])
        assert set(map(type, kwargs.values())) <= {bool}
        assert all(type(row) is Row and type(row.value) is float for row in args[0] if isinstance(args[0], list))


def test_the_seed_decides():
    assert repr(made(ROWS, seed=3)) == repr(made(ROWS, seed=3))
    assert repr(made(ROWS, seed=3)) != repr(made(ROWS, seed=4))


def test_rows_are_shortened_repeated_and_reordered():
    lists = [args[0] for (args, _), _ in made(calls((([1, 2, 3, 4],), {})), count=60)]
    assert any(len(one) < 4 for one in lists)
    assert any(len(one) > 4 for one in lists)
    assert any(one != sorted(one) for one in lists)
    assert any(len(set(one)) < len(one) for one in lists)
    assert all(lists), "empty containers are edges"


def test_values_next_to_captured_and_default_ones_are_tried():
    def function(rows, limit=3, *, strict=False):
        return rows, limit, strict

    found = [kwargs for (_, kwargs), _ in made(calls((([1, 2],), {})), signature=inspect.signature(function))]
    assert {one.get("limit") for one in found} >= {-1, 0, 2, 4}
    assert True in {one.get("strict") for one in found}


def test_edges_hold_what_nothing_uses():
    found = made(calls((([1.5, 2.5], "ab", 3), {}), (([0.5], "c", 4), {})), "edge")
    values = [one for (args, _), _ in found for one in [*args, *(args[0] or ())]]
    assert any(isinstance(one, float) and math.isnan(one) for one in values)
    assert any(one == 0 and math.copysign(1, one) < 0 for one in values if isinstance(one, float))
    assert any(one in ([], "") for one in values)
    assert None in values
    assert any(isinstance(one, int) and abs(one) >= 2**63 for one in values)
    assert any(isinstance(one, str) and not one.isascii() for one in values)


def test_the_object_itself_changes_in_edges_only_and_never_in_private():
    shelf = calls(((Shelf(),), {}))
    assert made(shelf, method=True) == []
    edges = [args[0] for (args, _), _ in made(shelf, "edge", method=True)]
    assert edges
    assert all(one._index == {3: 0} for one in edges)
    assert any(one.rows != [3, 1, 2] for one in edges)


def test_nothing_to_vary_and_nothing_readable():
    assert made(calls(((), {}))) == []
    source = derive.Source([b"broken"], method=False)
    assert source.is_empty
    assert len(source.errors) == 1
    request = {"seed": 1, "derived": 5, "edge": 5, "bytes": LIMIT}
    assert derive.derived(source, request, "derived", math.inf) == []
    assert derive.derived(derive.Source(ROWS, method=False), request, "derived", -math.inf)[1:] == []


plain = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner), st.dictionaries(st.text(), inner), st.frozensets(st.integers()),
        st.builds(collections.deque, st.lists(inner)), st.builds(Row, st.text(), st.floats()),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(plain, st.integers(0, 99), st.booleans())
def test_a_mutation_never_fails_and_derived_ones_keep_the_outer_type(value, seed, edge):
    pool = mutate.Pool()
    pool.add(value)
    mutation = mutate.Mutation(random.Random(seed), pool, edge=edge)  # noqa: S311
    changed = mutation.of(loads(dumps(value, LIMIT)), "argument 1")
    assert mutation.said
    assert edge or type(changed) is type(value)


def test_arrays_and_frames_keep_dtypes():
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    for (args, _), _ in made(calls(((numpy.arange(6.0).reshape(3, 2), frame), {})), count=12):
        assert args[0].dtype == numpy.float64
        assert list(args[1].dtypes) == list(frame.dtypes)
        assert args[0].shape[1:] == (2,)
