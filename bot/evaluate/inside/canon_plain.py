"""Canonical bytes of plain builtin values, in bulk where a list holds many of one type."""

from __future__ import annotations

import itertools
import operator
import struct
from array import array
from types import MappingProxyType
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Set, Tuple

_DOUBLE = struct.Struct("<d")
_WIDEST_ROW = 32


def _none(encoder: Any, _value: None) -> None:
    encoder.put(b"N")


def _bool(encoder: Any, value: bool) -> None:
    encoder.put(b"T" if value else b"F")


def _int(encoder: Any, value: int) -> None:
    encoder.put(b"i%x;" % value)


def _float(encoder: Any, value: float) -> None:
    encoder.put(b"f" + (_DOUBLE.pack(value) if value == value else b"notanumb"))  # noqa: PLR0124 - NaN is the test


def _complex(encoder: Any, value: complex) -> None:
    encoder.put(b"c")
    _float(encoder, value.real)
    _float(encoder, value.imag)


def _str(encoder: Any, value: str) -> None:
    encoder.text(b"s", value)


def _bytes(encoder: Any, value: bytes) -> None:
    encoder.put(b"b%x:" % len(value))
    encoder.put(value)


def _bytearray(encoder: Any, value: bytearray) -> None:
    if encoder.first_visit(value):
        encoder.put(b"B%x:" % len(value))
        encoder.put(bytes(value))


def _list(encoder: Any, value: List[Any]) -> None:
    if encoder.first_visit(value):
        encoder.put(b"l")
        encoder.items(value)


def _tuple(encoder: Any, value: Tuple[Any, ...]) -> None:
    encoder.put(b"t")
    encoder.items(value)


def _dict(encoder: Any, value: Dict[Any, Any]) -> None:
    if encoder.first_visit(value):
        encoder.put(b"d")
        encoder.items(list(value))
        encoder.items(list(value.values()))


def _set(encoder: Any, value: Set[Any]) -> None:
    if encoder.first_visit(value):
        encoder.put(b"S")
        encoder.unordered(value)


def _frozenset(encoder: Any, value: FrozenSet[Any]) -> None:
    encoder.put(b"Z")
    encoder.unordered(value)


def _bulk_ints(encoder: Any, values: Any) -> bool:
    try:
        data = array("q", values).tobytes()
    except OverflowError:
        return False
    encoder.put(b"*q")
    encoder.put(data)
    return True


def _bulk_floats(encoder: Any, values: Any) -> bool:
    if any(map(operator.ne, values, values)):
        return False
    encoder.put(b"*D")
    encoder.put(array("d", values).tobytes())
    return True


def _bulk_strings(encoder: Any, values: Any) -> bool:
    encoder.put(b"*x")
    encoder.put(array("q", map(len, values)).tobytes())
    encoder.text(b"s", "".join(values))
    return True


def _bulk_tuples(encoder: Any, values: Any) -> bool:
    return _rows(encoder, values, b"*t")


def _bulk_lists(encoder: Any, values: Any) -> bool:
    return encoder.first_visits(values) and _rows(encoder, values, b"*l")


def _rows(encoder: Any, values: Any, tag: bytes) -> bool:
    """Encode sequences by their lengths and all their elements, column by column where the lengths are equal."""
    flat = list(itertools.chain.from_iterable(values))
    width, rest = divmod(len(flat), len(values))
    if rest == 0 and width <= _WIDEST_ROW and set(map(len, values)) == {width}:
        encoder.put(b"%br%x:" % (tag, width))
        for column in range(width):
            encoder.items(flat[column::width])
        return True
    encoder.put(tag + b"R")
    encoder.put(array("q", map(len, values)).tobytes())
    encoder.items(flat)
    return True


def _bulk_dicts(encoder: Any, values: Any) -> bool:
    """Encode records, that is dicts with the same strings as keys in the same order, column by column."""
    keys = list(values[0])
    if set(map(type, itertools.chain.from_iterable(values))) != {str} or any(list(one) != keys for one in values):
        return False
    if not encoder.first_visits(values):
        return False
    encoder.put(b"*k")
    encoder.items(keys)
    for key in keys:
        encoder.items([one[key] for one in values])
    return True


DIRECT: Mapping[type, Callable[[Any, Any], None]] = MappingProxyType(
    {
        type(None): _none,
        bool: _bool,
        int: _int,
        float: _float,
        complex: _complex,
        str: _str,
        bytes: _bytes,
        bytearray: _bytearray,
        list: _list,
        tuple: _tuple,
        dict: _dict,
        set: _set,
        frozenset: _frozenset,
    }
)
BULKS: Mapping[type, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        int: _bulk_ints,
        float: _bulk_floats,
        str: _bulk_strings,
        tuple: _bulk_tuples,
        list: _bulk_lists,
        dict: _bulk_dicts,
    }
)
