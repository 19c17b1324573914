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


def test_a_number_stands_again_elsewhere_in_place_of_another_one():
    row = list(range(100, 160))
    lists = [args[0] for (args, _), said in made(calls(((row,), {})), count=60) if "with itself" in said]
    again = [one for one in lists if len(one) == 60 and len(set(one)) == 59]
    assert len(again) >= 10
    assert any(all(one[at] != one[at + 1] for at in range(59)) for one in again), "not side by side"


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
    assert None not in values
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
def test_a_mutation_never_fails_and_keeps_the_outer_type(value, seed, edge):
    pool = mutate.Pool()
    pool.add(value)
    mutation = mutate.Mutation(random.Random(seed), pool, edge=edge)  # noqa: S311
    changed = mutation.of(loads(dumps(value, LIMIT)), "argument 1")
    assert mutation.said
    assert type(changed) is type(value)


def test_arrays_and_frames_keep_dtypes():
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    for (args, _), _ in made(calls(((numpy.arange(6.0).reshape(3, 2), frame), {})), count=12):
        assert args[0].dtype == numpy.float64
        assert list(args[1].dtypes) == list(frame.dtypes)
        assert args[0].shape[1:] == (2,)


class Plain:
    def __init__(self, key: str, weight: int) -> None:
        self.key = key
        self.weight = weight


@dataclasses.dataclass
class Maybe:
    name: str
    size: int | None


def types_of(value):
    """Return the make-up of a value: its type, and those of its parts."""
    if isinstance(value, (list, collections.deque, set)):
        return type(value), frozenset(map(types_of, value))
    if isinstance(value, tuple):
        return type(value), tuple(map(types_of, value))
    if isinstance(value, dict):
        return type(value), tuple(sorted((key, types_of(one)) for key, one in value.items()))
    if dataclasses.is_dataclass(value) or isinstance(value, Plain):
        return type(value), tuple(types_of(one) for one in vars(value).values())
    return type(value)


@pytest.mark.parametrize(
    "value",
    [3, 2.5, True, "ab", [1, 2], ["a", "b"], [2.5, 0.5], (1, 2), [Row("a", 1.5), Row("b", 2.5)], [(1, "a"), (2, "b")],
     [Plain("a", 1), Plain("b", 2)], collections.deque([1, 2], 5), {"a": 1, "b": 2}, b"ab", 2 + 1j, Pair(1, "a")],
)  # fmt: skip
def test_edges_keep_the_types_of_arguments_and_elements(value):
    for (args, _), said in made(calls(((value,), {})), "edge", count=60):
        assert type(args[0]) is type(value), said
        if not isinstance(args[0], tuple) and hasattr(args[0], "__len__") and len(args[0]) == 0:
            continue
        found, wanted = types_of(args[0]), types_of(value)
        if type(value) is tuple:
            found, wanted = set(found[1]), set(wanted[1])
            assert found <= wanted, said
        else:
            assert found == wanted, said


def test_edges_are_added_beside_elements_of_their_own_type():
    texts = [args[0] for (args, _), _ in made(calls(((["a", "b"],), {})), "edge")]
    assert any(one[:2] == ["a", "b"] and not one[2].isascii() for one in texts if len(one) == 3)
    numbers = [args[0] for (args, _), _ in made(calls((([1.5, 2.5],), {})), "edge")]
    assert any(one[:2] == [1.5, 2.5] and math.isnan(one[2]) for one in numbers if len(one) == 3)
    assert [] in texts


def nones(captured, **more):
    return [args for (args, _), _ in made(captured, "edge", **more) if None in args]


def test_an_edge_is_none_where_none_was_seen_or_is_allowed():
    def optional(one: "Optional[int]", other: int | None, inner: list[int | None]):  # noqa: F821
        return one, other, inner

    plain_call = calls(((1, 2, [3]), {}))
    assert nones(plain_call) == []
    allowed = nones(plain_call, signature=inspect.signature(optional))
    assert {one.index(None) for one in allowed} == {0, 1}
    seen = nones(calls(((1, 2), {}), ((None, 3), {})))
    assert any(one[0] is None for one in seen)
    assert all(one[1] is not None for one in seen)


