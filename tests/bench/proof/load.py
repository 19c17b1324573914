"""The load that ships with the benchmark: one worker for each core that computes or thrashes memory, on and off.

Times on and off are exponential; their mean is drawn anew each time from 0.15, 1.5 and 6 s, so that bursts are shorter
than a slice's neighbourhood, as long as a pair, and longer than a decision. Same seed, same load.
"""

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MEANS = (0.15, 1.5, 6.0)
_THRASH_BYTES = 64 << 20
_STRIDE = 4096 + 64


@dataclass(frozen=True, slots=True)
class Phase:
    """What a worker does next: nothing for `off` seconds, then `kind` ("spin" or "memory") for `on` seconds."""

    off: float
    on: float
    kind: str


def phases(seed: int) -> Iterator[Phase]:
    """Yield the phases of one worker without end; they depend on the seed only."""
    source = random.Random(seed)  # noqa: S311 - a load that can be repeated
    while True:
        off, on = (source.expovariate(1 / source.choice(MEANS)) for _ in range(2))
        yield Phase(off, on, source.choice(("spin", "memory")))


@contextlib.contextmanager
def loaded(cores: Sequence[int], seed: int) -> Iterator[None]:
    """Run one worker pinned to each core while the body runs; they end with it, or with this process."""
    workers = []
    try:
        for number, core in enumerate(cores):
            argv = [sys.executable, "-I", str(Path(__file__)), str(core), str(seed + number)]
            workers.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL))
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            if worker.stdin is not None:
                worker.stdin.close()


def work(kind: str, until: float, memory: bytearray) -> int:
    """Keep a core busy until the monotonic time `until`; "memory" touches another page with each step."""
    steps = 0
    while time.monotonic() < until:
        for _ in range(2000):
            steps += 1
            if kind == "memory":
                memory[steps * _STRIDE % _THRASH_BYTES] = steps & 0xFF
    return steps


def main(core: int, seed: int) -> None:
    """Be one worker until standard input ends."""
    import os

    os.sched_setaffinity(0, [core])
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    memory = bytearray(_THRASH_BYTES)
    for phase in phases(seed):
        time.sleep(phase.off)
        work(phase.kind, time.monotonic() + phase.on, memory)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
