import collections
import copy
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import io
import itertools
import pathlib
import pickle
import re
import struct
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluate.inside import canon
from bot.evaluate.inside.canon import digest, encode

atoms = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.complex_numbers(),
    st.decimals(), st.fractions(), st.datetimes(), st.uuids(),
)  # fmt: skip
hashable = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary())
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(hashable, inner),
        st.frozensets(hashable),
        st.sets(st.integers()),
        st.lists(st.tuples(st.text(), st.integers()), min_size=8),
        st.lists(st.fixed_dictionaries({"a": st.integers(), "b": inner}), min_size=8, max_size=10),
        st.lists(st.lists(inner, max_size=2), min_size=8, max_size=10),
    ),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(values)
def test_copies_have_equal_bytes(value):
    assert encode(copy.deepcopy(value)) == encode(value) == encode(pickle.loads(pickle.dumps(value)))  # noqa: S301


@settings(max_examples=40, deadline=None)
@given(values)
def test_a_change_of_one_part_is_seen(value):
    assert encode([value, 1]) != encode([value, 2])
    assert encode([value]) != encode((value,)) != encode([[value]])
    assert encode([value] * 9) != encode([value] * 10)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.booleans()), max_size=12))
def test_equal_bytes_mean_equal_types_and_values(items):
    for one, other in itertools.pairwise(items):
        same = type(one) is type(other) and _bits(one) == _bits(other)
        assert (encode(one) == encode(other)) is same


def _bits(value):
    if isinstance(value, float):
        return struct.pack("d", value) if value == value else "nan"  # noqa: PLR0124
    return value


NEAR_MISSES = [
    (True, 1),
    (1, 1.0),
    (0.0, -0.0),
    (0.0, False),
    (None, "None"),
    ("a", b"a"),
    (b"a", bytearray(b"a")),
    ([1, 2], (1, 2)),
    ([1, 2], [2, 1]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: 2}, collections.OrderedDict({1: 2})),
    ({1: 2}, collections.defaultdict(int, {1: 2})),
    (collections.defaultdict(int), collections.defaultdict(list)),
    (collections.Counter("ab"), {"a": 1, "b": 1}),
    ({1, 2}, frozenset({1, 2})),
    (collections.deque([1], 2), collections.deque([1], 3)),
    ([1] * 9, [True] * 9),
    ([1.0] * 9, [1] * 9),
    ([0.0] * 9, [0.0] * 8 + [-0.0]),
    (["ab", "c"] * 8, ["a", "bc"] * 8),
    ([(1, 2)] * 9, [[1, 2] for _ in range(9)]),
    ([[1], [2, 3]] * 5, [[1, 2], [3]] * 5),
    ("\u00e9", "e\u0301"),
    ("\ud800", "\\ud800"),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    (fractions.Fraction(1, 2), 0.5),
    (dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),  # noqa: DTZ001
    (dt.datetime(2020, 1, 1), dt.date(2020, 1, 1)),  # noqa: DTZ001
    (range(3), [0, 1, 2]),
    (range(0), range(1, 1)),
    (re.compile("a"), re.compile("a", re.IGNORECASE)),
    (pathlib.PurePosixPath("a"), "a"),
    (ValueError("a"), TypeError("a")),
    (ValueError("a"), ValueError("b")),
    (FileNotFoundError(2, "x", "a"), FileNotFoundError(2, "x", "b")),
    ({}.keys(), {}.values()),
    (iter([1]), iter((1,))),
    (map(str, [1]), ["1"]),
    (10**30, 10**30 + 1),
    (2**63, -(2**63)),
    (int, float),
    (len, print),
    (io.StringIO("a"), io.StringIO("b")),
    (types.MappingProxyType({1: 2}), {1: 2}),
    (..., NotImplemented),
    (slice(1), slice(2)),
]


@pytest.mark.parametrize(("one", "other"), NEAR_MISSES, ids=lambda value: re.sub(" at 0x[0-9a-f]+", "", str(value)))
def test_near_misses_differ(one, other):
    assert encode(one) != encode(other)


def test_all_nans_are_alike():
    odd = struct.unpack("<d", b"\x01\x00\x00\x00\x00\x00\xf8\xff")[0]
    assert encode([odd, float("nan")]) == encode([float("nan"), odd])
    assert encode([odd] * 9) == encode([float("nan")] * 9)


