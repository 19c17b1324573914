"""Canonical bytes of numpy and pandas values; neither is imported, both are only known where the target has them."""

from __future__ import annotations

import sys
from typing import Any


def encode(encoder: Any, value: Any, kind: type) -> bool:
    """Add an array, scalar, frame, series or index; return False for everything else."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return False
    if isinstance(value, numpy.ndarray):
        if encoder.first_visit(value):
            _array(encoder, value, kind, numpy)
        return True
    if isinstance(value, numpy.generic):
        encoder.text(b"n", f"{kind.__module__}.{kind.__qualname__} {value.dtype}")
        _cells(encoder, numpy.asarray(value), numpy)
        return True
    if isinstance(value, numpy.dtype):
        encoder.text(b"K", _dtype(value))
        return True
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "DataFrame"):
        return False
    return _pandas(encoder, value, kind, pandas, numpy)


def _dtype(dtype: Any) -> str:
    return str(dtype.descr) if dtype.names else str(dtype)


def _array(encoder: Any, value: Any, kind: type, numpy: Any) -> None:
    plain = value.view(numpy.ndarray) if kind is not numpy.ndarray else value
    encoder.text(b"A", f"{kind.__module__}.{kind.__qualname__} {_dtype(value.dtype)} {value.shape}")
    encoder.put(b"w" if value.flags.writeable else b"-")
    encoder.buffer(_owner(value, numpy))
    _cells(encoder, plain, numpy)
    if isinstance(value, numpy.ma.MaskedArray):
        _cells(encoder, numpy.asarray(numpy.ma.getmaskarray(value)), numpy)
        encoder.value(value.fill_value)


def _owner(value: Any, numpy: Any) -> Any:
    while isinstance(value.base, numpy.ndarray):
        value = value.base
    return value if value.base is None else value.base


def _cells(encoder: Any, value: Any, numpy: Any) -> None:
    """Add the elements of an array in C order, without padding bytes and with one NaN for all."""
    dtype = value.dtype
    if dtype.names:
        for name in dtype.names:
            _cells(encoder, value[name], numpy)
        return
    if dtype.hasobject or dtype.kind == "T":
        encoder.items(value.ravel().tolist())
        return
    if dtype.kind == "c":
        _cells(encoder, value.real, numpy)
        _cells(encoder, value.imag, numpy)
        return
    if dtype.kind == "f":
        missing = numpy.isnan(value)
        if missing.any():
            value = numpy.where(missing, dtype.type("nan"), value).astype(dtype, copy=False)
        if dtype.itemsize > 8:
            _long_doubles(encoder, value, numpy)
            return
    data = value.tobytes()
    encoder.put(b"%x:" % len(data))
    encoder.put(data)


def _long_doubles(encoder: Any, value: Any, numpy: Any) -> None:
    # Their padding bytes are undefined: two doubles and an exponent hold the same number.
    mantissa, exponent = numpy.frexp(value)
    high = mantissa.astype("f8")
    for part in (high, (mantissa - high).astype("f8"), exponent):
        _cells(encoder, part, numpy)


def _pandas(encoder: Any, value: Any, kind: type, pandas: Any, numpy: Any) -> bool:
    if isinstance(value, pandas.Index):
        _labels(encoder, value, pandas, numpy)
        return True
    if not isinstance(value, (pandas.DataFrame, pandas.Series, pandas.api.extensions.ExtensionArray)):
        return False
    if encoder.first_visit(value):
        encoder.text(b"J", f"{kind.__module__}.{kind.__qualname__} {value.shape}")
        if isinstance(value, pandas.DataFrame):
            _frame(encoder, value, pandas, numpy)
        elif isinstance(value, pandas.Series):
            encoder.value(value.name)
            _labels(encoder, value.index, pandas, numpy)
            _column(encoder, value.array, pandas, numpy)
            encoder.value(dict(value.attrs))
        else:
            _column(encoder, value, pandas, numpy)
    return True


def _frame(encoder: Any, value: Any, pandas: Any, numpy: Any) -> None:
    _labels(encoder, value.columns, pandas, numpy)
    _labels(encoder, value.index, pandas, numpy)
    for _name, column in value.items():  # noqa: PERF102 - a frame is no dict
        _column(encoder, column.array, pandas, numpy)
    encoder.value(dict(value.attrs))


def _labels(encoder: Any, value: Any, pandas: Any, numpy: Any) -> None:
    encoder.text(b"k", f"{type(value).__name__} {len(value)} {getattr(value, 'freq', None)}")
    encoder.value(list(value.names))
    if isinstance(value, pandas.MultiIndex):
        for level in range(value.nlevels):
            _column(encoder, value.get_level_values(level).array, pandas, numpy)
    else:
        _column(encoder, value.array, pandas, numpy)


def _column(encoder: Any, value: Any, pandas: Any, numpy: Any) -> None:
    dtype = getattr(value.dtype, "numpy_dtype", value.dtype) if _is_numpy(value) else value.dtype
    encoder.text(b"e", f"{type(value).__name__} {dtype!r}")
    if isinstance(dtype, numpy.dtype):
        _cells(encoder, numpy.asarray(value), numpy)
    elif isinstance(value.dtype, pandas.CategoricalDtype):
        _cells(encoder, value.codes, numpy)
        _labels(encoder, value.categories, pandas, numpy)
    else:
        encoder.items(list(value))


def _is_numpy(value: Any) -> bool:
    # A numpy array in pandas' clothes; nullable arrays have a numpy_dtype too, but a mask beside it.
    return type(value).__name__ in ("NumpyExtensionArray", "PandasArray")
