"""Containers that are started before anybody needs them: a candidate does not wait for the daemon."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from bot.adapters.sandbox.docker.box import Box
from bot.domain.errors import SandboxError
from bot.ports import Limits


class Spares:
    """Keeps `count` boxes ready for the limits asked for last; `oldest` is a spare's greatest age in seconds."""

    def __init__(
        self, make: Callable[[Limits], Box], count: int, oldest: float, background: ThreadPoolExecutor
    ) -> None:
        self._make = make
        self._count = count
        self._oldest = oldest
        self._background = background
        self._lock = threading.Lock()
        self._coming: list[tuple[Limits, Future[Box]]] = []
        self._closed = False

    def take(self, limits: Limits) -> Box:
        """Return a box for one candidate; SandboxError with the daemon's sentence where none can be made."""
        for _ in range(self._count):
            if (future := self._next(limits)) is None:
                break
            try:
                box = future.result()
            except SandboxError:
                continue  # what failed some time ago may work now; the attempt below says why it does not
            if box.alive and time.monotonic() - box.since < self._oldest:
                self.fill(limits)
                return box
            box.remove()
        box = self._make(limits)
        self.fill(limits)
        return box

    def fill(self, limits: Limits) -> None:
        """Start as many spares as are missing, in the background; those with other limits are removed."""
        with self._lock:
            unfit = [future for asked, future in self._coming if asked != limits]
            self._coming = [one for one in self._coming if one[0] == limits]
            if not self._closed:
                missing = self._count - len(self._coming)
                self._coming += [(limits, self._background.submit(self._make, limits)) for _ in range(missing)]
        for future in unfit:
            future.add_done_callback(_removed)

    def close(self) -> None:
        """Remove every spare; boxes that were taken are their takers'."""
        with self._lock:
            self._closed = True
            left, self._coming = self._coming, []
        for _, future in left:
            if not future.cancel() and future.exception() is None:
                future.result().remove()

    def _next(self, limits: Limits) -> Future[Box] | None:
        with self._lock:
            fit = [one for one in self._coming if one[0] == limits]
            # A finished one first; one that is on its way is still sooner there than a new one.
            fit.sort(key=lambda one: not one[1].done())
            if not fit:
                return None
            self._coming.remove(fit[0])
            return fit[0][1]


def _removed(future: Future[Box]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().remove()