def test_sharing_of_mutable_parts_is_seen():
    shared = [1]
    assert encode([shared, shared]) != encode([[1], [1]])
    assert encode([shared] * 12) != encode([[1] for _ in range(12)])
    assert encode([(1, 2)] * 2) == encode([tuple([1, 2]), tuple([1, 2])])  # noqa: C409
    inner = {"a": 1}
    assert encode([inner] * 2) != encode([{"a": 1}, {"a": 1}])


def test_cycles_end():
    ring: list = []
    ring.append(ring)
    other: list = []
    other.append([other])
    assert encode(ring) != encode(other)
    knot: dict = {}
    knot["me"] = (knot, [knot])
    assert encode(knot)


def test_long_chains_do_not_exhaust_the_stack():
    def chain(length):
        value = None
        for _ in range(length):
            value = [value, 1]
        return value

    found = encode(chain(6_000))
    assert found == encode(chain(6_000))
    assert found != encode(chain(6_001))


def test_sets_are_sorted_whatever_their_order():
    one = {"b", "a", 1, (2, 3), frozenset({4})}
    assert encode(one) == encode({frozenset({4}), (2, 3), 1, "a", "b"})


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Number(int):
    pass


class Text(str):
    __slots__ = ()


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Slotted:
    __slots__ = ("__own", "_hidden", "unset", "x")

    def __init__(self, x) -> None:
        self.x = x
        self._hidden = 2
        self.__own = 3


class Liar:
    def __init__(self, value) -> None:
        self.value = value

    def __eq__(self, other) -> bool:
        raise AssertionError("compared")

    def __hash__(self) -> int:
        raise AssertionError("hashed")

    def __repr__(self) -> str:
        raise AssertionError("printed")


def test_subclasses_keep_their_name_and_state():
    assert len({encode(one) for one in (1, Number(1), Level.LOW, True, Colour.RED)}) == 5
    assert encode(Text("a")) != encode("a")
    marked = Number(1)
    marked.note = "x"
    assert encode(marked) != encode(Number(1))


def test_instances_are_compared_by_class_and_attributes():
    assert encode(Point(1, 2)) == encode(Point(1, 2))
    assert encode(Point(1, 2)) != encode(Point(2, 1))
    turned = Point(1, 2)
    turned.__dict__ = {"y": 2, "x": 1}
    assert encode(turned) == encode(Point(1, 2)), "the order of assignment is no part of the answer"
    assert encode(Slotted(1)) == encode(Slotted(1))
    assert encode(Slotted(1)) != encode(Slotted(2))
    changed = Slotted(1)
    changed._Slotted__own = 4
    assert encode(changed) != encode(Slotted(1))


def test_no_code_of_the_target_is_called():
    held = [Liar(1), {"a": Liar(2)}, (Liar(3),)]
    assert encode(held) == encode([Liar(1), {"a": Liar(2)}, (Liar(3),)])
    assert "Liar" in canon.describe(Liar(1))


def test_ordered_dicts_follow_their_own_order():
    moved = collections.OrderedDict([("a", 1), ("b", 2)])
    moved.move_to_end("a")
    assert encode(moved) == encode(collections.OrderedDict([("b", 2), ("a", 1)]))
    assert encode(moved) != encode(collections.OrderedDict([("a", 1), ("b", 2)]))


def test_generators_are_drained_with_their_end():
    def good():
        yield 1

    def bad():
        yield 1
        raise ValueError("late")

    assert encode(good()) == encode(good())
    assert encode(good()) != encode(bad())
    assert encode(itertools.count())[:1] == b"I"


def test_opaque_objects_are_named():
    import threading

    assert digest([threading.Lock(), 1])[2] == ["_thread.lock"]
    assert digest(lambda: 1)[2] == ["builtins.function"]
    assert digest([1, "a", Point(1, 2)])[2] == []


def test_limit_is_kept():
    assert len(encode("a" * 50, 100)) < 100
    with pytest.raises(canon.TooLarge):
        encode("a" * 200, 100)
    with pytest.raises(canon.TooLarge):
        encode([1.5] * 1000, 100)


