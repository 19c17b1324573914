"""Short, safe words for a value in a message about a mismatch; no code of the target runs for them."""

from __future__ import annotations

from typing import Any

_LONGEST = 160
_SHOWN = 4
_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def describe(value: Any, depth: int = 2) -> str:
    """Return at most 160 printable ASCII characters that tell what `value` is."""
    text = _words(value, depth)
    text = text.encode("ascii", "backslashreplace").decode("ascii")
    text = "".join(one if one.isprintable() else "?" for one in text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _words(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is int:
        return str(value) if value.bit_length() < 256 else f"int of {value.bit_length()} bits"
    if kind in _PLAIN:
        return repr(value[:_LONGEST] if kind in (str, bytes) else value)
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, depth)
    if issubclass(kind, BaseException):
        return f"{kind.__qualname__}{_words(BaseException.args.__get__(value), depth)}"  # type: ignore[attr-defined]
    shape = getattr(value, "shape", None) if kind.__module__.split(".")[0] in ("numpy", "pandas") else None
    if shape is not None:
        return f"<{kind.__qualname__} {getattr(value, 'dtype', '')} {shape}>"
    return f"<{kind.__module__}.{kind.__qualname__}>"


def _container(value: Any, depth: int) -> str:
    name = type(value).__name__
    if not depth:
        return f"{name} of {len(value)}"
    more = ", ..." if len(value) > _SHOWN else ""
    if isinstance(value, dict):
        shown = [f"{_words(key, depth - 1)}: {_words(one, depth - 1)}" for key, one in list(dict.items(value))[:_SHOWN]]
        return f"dict of {len(value)} {{{', '.join(shown)}{more}}}"
    shown = [_words(one, depth - 1) for one in list(value)[:_SHOWN]]
    return f"{name} of {len(value)} [{', '.join(shown)}{more}]"