def test_none_in_elements_and_fields_stays_at_its_place():
    rows = calls((([{"a": 1, "b": 2}, {"a": None, "b": 3}], [Maybe("x", 1)]), {}))
    found = [args for (args, _), _ in made(rows, "edge", count=300)]
    assert any(one.get("a") is None for args in found for one in args[0][:1])
    assert all(one["b"] is not None for args in found for one in args[0] if one)
    assert any(one.size is None for args in found for one in args[1])
    assert all(one.name is not None for args in found for one in args[1])


def recased(found, original):
    return [one for one in found if one != original and one.lower() == original.lower()]


def test_texts_are_derived_in_another_case():
    texts = [args[0] for (args, _), _ in made(calls((("Total",), {})))]
    assert "tOTAL" in texts
    assert len(set(recased(texts, "Total"))) >= 3
    inner = [args[0]["k"][1] for (args, _), _ in made(calls((({"k": (1, "Total")},), {}))) if len(args[0]) == 1
             and len(args[0]["k"]) == 2 and isinstance(args[0]["k"][1], str)]  # fmt: skip
    assert recased(inner, "Total")


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, collections.deque])
def test_a_text_stands_beside_itself_in_another_case(kind):
    found = [args[0] for (args, _), _ in made(calls(((kind(["ab", "cd", "ef"]),), {})), count=50)]
    beside = [one for one in found if len(one) == 4 and len({text.lower() for text in one} & {"ab", "cd", "ef"}) == 3]
    assert len([one for one in beside if len(set(one)) == 4]) >= 4


def test_a_key_stands_beside_itself_in_another_case():
    found = [args[0] for (args, _), _ in made(calls((({"Ab": 1, "cd": 2},), {})))]
    assert any(len(one) == 3 and len({key.lower() for key in one}) == 2 for one in found)


NEAR = [
    ([{"key": "a", "n": 1, "f": 1.5}, {"key": "b", "n": 2, "f": 2.5}], lambda one: tuple(one.values())),
    ([("a", 1), ("b", 2), ("c", 3)], lambda one: one),
    ((("a", 1), ("b", 2), ("c", 3)), lambda one: one),
    ([[1, 2, 3], [4, 5, 6]], tuple),
    ([Row("a", 1.5), Row("b", 2.5)], dataclasses.astuple),
    ([Pair(1, "a"), Pair(2, "b")], tuple),
    ([Plain("a", 1), Plain("b", 2)], lambda one: (one.key, one.weight)),
]


@pytest.mark.parametrize(("value", "leaves"), NEAR)
@pytest.mark.parametrize("seed", [1, 2])
def test_near_duplicates_are_drawn_often_before_and_after_and_in_each_leaf(value, leaves, seed):
    originals = [leaves(one) for one in value]
    equal_keys, changed, sides = 0, set(), set()
    for (args, _), _ in made(calls(((value,), {})), count=50, seed=seed):
        rows = [leaves(one) for one in args[0]]
        new = [one for one in rows if one not in originals]
        if len(rows) != len(originals) + 1 or len(new) != 1 or [one for one in rows if one in originals] != originals:
            continue
        near = [one for one in originals if sum(a != b for a, b in zip(one, new[0], strict=False)) == 1]
        if near and len(new[0]) == len(near[0]):
            changed |= {place for place, (a, b) in enumerate(zip(near[0], new[0], strict=True)) if a != b}
            sides.add(rows.index(new[0]) < rows.index(near[0]))
            equal_keys += any(one[0] == new[0][0] for one in near)
    assert equal_keys >= 8
    assert sides == {True, False}
    assert changed == set(range(len(originals[0])))


def test_near_duplicates_reach_lists_inside_of_arguments_and_spare_the_captured_values():
    value = {"rows": [{"key": "a", "n": 1}, {"key": "b", "n": 2}]}
    found = [args[0]["rows"] for (args, _), said in made(calls(((value,), {})), count=50) if "differs in one" in said]
    assert len(found) >= 8
    assert all(len(rows) == 3 for rows in found[:8])
    source = derive.Source(calls(((value,), {})), method=False)
    assert source.pool.other(value, random.Random(1)) == value  # noqa: S311


def test_float_columns_take_odd_numbers_and_others_do_not():
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3], "f": [0.5, 1.5, 2.5]})
    found = [args for (args, _), _ in made(calls(((frame, numpy.arange(4)), {})), "edge", count=12)]
    assert all(list(one[0].dtypes) == list(frame.dtypes) and one[1].dtype == numpy.arange(4).dtype for one in found)
    assert any(len(one[0]) and not math.isfinite(one[0]["f"].iloc[0]) for one in found)
