"""Takes stacks of one callable while it runs: samples for shares, a deterministic count for calls.

A timer of real time interrupts every millisecond and the sample weighs the processor time since the one before: a
long C call counts as long as it took although the handler runs only once after it, a wait counts nothing, and the
coarse ticks of processor-time timers (4 ms on many kernels) do not matter.
"""

from __future__ import annotations

import cProfile
import resource
import signal
import sys
import time
from types import CodeType, FrameType
from typing import Callable, List

Prepare = Callable[[int, int], List[Callable[[], object]]]
INNER = 128
BATCH = 0.02
MOST = 256
PATIENCE = 3


class Sampler:
    """Stacks as tuples of ids of code objects, outermost first, with nanoseconds of processor time.

    Code objects compare by content without their file, so that twins in two files are equal: ids tell them apart.
    `codes` maps the ids to the objects and keeps them alive. `waits` counts how often the processor was
    given up freely.
    """

    def __init__(self, interval: float) -> None:
        self.codes: dict[int, CodeType] = {}
        self.stacks: dict[tuple[int, ...], int] = {}
        self.samples = 0
        self.waits = 0
        self._interval = interval
        self._stop: FrameType | None = None
        self._last: int | None = None
        self._began = 0
        self._on = False

    def run(self, prepare: Prepare, seconds: float) -> tuple[int, float, float]:
        """Call thunks of `prepare(seed, count)` until they took `seconds`; return calls, wall and processor seconds.

        What `prepare` itself takes is neither sampled nor counted. The first call also imports and fills caches: its
        samples are dropped where there is time for others.
        """
        old = signal.signal(signal.SIGALRM, self._take)
        signal.setitimer(signal.ITIMER_REAL, self._interval, self._interval)
        try:
            wall, cpu = self._batch(prepare(0, 1))
            if wall > seconds / 4:
                return 1, wall, cpu
            self.stacks.clear()
            self.samples = self.waits = 0
            return self._batches(prepare, max(1, min(MOST, int(BATCH / max(wall, 1e-9)))), seconds)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)

    def _batches(self, prepare: Prepare, size: int, seconds: float) -> tuple[int, float, float]:
        calls, wall, cpu = 0, 0.0, 0.0
        deadline = time.perf_counter() + PATIENCE * seconds
        while calls == 0 or (wall < seconds and time.perf_counter() < deadline):
            took = self._batch(prepare(calls + 1, size))
            calls, wall, cpu = calls + size, wall + took[0], cpu + took[1]
        return calls, wall, cpu

    def _batch(self, thunks: list[Callable[[], object]]) -> tuple[float, float]:
        """Call `thunks` under the timer; return wall and processor seconds."""
        self._stop = sys._getframe()  # noqa: SLF001 - the only way to know where the target's frames begin
        waits = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        wall, cpu = time.perf_counter(), time.process_time()
        self._last = None
        self._began = time.process_time_ns()
        self._on = True
        try:
            for thunk in thunks:
                thunk()
        finally:
            self._on = False
            self._stop = None
            took = time.perf_counter() - wall, time.process_time() - cpu
            self.waits += resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - waits
        return took

    def _take(self, _signal: int, frame: FrameType | None) -> None:
        if not self._on:
            return
        self._on = False
        now = time.process_time_ns()
        # Until the first tick of a batch an unknown part of the interval passed outside of it: on average, a tick is
        # worth an interval wherever it falls, or the ends of short calls would weigh more than their beginnings.
        first = max(now - self._began, int(self._interval * 1e9))
        weight = first if self._last is None else now - self._last
        self._last = now
        stack = self._stack(frame)
        if stack and weight > 0:
            self.stacks[stack] = self.stacks.get(stack, 0) + weight
            self.samples += 1
        self._on = True

    def _stack(self, frame: FrameType | None) -> tuple[int, ...]:
        """Return the ids from below the sampler's own frame to `frame`, outermost first.

        Of very deep stacks the middle is kept without repetitions: shares need the innermost frames and the set.
        """
        found: list[int] = []
        seen: set[int] = set()
        while frame is not None and frame is not self._stop:
            code = frame.f_code
            key = id(code)
            if len(found) < INNER or key not in seen:
                found.append(key)
                seen.add(key)
                self.codes[key] = code
            frame = frame.f_back
        found.reverse()
        return tuple(found)


def count(call: Callable[[], object]) -> list[tuple[CodeType, int, int, float, float]]:
    """Run `call` once under cProfile; return (code, calls, primitive calls, own seconds, seconds in C it calls)."""
    profiler = cProfile.Profile()
    profiler.runcall(call)
    rows = []
    for entry in profiler.getstats():
        if not isinstance(entry.code, str):
            native = sum(one.inlinetime for one in entry.calls or () if isinstance(one.code, str))
            primitive = entry.callcount - entry.reccallcount
            rows.append((entry.code, entry.callcount, primitive, entry.inlinetime, native))
    return rows
