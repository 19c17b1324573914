"""Bounds on what a model's server may take and send: a stranger's server may drip for ever, or send a gzip bomb."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import httpx

MOST_BYTES = 8 << 20
Answered = TypeVar("Answered")


class Unbounded(httpx.TransportError):
    """An answer is larger, or packed otherwise, than was asked for; another request would get the same."""


def within(seconds: float, call: Callable[[], Answered]) -> Answered:
    """Return what `call` returns or raises; TimeoutError after `seconds`, when it is left to itself.

    It runs in a thread that does not keep the process from ending: sockets bound each single wait only.
    """
    outcome: Future[Answered] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it goes on in the caller's thread
            outcome.set_exception(error)

    threading.Thread(target=run, name="model request", daemon=True).start()
    return outcome.result(seconds)


def client(timeout: float) -> httpx.Client:
    """Return a client that follows no redirect and reads plain bodies of up to `MOST_BYTES`; else Unbounded."""
    return httpx.Client(
        follow_redirects=False,
        timeout=timeout,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
    )


def _bound(response: httpx.Response) -> None:
    """Bound the body of a response of which only the head was read."""
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        sentence = f"the server packed its answer ({packed[:20]}), which it was asked not to do"
        raise Unbounded(sentence)
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx.SyncByteStream):
    """A body that ends with an error after `MOST_BYTES`."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        left = MOST_BYTES
        for part in self._stream:
            left -= len(part)
            if left < 0:
                sentence = f"the server's answer has more than {MOST_BYTES >> 20} MiB"
                raise Unbounded(sentence)
            yield part

    def close(self) -> None:
        """Close the connection of the body."""
        self._stream.close()