def test_private_attributes_unknown_to_the_base_are_left_out_and_said():
    known = {"test_canon.Point": frozenset({"x", "y"})}
    name = f"{Point.__module__}.Point"
    known = {name: frozenset({"x", "y"})}
    extended, public = Point(1, 2), Point(1, 2)
    extended._cache, public.z = {}, 3
    (plain,), _ = canon.parts((Point(1, 2),), known=known)
    (hidden,), encoder = canon.parts((extended,), known=known)
    assert hidden == plain
    assert encoder.extra == {f"{name}._cache"}
    assert canon.parts((public,), known=known)[0] != [plain]


ARRAYS = [
    (np.arange(3), np.arange(3, dtype="i4")),
    (np.arange(3), np.arange(3.0)),
    (np.arange(4), np.arange(4).reshape(2, 2)),
    (np.arange(3), [0, 1, 2]),
    (np.float64(1), 1.0),
    (np.float32(1), np.float64(1)),
    (np.bool_(1), True),
    (np.array([0.0]), np.array([-0.0])),
    (np.array([1, None], dtype=object), np.array([1, 2], dtype=object)),
    (np.array(["a"]), np.array(["a"], dtype=object)),
    (np.ma.array([1, 2], mask=[0, 1]), np.array([1, 2])),
    (np.dtype("i4"), np.dtype("i8")),
    (np.zeros(2, [("a", "i4")]), np.zeros(2, [("b", "i4")])),
    (np.array([1], dtype="M8[s]"), np.array([1], dtype="M8[ms]")),
    (np.longdouble(1) / 3, np.longdouble(1 / 3)),
]


@pytest.mark.parametrize(("one", "other"), ARRAYS, ids=str)
def test_arrays_that_look_alike_differ(one, other):
    assert encode(one) != encode(other)
    assert encode(one) == encode(copy.deepcopy(one))


def test_views_of_arrays_that_were_met_are_told_from_copies():
    whole = np.arange(10)
    assert encode([whole, whole[2:]]) != encode([whole, whole[2:].copy()])
    assert encode(np.arange(10).reshape(2, 5)) == encode(np.arange(10).reshape(2, 5).copy())
    fixed = np.arange(3)
    fixed.flags.writeable = False
    assert encode(fixed) != encode(np.arange(3))


def test_strides_and_nan_kinds_of_arrays_do_not_matter():
    assert encode(np.arange(6).reshape(2, 3).T.copy(order="F")) == encode(np.arange(6).reshape(2, 3).T.copy(order="C"))
    odd = np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\xff").copy()
    assert encode(odd) == encode(np.array([np.nan]))


def test_frames():
    pandas = pytest.importorskip("pandas")

    def frame():
        return pandas.DataFrame(
            {"a": [1, 2], "b": ["x", None], "c": pandas.Categorical(["u", "v"]), "d": [1.5, float("nan")]}
        )

    one = encode(frame())
    assert one == encode(frame())
    others = [
        frame().astype({"a": "int32"}),
        frame().rename(columns={"a": "A"}),
        frame().iloc[::-1],
        frame()[["b", "a", "c", "d"]],
        frame().set_index("a"),
        frame().assign(d=[1.5, 2.0]),
        frame().assign(c=["u", "v"]),
        frame().to_dict(),
        frame().a,
    ]
    assert len({encode(other) for other in others} | {one}) == len(others) + 1
    assert digest(frame())[2] == []
    assert encode(pandas.NaT) != encode(pandas.NA) != encode(None)
    assert encode(pandas.Timestamp("2020", tz="UTC")) != encode(pandas.Timestamp("2020"))


def test_descriptions_are_short_safe_and_plain():
    for value in (
        "\x1b[31m" * 100,
        list(range(10**5)),
        {"a": [1] * 99},
        10**5000,
        ValueError("x\x00"),
        float("nan"),
        np.eye(3),
    ):
        text = canon.describe(value)
        assert len(text) <= 160
        assert text.isascii()
        assert text.isprintable()
    assert canon.describe([1, "a"]) == "list of 2 [1, 'a']"
    assert canon.describe(np.arange(9.0)) == "<ndarray float64 (9,) [0.0, 1.0, 2.0, 3.0]>"


def test_frames_are_described_by_their_columns():
    pandas = pytest.importorskip("pandas")
    assert canon.describe(pandas.DataFrame({"a": [1], "b": [0.5]})) == "<DataFrame (1, 2) 'a' int64, 'b' float64>"
    assert canon.describe(pandas.Series([1, 2])) == "<Series int64 (2,)>"
