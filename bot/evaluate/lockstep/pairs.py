"""Pairs of fresh processes: the next one is started on the spare core while the current one is measured."""

import contextlib
import os
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.evaluate.lockstep.cores import Cores
from bot.evaluate.lockstep.driver import ArmFailed, Driver, Side
from bot.ports import Channel, Session
from bot.stats.plan import Order, orders

_PAD = 4096


@dataclass(frozen=True, slots=True)
class Pair:
    """Two processes that differ in their tree only: same core, same hash seed, same perturbation of the layout."""

    order: Order
    drivers: Mapping[Side, Driver]

    @property
    def base(self) -> Driver:
        """The process on the base."""
        return self.drivers[Side.BASE]

    @property
    def candidate(self) -> Driver:
        """The process on the candidate."""
        return self.drivers[Side.CANDIDATE]

    def pin(self, core: int) -> None:
        """Move both processes to one core."""
        for driver in self.drivers.values():
            driver.pin(core)

    def close(self) -> None:
        """Kill both processes."""
        for driver in self.drivers.values():
            driver.close()


@dataclass(frozen=True, slots=True)
class Setting:
    """What all pairs of one comparison have in common; `timeout` is for one request, loading included."""

    project: Project
    sessions: Mapping[Side, Session]
    cores: Cores
    fixed_layout: bool
    timeout: float


@dataclass(slots=True)
class Coming:
    """A pair on its way: its processes as soon as they live, its futures until they are ready."""

    order: Order
    drivers: dict[Side, Driver] = field(default_factory=dict)
    futures: list[Future[None]] = field(default_factory=list)


class Pairs:
    """Starts pairs ahead; every random choice comes from one secret source, in the supervisor."""

    def __init__(self, setting: Setting, random_source: random.Random) -> None:
        self._setting = setting
        self._random = random_source
        self._orders: list[Order] = []
        self._lock = threading.Lock()
        self._closed = False
        self._alive: list[Driver] = []
        # One process after the other, so that loading is timed without the other arm: in containers the kernel would
        # give that arm more of the spare core whose container does less on the core that is measured on.
        self._pool = ThreadPoolExecutor(max_workers=1, initializer=_stay_on, initargs=(setting.cores.spare,))

    def start(self, wanted: Sequence[str]) -> Coming:
        """Begin to start a pair that will hold the benchmarks `wanted` ready."""
        if not self._orders:
            self._orders = orders(self._random)
        coming = Coming(self._orders.pop())
        hash_seed, pad = str(self._random.getrandbits(32)), "x" * self._random.randrange(_PAD)
        sides = (Side.CANDIDATE, Side.BASE) if coming.order.candidate_starts else (Side.BASE, Side.CANDIDATE)
        for side in sides:
            coming.futures.append(self._pool.submit(self._spawn, coming, side, list(wanted), hash_seed, pad))
        return coming

    def ready(self, coming: Coming) -> Pair:
        """Wait for a pair; ArmFailed where one of its processes did not get ready, of the base if both did not."""
        failures = [failure for one in coming.futures if (failure := one.exception()) is not None]
        failures.sort(key=lambda one: isinstance(one, ArmFailed) and one.side is Side.CANDIDATE)
        if failures:
            raise failures[0]
        pair = Pair(coming.order, coming.drivers)
        pair.pin(self._setting.cores.bench)
        return pair

    def close(self) -> None:
        """Kill every process and wait for the threads that start them."""
        with self._lock:
            self._closed = True
            alive, self._alive = self._alive, []
        for driver in alive:
            driver.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _spawn(self, coming: Coming, side: Side, wanted: Sequence[str], hash_seed: str, pad: str) -> None:
        setting = self._setting
        session, project = setting.sessions[side], setting.project
        channel = launch(project, session, hash_seed=hash_seed, pad=pad, fixed_layout=setting.fixed_layout)
        driver = Driver(side, channel, setting.timeout)
        with self._lock:
            if self._closed:
                driver.close()
                return
            self._alive.append(driver)
            coming.drivers[side] = driver
        driver.pin(setting.cores.spare)
        driver.open(project.benchmark_sources, wanted)


@contextlib.contextmanager
def started(setting: Setting, random_source: random.Random) -> Iterator[Pairs]:
    """Give pairs and end all their processes afterwards, whatever happens."""
    pairs = Pairs(setting, random_source)
    try:
        yield pairs
    finally:
        pairs.close()


def launch(
    project: Project, session: Session, *, hash_seed: str = "0", pad: str = "", fixed_layout: bool = False
) -> Channel:
    """Start a process that serves benchmarks; `pad` shifts its layout in memory.

    It reads the byte code that stands beside installed packages: to compile them anew in every sandbox takes seconds
    for some of them, and a benchmark starts dozens of processes.
    """
    extra = {"PAD": pad}
    variables = environment(project, session, hash_seed=hash_seed, extra=extra)
    argv = [project.python, "-m", "hotlap_inside.bench"]
    return session.talk(argv, env=variables, fixed_layout=fixed_layout)


def _stay_on(core: int) -> None:
    # Children inherit the affinity of the thread that starts them: they never touch the core that is measured on.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [core])
