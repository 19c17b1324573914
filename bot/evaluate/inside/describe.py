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
    if kind.__module__.split(".")[0] in ("numpy", "pandas") and hasattr(value, "shape"):
        return _table(value)
    return f"<{kind.__module__}.{kind.__qualname__}>"


def _table(value: Any) -> str:
    """Describe an array, series or frame by its types, its shape and its first cells."""
    name = type(value).__name__
    if hasattr(value, "columns"):
        columns = zip(list(value.columns)[:_SHOWN], list(value.dtypes)[:_SHOWN])  # noqa: B905 - Python 3.8
        return f"<{name} {value.shape} {', '.join(f'{_words(label, 0)} {dtype}' for label, dtype in columns)}>"
    cells = value.ravel()[:_SHOWN].tolist() if name == "ndarray" else []
    shown = f" [{', '.join(_words(one, 0) for one in cells)}]" if cells else ""
    return f"<{name} {getattr(value, 'dtype', '')} {value.shape}{shown}>"


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
