"""The log of requests: what a test reads to see what a client did, and by which a fault finds its call."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One request; numbers count from 1, for the API and for git on their own."""

    number: int
    kind: str
    method: str
    path: str
    query: dict
    headers: dict
    body: Any = None
    user: str | None = None
    token: str | None = None
    status: int | None = None
    fault: Any = None


@dataclass
class Journal:
    calls: list = field(default_factory=list)
    _last: dict = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.Lock)

    def begin(self, kind, method, path, query, headers):
        with self._lock:
            self._last[kind] = self._last.get(kind, 0) + 1
            call = Call(self._last[kind], kind, method, path, query, headers)
            self.calls.append(call)
            return call

    def count(self, kind="api"):
        return self._last.get(kind, 0)
