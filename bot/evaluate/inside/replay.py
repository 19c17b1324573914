"""Driver that makes captured calls again and answers with digests; what they mean is decided outside.

The first frame {"spec", "known"} is answered with {"ready": true} or {"error"}. Then {"data", "how", "limit"} makes
one call ("once"; "again": twice on equal arguments, both answers held; "changed": twice on the same objects, which
change in place in between; "threads": again and again by several threads at once), {"prepare": data, "times"} builds
arguments for calls that {"run": true} makes, and {"state": true} tells about module globals and attribute names.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import contextlib
import dis
import hashlib
import inspect
import os
import signal
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from . import canon, channel, mutate, pickling, ready, resolve
from .canon_objects import type_name
from .surroundings import Start, Watch, module_globals

_MOST_BYTES = 64 << 20
_THREADS = 4
_TOGETHER = 0.05


class Overrun(BaseException):
    """The call takes longer than it may."""


class Failure:
    """What a call raised, in words and digests."""

    def __init__(self, error: BaseException, root: str) -> None:
        self.error = error
        try:
            message = str(error)
        except Exception:
            message = "<no message>"
        self.words = {
            "type": type_name(type(error)),
            "message": message[:2000],
            "explicit": _is_explicit(error, root),
            "absent": _absent_attribute(error),
        }


class Driver:
    """Makes calls of one function; keeps the attribute names that it met for each class."""

    def __init__(self, function: Callable[..., Any], spec: Dict[str, Any], known: Optional[Dict[str, Any]]) -> None:
        self._function = function
        self._is_method = spec["method"]
        self._known = {name: frozenset(names) for name, names in known.items()} if known is not None else None
        self._attributes: Dict[str, Set[str]] = {}
        self._root = os.path.realpath(os.getcwd())
        self._start = Start()
        self._prepared: List[Any] = []

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Answer one frame."""
        if request.get("state"):
            names = {name: sorted(found) for name, found in self._attributes.items()}
            return {"globals": module_globals(self._root), "attributes": names}
        if "prepare" in request:
            data = base64.b64decode(request["prepare"])
            self._prepared = [pickling.loads(data) for _ in range(request["times"])]
            return {}
        if request.get("run"):
            return self._run()
        data = base64.b64decode(request["data"])
        try:
            args, kwargs = pickling.loads(data)
        except Exception as error:
            return {"unloadable": ready.said(error)}
        watch = Watch()
        try:
            with _time_limit(request["limit"]), watch.over(self._start):
                found = self._observed(args, kwargs, data, request["how"])
        except Overrun:
            return {"overrun": True}
        return {
            **found,
            "settings": watch.settings,
            "written": watch.done,
            "head": (watch.out.head + watch.err.head)[:200],
        }

    def _run(self) -> Dict[str, Any]:
        """Make the prepared calls; answers that come one by one are taken to their end."""
        for args, kwargs in self._prepared:
            result, _failure = self._call(args, kwargs)
            if hasattr(result, "__next__"):
                collections.deque(result, maxlen=0)
        return {}

    def _observed(self, args: Any, kwargs: Any, data: bytes, how: str) -> Dict[str, Any]:
        ready.reseed(0)
        values: Tuple[Any, ...]
        if how == "threads":
            return self._at_once(data)
        result, failure = self._call(args, kwargs)
        values = (result,)
        if how == "again" and failure is None:
            second, failure = self._call(*pickling.loads(data))
            values = (result, second)
        elif how == "changed":
            canon.parts((result,), _MOST_BYTES)
            mutate.in_place(args[1:] if self._is_method else args, kwargs)
            result, failure = self._call(args, kwargs)
            values = (result,)
        return self._answer(values, failure, args, kwargs)

    def _answer(self, values: Tuple[Any, ...], failure: Optional[Failure], args: Any, kwargs: Any) -> Dict[str, Any]:
        if failure is not None:
            return {"failure": failure.words, **self._digests((failure.error,), (args, kwargs))}
        return {"shown": canon.describe(values[-1]), **self._digests(values, (args, kwargs))}

    def _at_once(self, data: bytes) -> Dict[str, Any]:
        """Make the call in threads that take turns as often as the interpreter can; tell which answers there are."""
        found: Set[str] = set()
        failures: List[Failure] = []
        gate = threading.Barrier(_THREADS)

        def run() -> None:
            gate.wait()
            end = time.monotonic() + _TOGETHER
            while time.monotonic() < end:
                result, failure = self._call(*pickling.loads(data))
                if failure is not None:
                    failures.append(failure)
                    return
                found.add(_hex(canon.parts((result,), _MOST_BYTES, self._known)[0][0]))

        threads = [threading.Thread(target=run, daemon=True) for _ in range(_THREADS)]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for one in threads:
                one.start()
            for one in threads:
                one.join()
        finally:
            sys.setswitchinterval(before)
        answer = {"shown": f"{len(found)} answer(s) among threads", "arguments": "", "sharing": "", "opaque": []}
        if failures:
            return {**answer, "result": "", "failure": failures[0].words}
        return {**answer, "result": " ".join(sorted(found))}

    def _call(self, args: Any, kwargs: Any) -> Tuple[Any, Optional[Failure]]:
        try:
            result = self._function(*args, **kwargs)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
            elif inspect.isasyncgen(result):
                result = asyncio.run(_collected(result))
        except Overrun:
            raise
        except BaseException as error:
            return None, Failure(error, self._root)
        return result, None

    def _digests(self, values: Tuple[Any, ...], arguments: Any) -> Dict[str, Any]:
        """Digest the answer first: a generator runs only now and may change the arguments."""
        try:
            parts, encoder = canon.parts((*values, arguments), _MOST_BYTES, self._known)
            alone = canon.parts((arguments,), _MOST_BYTES, self._known)[0]
        except canon.TooLarge:
            return {"result": "", "arguments": "", "sharing": "", "opaque": [f"more than {_MOST_BYTES >> 20} MB"]}
        for name, found in encoder.attributes.items():
            self._attributes.setdefault(name, set()).update(found)
        return {
            "result": _hex(b"|".join(parts[:-1])),
            "arguments": _hex(alone[0]),
            "sharing": _hex(parts[-1]),
            "opaque": sorted(set(encoder.opaque)),
            "extra": sorted(encoder.extra),
        }


