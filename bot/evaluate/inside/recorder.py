"""Wraps one function of the base while benchmarks or tests run, and keeps a sample of the arguments it is called with.

Woven code finds the recorder through this module, so it is never run as a program itself.
"""

from __future__ import annotations

import base64
import functools
import inspect
import json
import os
import sys
import threading
import types
from typing import Any, Callable, Dict, List, Optional

from . import recipes, resolve, weave
from .sample import Sample

ACTIVE: "List[Recorder]" = []
_CACHED = (type(functools.lru_cache(maxsize=1)(len)), getattr(functools, "cached_property", ()))


class Recorder:
    """Watches the function that `spec` names: "path", "qualname", "line", "call_bytes", "total_bytes", "seconds"."""

    def __init__(self, spec: Dict[str, Any]) -> None:
        self._histories = recipes.Histories(spec["seconds"])
        self.sample = Sample(spec["call_bytes"], spec["total_bytes"], spec["seconds"], self._histories.recipe)
        self._spec = spec
        self._raw: Optional[Callable[..., Any]] = None
        self._seen: Optional[Callable[..., Any]] = None
        self._made: Any = None
        self._mode = resolve.RAW
        self._inner_watched = True
        self._local = threading.local()

    def install(self) -> None:
        """Weave the function when its file is imported from now on; LookupError where the file does not define it."""
        wanted = weave.Wanted(self._spec["qualname"], self._spec["line"])
        with open(self._spec["path"], "rb") as file:
            self._place = weave.locate(file.read(), wanted)
        ACTIVE[:] = [self]
        here = f"__import__({__name__!r}, None, None, ['ACTIVE']).ACTIVE[0]"
        weave.install(self._spec["path"], wanted, f"{here}.inner", f"{here}.outer", f"{here}.owner")

    def inner(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate the bare function; its calls count unless those of the decorated one can be seen."""
        self._raw, self._inner_watched = function, True
        self._seen = self._watched(function, lambda: self._inner_watched)
        return self._seen

    def outer(self, made: Any) -> Any:
        """Decorate what the function's own decorators made of it."""
        bare = resolve.core(made, self._place.accessor)
        self._mode = resolve.PUBLIC
        if bare is not self._seen:
            if isinstance(bare, types.FunctionType):
                self._inner_watched = False
                made = self._rewrapped(made, self._watched(bare, lambda: True))
            elif not isinstance(made, _CACHED):
                self._mode = resolve.RAW
        self._made = made
        return made

    def owner(self, made: type) -> type:
        """Watch how instances of the class around the function come to be."""
        name = self._place.qualname.rpartition(".")[2]
        is_ours = isinstance(made, type) and vars(made).get(name) is self._made
        if isinstance(made, type):
            self._histories.watch(made)
        if is_ours:
            self._made = vars(made)[name]
        return made

    def answer(self, count: int) -> Dict[str, Any]:
        """Return the sample and how its calls can be made again."""
        kept = [
            {"data": _text(one.data), "recipe": _text(one.recipe), "origin": one.origin}
            for one in self.sample.chosen(count)
        ]
        return {
            "path": self._spec["path"],
            "module": getattr(self._raw, "__module__", ""),
            "qualname": self._place.qualname,
            "accessor": self._place.accessor,
            "ordinal": self._place.ordinal,
            "method": "." in self._place.qualname and not isinstance(self._made, staticmethod),
            "mode": self._mode if self._is_reachable() else resolve.RAW,
            "paths": resolve.paths_of_tree(),
            "defined": self._raw is not None,
            "calls": self.sample.calls,
            "kept": kept,
            "refused": dict(self.sample.refused),
        }

    def _is_reachable(self) -> bool:
        """Return whether the decorated function is what the module holds under its name."""
        module = sys.modules.get(getattr(self._raw, "__module__", ""))
        try:
            _owner, found = resolve.static(module, self._place.qualname)
        except AttributeError:
            return False
        return resolve.core(found, self._place.accessor) is resolve.core(self._made, self._place.accessor)

    def _rewrapped(self, made: Any, seen: Any) -> Any:
        if isinstance(made, (staticmethod, classmethod)):
            return type(made)(seen)
        if isinstance(made, property):
            parts = {"fget": made.fget, "fset": made.fset, "fdel": made.fdel, "doc": made.__doc__}
            return type(made)(**{**parts, self._place.accessor: seen})
        return seen

    def _watched(self, function: Callable[..., Any], active: Callable[[], bool]) -> Callable[..., Any]:
        def note(args: Any, kwargs: Any) -> int:
            depth = getattr(self._local, "depth", 0)
            # Pickling may call the function that is being watched.
            if active() and not getattr(self._local, "busy", False):
                frame = sys._getframe(2)  # noqa: SLF001 - who calls
                if frame.f_back is not None and frame.f_code.co_filename == recipes.__file__:
                    frame = frame.f_back
                caller = frame.f_code
                if self.sample.wants(caller, depth):
                    self._local.busy = True
                    self.sample.offer(args, kwargs, caller)
                    self._local.busy = False
            self._local.depth = depth + 1
            return depth

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def seen(*args: Any, **kwargs: Any) -> Any:
                depth = note(args, kwargs)
                try:
                    return await function(*args, **kwargs)
                finally:
                    self._local.depth = depth

        else:

            @functools.wraps(function)
            def seen(*args: Any, **kwargs: Any) -> Any:
                depth = note(args, kwargs)
                try:
                    return function(*args, **kwargs)
                finally:
                    self._local.depth = depth

        return seen


def _text(data: Optional[bytes]) -> str:
    return base64.b64encode(data or b"").decode("ascii")


def from_environment(environ: Any) -> "tuple[Recorder, Dict[str, Any]]":
    """Install the recorder that the variable HOTLAP_CAPTURE describes."""
    spec = json.loads(environ["HOTLAP_CAPTURE"])
    recorder = Recorder(spec)
    recorder.install()
    return recorder, spec


def write(recorder: Recorder, spec: Dict[str, Any], suffix: str = "") -> None:
    """Write the answer to the file that `spec` names, whole or not at all."""
    place = spec["out"] + suffix
    with open(place + ".part", "w", encoding="utf-8") as file:
        json.dump(recorder.answer(spec["count"]), file)
    os.replace(place + ".part", place)
