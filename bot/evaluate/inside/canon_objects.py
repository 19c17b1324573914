"""Canonical bytes of everything that is not a plain builtin value: subclasses, instances, exceptions, iterators."""

from __future__ import annotations

import collections
import copyreg
import enum
import io
import types
from typing import Any, Dict, Iterator, Tuple

_MUTABLE_BUILTINS = (list, dict, set, bytearray, collections.deque)
_VIEWS: Tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.WrapperDescriptorType, types.MethodDescriptorType)
_PRIVATE = "_"


def encode(encoder: Any, value: Any, kind: type) -> None:
    """Add one object that is no plain builtin value."""
    for matches, write in _KINDS:
        if isinstance(value, matches) if isinstance(matches, (type, tuple)) else matches(value):
            write(encoder, value, kind)
            return
    if encoder.first_visit(value) if not _is_frozen(kind) else True:
        _instance(encoder, value, kind)


def type_name(kind: type) -> str:
    """Return the dotted name of a class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def attributes(value: Any) -> Dict[str, Any]:
    """Return the instance attributes of `value` by name, those in slots included, without calling its code."""
    found: Dict[str, Any] = {}
    for cls in type(value).__mro__:
        if "__slots__" not in vars(cls):
            continue
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType):
                try:
                    found.setdefault(name, member.__get__(value))
                except AttributeError:
                    continue
    try:
        inner = object.__getattribute__(value, "__dict__")
    except AttributeError:
        inner = {}
    if isinstance(inner, dict):
        found.update((name, inner[name]) for name in dict.keys(inner) if isinstance(name, str))
    return found


def _opaque(encoder: Any, value: Any, kind: type) -> None:
    if encoder.first_visit(value):
        encoder.text(b"?", type_name(kind))
        encoder.opaque.append(type_name(kind))


def _class(encoder: Any, value: Any, _kind: type) -> None:
    encoder.text(b"C", type_name(value))


def _function(encoder: Any, value: Any, kind: type) -> None:
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    encoder.text(b"P", name)
    if "<" in name:
        # A lambda or an inner function: what it does is not in its name.
        encoder.opaque.append(type_name(kind))
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        encoder.value(owner)


def _method(encoder: Any, value: Any, _kind: type) -> None:
    encoder.put(b"m")
    _function(encoder, value.__func__, type(value.__func__))
    encoder.value(value.__self__)


def _enum(encoder: Any, value: Any, kind: type) -> None:
    encoder.text(b"E", f"{type_name(kind)}.{value._name_}")


def _exception(encoder: Any, value: Any, kind: type) -> None:
    if encoder.first_visit(value):
        encoder.text(b"X", type_name(kind))
        encoder.value(BaseException.args.__get__(value))  # type: ignore[attr-defined]
        if isinstance(value, OSError):
            encoder.value((value.filename, value.filename2))
        _state(encoder, value, kind)


def _view(encoder: Any, value: Any, kind: type) -> None:
    encoder.text(b"v", kind.__name__)
    encoder.items(list(value))


def _proxy(encoder: Any, value: Any, _kind: type) -> None:
    encoder.put(b"M")
    encoder.items(list(value))
    encoder.items(list(value.values()))


def _memory(encoder: Any, value: Any, _kind: type) -> None:
    encoder.text(b"y", f"{value.format}{value.shape}")
    encoder.value(value.tobytes())


def _stream(encoder: Any, value: Any, kind: type) -> None:
    if isinstance(value, (io.StringIO, io.BytesIO)) and not value.closed:
        if encoder.first_visit(value):
            encoder.text(b"O", type_name(kind))
            encoder.value((value.getvalue(), value.tell()))
    else:
        _opaque(encoder, value, kind)


def _deque(encoder: Any, value: Any, kind: type) -> None:
    if encoder.first_visit(value):
        encoder.text(b"q", type_name(kind))
        encoder.value(value.maxlen)
        encoder.items(list(collections.deque.__iter__(value)))
        _state(encoder, value, kind)


def _subclass(encoder: Any, value: Any, kind: type) -> None:
    """Encode an instance of a subclass of a builtin by its type's name, the builtin's content and its own state."""
    if isinstance(value, _MUTABLE_BUILTINS) and not encoder.first_visit(value):
        return
    encoder.text(b"U", type_name(kind))
    if isinstance(value, dict):
        _dict_subclass(encoder, value)
    else:
        _content(encoder, value)
    _state(encoder, value, kind)


def _dict_subclass(encoder: Any, value: Any) -> None:
    # An OrderedDict keeps its order outside of the dict.
    owner = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict
    keys = list(owner.__iter__(value))
    encoder.items(keys)
    encoder.items(list(owner.values(value)))
    if isinstance(value, collections.defaultdict):
        encoder.value(value.default_factory)


def _content(encoder: Any, value: Any) -> None:
    """Add what a subclass inherits from its builtin type, read by that type's own methods."""
    for builtin, write in _CONTENTS:
        if isinstance(value, builtin):
            write(encoder, value)
            return