async def _collected(values: Any) -> Any:
    return [one async for one in values]


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: Any) -> None:
        raise Overrun

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_explicit(error: BaseException, root: str) -> bool:
    """Return whether the innermost frame of the tree stood at a `raise` or `assert` statement."""
    step, explicit = error.__traceback__, False
    while step is not None:
        code = step.tb_frame.f_code
        if os.path.realpath(code.co_filename).startswith(root + os.sep):
            explicit = step.tb_next is None and dis.opname[code.co_code[step.tb_lasti]] == "RAISE_VARARGS"
        step = step.tb_next
    return explicit


def _absent_attribute(error: BaseException) -> "list[str]":
    """Return [class, attribute] for an instance that lacks an attribute, else []."""
    if not isinstance(error, AttributeError):
        return []
    name, holder = getattr(error, "name", None), getattr(error, "obj", None)
    if isinstance(name, str) and holder is not None:
        return [type_name(type(holder)), name]
    words = str(error).split("'")
    return [words[1], words[3]] if len(words) == 5 else []


def _prepared(request: Dict[str, Any]) -> Driver:
    spec = request["spec"]
    resolve.extend_path(spec["paths"])
    return Driver(resolve.callable_for(spec), spec, request["known"])


def main() -> None:
    """Serve calls over the taken-over standard streams until the supervisor hangs up."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    sys.path[:] = [one for one in sys.path if one]
    try:
        driver = _prepared(request)
    except BaseException as error:
        frames.send({"error": ready.said(error)})
        return
    frames.send({"ready": True})
    while True:
        request = frames.receive()
        if request is None:
            return
        frames.send(driver.answer(request))


if __name__ == "__main__":
    main()
