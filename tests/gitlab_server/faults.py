"""What may go wrong on purpose: answers of failure, lost answers, silence, and callbacks in the middle of a call."""

import fnmatch
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One kind of fault; `acted` says whether the server did what was asked before it."""

    kind: str
    acted: bool = False
    code: int = 0
    body: bytes = b""
    headers: tuple = ()
    seconds: float = 60.0
    callback: Callable[[], Any] | None = None

    @classmethod
    def status(cls, code, *, retry_after=None, acted=False, body=None) -> "Fault":
        """An answer with that status; 429 says `Retry later` in plain text, as GitLab's throttle does."""
        if body is None:
            body = "Retry later\n" if code == 429 else f"<html><body><h1>{code}</h1></body></html>"
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "application/json" if not isinstance(body, str) else "text/plain" if code == 429 else "text/html"
        headers = {"Content-Type": kind}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        return cls("status", acted, code, text.encode(), tuple(headers.items()))

    @classmethod
    def reset(cls, *, acted) -> "Fault":
        """The connection is reset and no answer comes."""
        return cls("reset", acted)

    @classmethod
    def silence(cls, *, acted, seconds=60.0) -> "Fault":
        """No answer until the client hangs up, or for that many seconds."""
        return cls("silence", acted, seconds=seconds)

    @classmethod
    def call(cls, callback, *, acted) -> "Fault":
        """A callback without arguments, and then the true answer."""
        return cls("call", acted, callback=callback)

    @classmethod
    def kill(cls, callback, *, acted) -> "Fault":
        """A callback that ends the client; there is no answer, and unless `acted` nothing was done."""
        return cls("kill", acted, callback=callback)


@dataclass
class Planned:
    fault: Fault
    at: int | None
    method: str
    path: str
    kind: str
    left: int

    def hits(self, number, method, path, kind) -> bool:
        return (
            self.left > 0
            and kind == self.kind
            and self.at in {None, number}
            and fnmatch.fnmatchcase(method, self.method)
            and fnmatch.fnmatchcase(path, self.path)
        )


class Faults:
    """The faults that wait for their call; `fired` lists (number, method, path, fault)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned = []
        self.fired = []

    def add(self, fault, *, at=None, method="*", path="*", kind="api", times=1):
        """Plan a fault for the call number `at`, or for the next ones of a method and path (with `*`)."""
        with self._lock:
            self._planned.append(Planned(fault, at, method, path, kind, times))

    def clear(self):
        with self._lock:
            self._planned.clear()

    def take(self, number, method, path, kind):
        """The fault of this call, or None."""
        with self._lock:
            for planned in self._planned:
                if planned.hits(number, method, path, kind):
                    planned.left -= 1
                    self.fired.append((number, method, path, planned.fault))
                    return planned.fault
            return None