def _iterator(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "__next__") and hasattr(kind, "__iter__")


def _drained(encoder: Any, value: Any, kind: type) -> None:
    if encoder.first_visit(value):
        encoder.drain(type_name(kind), value)


def _instance(encoder: Any, value: Any, kind: type) -> None:
    encoder.text(b"o", type_name(kind))
    own = [getattr(kind, name) is getattr(object, name) for name in ("__reduce__", "__reduce_ex__")]
    plain = all(own) and kind not in copyreg.dispatch_table
    if plain and not _has_hidden_state(value):
        _state(encoder, value, kind)
        return
    try:
        registered = copyreg.dispatch_table.get(kind)
        reduced = registered(value) if registered else value.__reduce_ex__(4)
    except Exception:
        encoder.put(b"?")
        encoder.opaque.append(type_name(kind))
        _state(encoder, value, kind)
        return
    _reduced(encoder, reduced)


def _has_hidden_state(value: Any) -> bool:
    """Return whether a type written in C keeps state that attributes do not show."""
    if getattr(type(value), "__getstate__", None) is not getattr(object, "__getstate__", None):
        return False
    try:
        object.__reduce_ex__(value, 2)
    except TypeError:
        return True
    except Exception:
        return False
    return False


def _reduced(encoder: Any, reduced: Any) -> None:
    if isinstance(reduced, str):
        encoder.text(b"g", reduced)
        return
    encoder.put(b"R%x:" % len(reduced))
    for part in reduced[:3]:
        encoder.value(part)
    for part in reduced[3:5]:
        encoder.value(None if part is None else list(part))


def _state(encoder: Any, value: Any, kind: type) -> None:
    """Add the instance's attributes, sorted by name: the order of assignment is no part of the answer."""
    found = attributes(value)
    name = type_name(kind)
    known = encoder.known.get(name)
    if known is not None:
        extra = {one for one in found if one.startswith(_PRIVATE) and one not in known}
        encoder.extra.update(f"{name}.{one}" for one in extra)
        found = {one: found[one] for one in found if one not in extra}
    encoder.attributes.setdefault(name, set()).update(found)
    for part in _sorted(found):
        encoder.put(b",")
        encoder.text(b"s", part[0])
        encoder.value(part[1])
    encoder.put(b";")


def _sorted(found: Dict[str, Any]) -> Iterator[Tuple[str, Any]]:
    return ((name, found[name]) for name in sorted(found))


def _is_frozen(kind: type) -> bool:
    """Return whether instances cannot change, so that sharing them changes nothing."""
    params = getattr(kind, "__dataclass_params__", None)
    if params is not None:
        return bool(getattr(params, "frozen", False))
    return kind.__module__ in _VALUE_MODULES


_VALUE_MODULES = frozenset({"datetime", "decimal", "_decimal", "fractions", "uuid", "pathlib", "re", "ipaddress"})
_BUILTINS = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)
_CONTENTS = (
    (list, lambda encoder, value: encoder.items(list(list.__iter__(value)))),
    (tuple, lambda encoder, value: encoder.items(list(tuple.__iter__(value)))),
    (set, lambda encoder, value: encoder.unordered(set.__iter__(value))),
    (frozenset, lambda encoder, value: encoder.unordered(frozenset.__iter__(value))),
    (int, lambda encoder, value: encoder.value(int.__add__(value, 0))),
    (float, lambda encoder, value: encoder.value(float.__pos__(value))),
    (complex, lambda encoder, value: encoder.value(complex.__pos__(value))),
    (str, lambda encoder, value: encoder.value(str.__add__(value, ""))),
    ((bytes, bytearray), lambda encoder, value: encoder.value(bytes(memoryview(value)))),
)
_KINDS = (
    (type, _class),
    (types.MethodType, _method),
    (_FUNCTIONS, _function),
    (enum.Enum, _enum),
    (collections.deque, _deque),
    (_BUILTINS, _subclass),
    (BaseException, _exception),
    (_VIEWS, _view),
    (types.MappingProxyType, _proxy),
    (memoryview, _memory),
    (io.IOBase, _stream),
    ((types.ModuleType, types.CodeType, types.FrameType, types.CoroutineType, types.AsyncGeneratorType), _opaque),
    (_iterator, _drained),
)
