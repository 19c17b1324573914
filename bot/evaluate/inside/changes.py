"""The changes themselves, by type: those that stay in distribution and those that leave it on purpose."""

from __future__ import annotations

import collections
import random
import sys
from typing import Any, Callable, Mapping, Optional, Tuple

_HUGE = 2**63
_SMALL = 10_000
_RECASED_SHARE = 0.3
_NEW_ELEMENT_SHARE = 0.4
_ODD_TEXT = (
    "",
    "\u0130\u00df\u01c5",
    "e\u0301\u0327",
    "\u202eabc\u0000",
    "\U0001f469\u200d\U0001f4bb",
    "\u0663\u00b2",
    " \t\n\u00a0",
)

# Pairs that are one under full case folding or under normalisation, and two otherwise.
_ALIKE = (
    ("\u00df", "ss"),
    ("\u03c2", "\u03c3"),
    ("\u0130", "i\u0307"),
    ("e\u0301", "\u00e9"),
    ("\uff21", "A"),
    ("\u2126", "\u03c9"),
)

Change = Callable[[Any, random.Random, Any], Tuple[Any, str]]


def _int(value: int, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    near = [0, 1, -value, value + 1, value - 1, value + draw.randint(-9, 9), pool.other(value, draw)]
    made = draw.choice([*near, 3 * value + draw.randint(0, 9)] if abs(value) < _SMALL else near)
    return made, f"{_shown(value)} became {_shown(made)}"


def _float(value: float, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    other = pool.other(value, draw)
    made = draw.choice([0.0, -value, value * 2, value / 3, value + draw.gauss(0, 1), other, float(draw.randint(-9, 9))])
    return made, f"{value!r} became {made!r}"


def _bool(value: bool, _draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    return (not value), f"became {not value}"


def recased(value: str, draw: random.Random) -> str:
    """Return `value` with all letters, or one of them, in the other case; itself where it has none."""
    places = [place for place, letter in enumerate(value) if letter.swapcase() != letter]
    if not places or draw.random() < 0.5:
        return value.swapcase()
    place = draw.choice(places)
    return value[:place] + value[place].swapcase() + value[place + 1 :]


def _str(value: str, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    place = draw.randint(0, len(value))
    letter = draw.choice(pool.alphabet or "a")
    other = pool.other(value, draw)
    if draw.random() < _RECASED_SHARE and value.swapcase() != value:
        return recased(value, draw), "in another case"
    made = draw.choice(
        [value + other, other, value[:place] + letter + value[place:], value[:place] or letter, value[place:] or letter,
         value[::-1], value * 2, "".join(draw.choice(pool.alphabet or "a") for _ in range(8))]
    )  # fmt: skip
    return made, "other text"


def _bytes(value: bytes, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    place = draw.randint(0, len(value))
    made = draw.choice([value[:place] + b"\x00" + value[place:], value[::-1], value * 2, pool.other(value, draw)])
    return type(value)(made), "other bytes"


def _sequence(value: Any, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    items, other = list(value), list(pool.other(value, draw))
    cut = draw.randint(1, max(1, len(items)))
    twice = draw.sample(items, min(len(items), 3))
    atoms = [one for one in items if type(one) in (int, float, str, bytes)]
    if isinstance(value, (set, frozenset)) and atoms and draw.random() < _NEW_ELEMENT_SHARE:
        # Text sets follow the hash seed in their order.
        one = draw.choice(sorted(atoms, key=lambda atom: (type(atom).__name__, atom)))
        return type(value)([*items, CHANGES[type(one)](one, draw, pool)[0]]), "with another element"
    made, said = draw.choice(
        [
            (items[:cut], "shortened"),
            (items[-cut:], "cut at the front"),
            (items + items, "doubled"),
            (items[::-1], "reversed"),
            (draw.sample(items, len(items)), "shuffled"),
            (items + twice, "with elements repeated"),
            ([one for one in items for _ in (0, 1)], "with every element twice"),
            (items[:cut] + other[cut // 2 :], "joined with another that was seen"),
            (other, "replaced by another that was seen"),
        ]
    )
    if isinstance(value, collections.deque):
        return collections.deque(made, value.maxlen), said
    return type(value)(made), said


def _dict(value: Any, draw: random.Random, pool: Any) -> Tuple[Any, str]:
    items = list(value.items())
    if not items:
        return pool.other(value, draw), "replaced by another that was seen"
    lost = draw.randrange(len(items))
    texts = [(recased(key, draw), one) for key, one in items if type(key) is str and key.swapcase() != key]
    beside = [item for item in texts if item[0] not in value]
    made, said = draw.choice(
        [
            (items[::-1], "in reversed order"),
            (draw.sample(items, len(items)), "reordered"),
            (items[:lost] + items[lost + 1 :], "without one key"),
            (list(zip([key for key, _ in items], [one for _, one in items[::-1]])), "with exchanged values"),  # noqa: B905
            *([([*items, draw.choice(beside)], "with a key in another case beside it")] if beside else []),
        ]
    )
    # The object's own class may hold more than its items, such as a default factory.
    value.clear()
    value.update(made)
    return value, said


def _odd_int(value: int, draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    made = draw.choice([_HUGE, -_HUGE, 10**30, -1])
    return made, f"{_shown(value)} became {_shown(made)}"


def _odd_float(value: float, draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    made = draw.choice([float("nan"), -0.0, float("inf"), float("-inf"), 5e-324, 1.7e308])
    return made, f"{value!r} became {made!r}"


def _odd_str(_value: str, draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    made = draw.choice(_ODD_TEXT)
    return made, f"became {made!a}"


def alike(value: str) -> "Tuple[list[str], str]":
    """Return pairs of texts that some ways of comparing without case or accents take for one, and words for them."""
    return [value + end for pair in _ALIKE for end in pair], "pairs of texts that end in letters which fold alike"


def _emptied(value: Any, _draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    if not hasattr(value, "clear"):
        return type(value)(), "became empty"
    # The object itself may hold more than its items, such as a default factory or a greatest length.
    value.clear()
    return value, "became empty"


def _frame_rows(value: Any, draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    count = len(value)
    if not count:
        return value, "as it was"
    rows, said = draw.choice(
        [
            (list(range(count))[::-1], "rows reversed"),
            (draw.sample(range(count), count), "rows shuffled"),
            (sorted(draw.choices(range(count), k=count)), "rows repeated"),
            (draw.choices(range(count), k=max(1, count // 2)), "rows sampled"),
            (list(range(max(1, count // 3))), "rows shortened"),
        ]
    )
    if not hasattr(value, "iloc"):
        return value[rows], said
    made = value.iloc[rows]
    return (made.reset_index(drop=True), said + ", index renewed") if draw.random() < 0.5 else (made, said)


def _odd_frame_rows(value: Any, draw: random.Random, _pool: Any) -> Tuple[Any, str]:
    cells = getattr(value, "iloc", value)
    if not len(value) or draw.random() < 0.5:
        return cells[:0], "without rows"
    is_frame = not hasattr(value, "dtype")
    kinds = [getattr(one, "kind", "") for one in (value.dtypes if is_frame else [value.dtype])]
    floats = [place for place, kind in enumerate(kinds) if kind == "f"]
    if not floats:
        return cells[:0], "without rows"
    made, odd = value.copy(), draw.choice([float("nan"), float("inf"), -0.0])
    getattr(made, "iloc", made)[(0, draw.choice(floats)) if is_frame else 0] = odd
    return made, "with an odd number in front"


def of_library(value: Any, *, edge: bool) -> Optional[Change]:
    """Return the change for arrays, frames and series."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    is_array = numpy is not None and isinstance(value, numpy.ndarray) and value.ndim > 0
    is_frame = (
        pandas is not None and hasattr(pandas, "DataFrame") and isinstance(value, (pandas.DataFrame, pandas.Series))
    )
    if is_array or is_frame:
        return _odd_frame_rows if edge else _frame_rows
    return None


def _shown(value: Any) -> str:
    return repr(value) if not isinstance(value, int) or value.bit_length() < 128 else "a huge number"


CHANGES: Mapping[type, Change] = {
    int: _int,
    float: _float,
    bool: _bool,
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    list: _sequence,
    tuple: _sequence,
    set: _sequence,
    frozenset: _sequence,
    collections.deque: _sequence,
    dict: _dict,
    collections.OrderedDict: _dict,
    collections.defaultdict: _dict,
}
EDGES: Mapping[type, Change] = {
    int: _odd_int,
    float: _odd_float,
    bool: _bool,
    str: _odd_str,
    **dict.fromkeys((bytes, bytearray, list, tuple, set, frozenset, collections.deque), _emptied),
    **dict.fromkeys((dict, collections.OrderedDict, collections.defaultdict), _emptied),
}
