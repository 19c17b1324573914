"""What a call may change beside its answer: process-wide settings, module globals, and what it writes."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import logging
import os
import random
import sys
import threading
import types
import warnings
from typing import Any, Dict, Iterator, List, Tuple

from . import canon
from .outside import Listener

_HEAD = 200
_GLOBAL_BYTES = 1 << 16
_PLAIN = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
# Warnings for the authors of code come and go with the calls that are made; they tell callers nothing.
_FOR_AUTHORS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning)


class Written(io.TextIOBase):
    """A standard stream that keeps the head and a digest of what is written to it, however much that is."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        super().__init__()
        self.head = ""
        self.size = 0
        self._total = hashlib.sha256()
        self.buffer = _Bytes(self)

    def writable(self) -> bool:
        """Say that text may be written."""
        return True

    def write(self, text: str) -> int:
        """Take text."""
        self.take(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def take(self, data: bytes) -> None:
        """Take bytes."""
        if len(self.head) < _HEAD:
            self.head += data[:_HEAD].decode("utf-8", "backslashreplace")
        self.size += len(data)
        self._total.update(data)

    def digest(self) -> str:
        """Return "" for nothing, else a digest."""
        return self._total.hexdigest() if self.size else ""


class _Bytes(io.RawIOBase):
    def __init__(self, text: Written) -> None:
        super().__init__()
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._text.take(bytes(data))
        return len(data)


class Messages(logging.Handler):
    """Keeps level, logger and text of log records that reach the root logger."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: List[Tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record."""
        self.lines.append((record.name, record.levelno, record.getMessage()))


class Watch:
    """Collects what one call writes, logs and warns; `done` holds digests of it afterwards."""

    def __init__(self) -> None:
        self.out, self.err, self.log = Written(), Written(), Messages()
        self.done: Dict[str, str] = {}
        self.settings: Dict[str, str] = {}

    @contextlib.contextmanager
    def over(self, start: "Start") -> Iterator[None]:
        """Watch the body; afterwards the streams, handlers and warning filters are what they were."""
        streams = sys.stdout, sys.stderr
        root = logging.getLogger()
        root.addHandler(self.log)
        level = root.level
        root.setLevel(1)  # a message below the usual level is an effect all the same
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                filters = list(warnings.filters)
                sys.stdout, sys.stderr = self.out, self.err
                start.outside.open()
                try:
                    yield
                finally:
                    self.settings = start.changes()
                    self.settings["warning filters"] = str(list(warnings.filters) == filters)
                    replaced = sys.stdout is not self.out or sys.stderr is not self.err
                    self.settings["standard streams"] = "replaced" if replaced else "kept"
        finally:
            sys.stdout, sys.stderr = streams
            root.setLevel(level)
            root.removeHandler(self.log)
        told = [one for one in warned if not issubclass(one.category, _FOR_AUTHORS)]
        # Which warnings, not how many: Python shows the same one once for each place.
        said = dict.fromkeys((one.category, str(one.message)) for one in told)
        self.done = {
            "standard output": self.out.digest(),
            "standard error": self.err.digest(),
            "log": canon.digest(self.log.lines)[0] if self.log.lines else "",
            # Libraries name the operation that met an odd number; which one it was is nobody's promise.
            "warnings": _said([one for one in said if not issubclass(one[0], RuntimeWarning)]),
            "runtime warnings": _said([one for one in said if issubclass(one[0], RuntimeWarning)]),
        }


class Start:
    """The settings of the process before the first call, against which changes are told."""

    def __init__(self) -> None:
        self._environ = dict(os.environ)
        self._cwd = os.getcwd()
        self._threads = threading.active_count()
        self.outside = Listener()

    def changes(self) -> Dict[str, str]:
        """Return short texts by the name of the setting; equal texts mean equal effects of the calls so far."""
        now = dict(os.environ)
        environ = {key: now.get(key) for key in {*now, *self._environ} if now.get(key) != self._environ.get(key)}
        found = {
            "environment variables": _short(sorted(environ.items())) if environ else "",
            "working directory": os.path.relpath(os.getcwd(), self._cwd),
            "random state": _short(random.getstate()),
            "garbage collector": f"{gc.isenabled()} {gc.get_threshold()}",
            "recursion limit": str(sys.getrecursionlimit()),
            "switch interval": str(sys.getswitchinterval()),
            "threads": str(threading.active_count() - self._threads),
            **self.outside.close(),
        }
        found.update(_of_libraries())
        return found


def _of_libraries() -> Dict[str, str]:
    found = {}
    decimal, locale, numpy = (sys.modules.get(name) for name in ("decimal", "locale", "numpy"))
    if decimal is not None:
        found["decimal context"] = repr(decimal.getcontext())
    if locale is not None:
        found["locale"] = str(locale.setlocale(locale.LC_ALL, None))
    if numpy is not None and "numpy.random" in sys.modules:
        found["numpy random state"] = _short(numpy.random.get_state())
        found["numpy error handling"] = str(numpy.geterr())
    return found


def module_globals(root: str) -> Dict[str, str]:
    """Return digests of the plain globals of the tree's modules, by "module.name"."""
    found = {}
    top = os.path.join(os.path.realpath(root), "")
    for name, module in sorted(sys.modules.items()):
        if not isinstance(module, types.ModuleType):
            continue
        if not os.path.realpath(getattr(module, "__file__", None) or "").startswith(top):
            continue
        for key, value in list(vars(module).items()):
            if type(value) in _PLAIN and not (key.startswith("__") and key.endswith("__")):
                try:
                    found[f"{name}.{key}"] = canon.digest(value, _GLOBAL_BYTES)[0]
                except (canon.TooLarge, RecursionError):
                    continue
    return found


def _said(warned: List[Any]) -> str:
    return canon.digest(warned)[0] if warned else ""


def _short(value: Any) -> str:
    return canon.digest(value)[0][:32]
