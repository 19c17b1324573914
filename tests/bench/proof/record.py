"""Records parts with the product's own code: the batches of lock-step, its drivers, its decisions."""

import contextlib
import itertools
import math
import random
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.errors import SandboxError
from bot.domain.job import Project
from bot.evaluate.bench import LockStep, LockStepSettings
from bot.evaluate.lockstep.batch import Batch, Series, Stopping
from bot.evaluate.lockstep.cores import Cores, available, lease
from bot.evaluate.lockstep.driver import Driver, Side
from bot.evaluate.lockstep.pairs import Setting, launch
from bot.ports import Limits, Sandbox, Session
from bot.stats import plan
from bot.wiring import tools
from tests.bench.proof import commands, target
from tests.bench.proof.load import loaded
from tests.bench.proof.recordings import OverheadRow, PairRow, Part, ProcessRow, Row, WholeRow
from tests.bench.proof.target import Work

BATCH_PAIRS = 40
BLOCK_SLICES = 10
LONG_SECONDS = 1.5
_TIMEOUT = 60.0


class Waiting:
    """Progress of which only waiting is told: it looks like a fault in a command that runs unattended."""

    def step(self, subject: str, stage: str, detail: str = "") -> None:
        """Print that somebody else holds the cores."""
        if detail.startswith("waiting"):
            print(f"{subject}: {detail}", flush=True)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records one part after the other; `source` draws what the product draws, `python` is the one in the sandbox."""

    sandbox: Sandbox
    source: random.Random
    python: str = sys.executable

    def record(self, part: Part, seconds: float) -> Generator[Row, None, None]:
        """Yield rows for about `seconds`, under the load of the part's condition."""
        work = target.find(part.kind)
        forms: dict[str, Callable[[Part, Work, float], Iterator[Row]]] = {
            "pairs": self._pairs,
            "blocks": self._blocks,
            "long": self._long,
            "whole": self._whole,
            "overhead": self._overhead,
        }
        with contextlib.ExitStack() as stack:
            if part.condition == "loaded":
                stack.enter_context(loaded(available(), sum(map(ord, part.name))))
            yield from forms[part.form](part, work, time.monotonic() + seconds)

    def _pairs(self, part: Part, work: Work, until: float) -> Iterator[Row]:
        """Yield pairs of batches as one decision makes them: each batch calibrates and plans anew."""
        for number in itertools.count():
            left = until - time.monotonic()
            if left <= 0 and number:
                return
            rows: list[PairRow] = []
            begun = time.monotonic()

            def done(one: Series, number: int = number, rows: list[PairRow] = rows, begun: float = begun) -> bool:
                sample = one.samples[-1]
                at = time.monotonic() - begun
                rows.append(PairRow(number, at, sample.base.slices, sample.candidate.slices))
                return False

            failure = self._batch(part, work, Stopping(done, BATCH_PAIRS, max(left, 2.0)))
            if failure:
                raise SandboxError(failure)
            yield from rows

    def _batch(self, part: Part, work: Work, stopping: Stopping) -> str:
        if work.kind == "command":
            return commands.batch(self.sandbox, part.share, self.source, stopping, Waiting())
        with self._setting(part.share, work) as setting:
            found = Batch(setting, self.source, stopping, Waiting(), set()).run([work.name])
        return found[0].failure

    @contextlib.contextmanager
    def _setting(self, share: int, work: Work) -> Iterator[Setting]:
        with (
            lease(_waiting) as cores,
            self.sandbox.open(target.tree(share), Limits()) as first,
            self.sandbox.open(target.tree(), Limits()) as second,
        ):
            sessions = {Side.BASE: first, Side.CANDIDATE: second}
            yield Setting(self._project(work), sessions, cores, self.sandbox.fixes_layout, _TIMEOUT)

    def _blocks(self, _part: Part, work: Work, until: float) -> Iterator[Row]:
        return self._processes(work, until, lambda slices, _seconds: slices >= BLOCK_SLICES)

    def _long(self, _part: Part, work: Work, until: float) -> Iterator[Row]:
        return self._processes(work, until, lambda _slices, seconds: seconds >= LONG_SECONDS)

    def _processes(self, work: Work, until: float, enough: Callable[[int, float], bool]) -> Iterator[Row]:
        """Yield equal processes that run alone, one after the other; the next starts on the spare core meanwhile."""
        with (
            lease(_waiting) as cores,
            self.sandbox.open(target.tree(), Limits()) as session,
            ThreadPoolExecutor(1) as pool,
            contextlib.ExitStack() as living,
        ):
            calls, begun = 0, time.monotonic()
            coming = pool.submit(self._start, work, session, cores, living)
            while time.monotonic() < until:
                driver = coming.result()
                coming = pool.submit(self._start, work, session, cores, living)
                driver.pin(cores.bench)
                calls = calls or _calls(driver)
                slices = list(_slices(driver, calls, enough))
                driver.close()
                yield ProcessRow(time.monotonic() - begun, tuple(slices))
            coming.result().close()

    def _start(self, work: Work, session: Session, cores: Cores, living: contextlib.ExitStack) -> Driver:
        # As these tools find processes: a hash seed of its own each, address space randomisation on.
        channel = launch(self._project(work), session, hash_seed=str(self.source.getrandbits(32)))
        driver = Driver(Side.BASE, channel, _TIMEOUT)
        living.callback(driver.close)
        driver.pin(cores.spare)
        driver.open(self._project(work).benchmark_sources, [work.name])
        return driver

    def _whole(self, part: Part, work: Work, until: float) -> Iterator[Row]:
        """Yield answers of `decide`, and of `confirm` where an effect was called, through the product's own port."""
        base, candidate = target.tree(part.share), target.tree()
        while True:
            bench = LockStep(self.sandbox, self._project(work), LockStepSettings(), Waiting())
            begun = time.monotonic()
            [found] = bench.decide(base, candidate, [work.name])
            decision, confirmed = found.decision.value, ""
            if decision in {"faster", "slower"}:
                [again] = bench.confirm(base, candidate, [work.name])
                confirmed = again.decision.value
            yield WholeRow(decision, confirmed, found.pairs, time.monotonic() - begun)
            if time.monotonic() >= until:
                return

    def _overhead(self, part: Part, _work: Work, until: float) -> Iterator[Row]:
        """Yield empty requests beside slices of k and of 2k calls of the shortest work."""
        work = target.find("interpreter")
        with self._setting(part.share, work) as setting, contextlib.ExitStack() as living:
            driver = self._start(work, setting.sessions[Side.BASE], setting.cores, living)
            driver.pin(setting.cores.bench)
            calls = max(_calls(driver) // 4, 1)
            while time.monotonic() < until:
                driver.idle()
                empty = driver.run()
                singles = []
                for count in (calls, 2 * calls):
                    driver.prepare(1, count)
                    singles.append(driver.run())
                yield OverheadRow(empty, *singles)

    def _project(self, work: Work) -> Project:
        """Return how the repository is run for one benchmark."""
        return Project(self.python, ("",), None, (work.source,))


def recorder(seed: int) -> Recorder:
    """Return a recorder on the sandbox that `bot.wiring` uses for processes."""
    return Recorder(ProcessSandbox(tools(), None), random.Random(seed))  # noqa: S311 - repeatable draws


def _waiting() -> None:
    Waiting().step("run", "measure", "waiting for a free core")


def _calls(driver: Driver) -> int:
    """Return how many calls make a slice: the quickest of some single calls decides."""
    quickest = math.inf
    for seed in range(8):
        driver.prepare(seed, 1)
        quickest = min(quickest, driver.run())
    driver.prepare(1, 20)
    quickest = min(quickest, driver.run() / 20)
    return plan.calls(quickest, quickest)


def _slices(driver: Driver, calls: int, enough: Callable[[int, float], bool]) -> Iterator[float]:
    driver.prepare(0, calls)
    driver.run()
    spent = 0.0
    for number in itertools.count(1):
        driver.prepare(number, calls)
        seconds = driver.run()
        spent += seconds
        yield seconds / calls
        if enough(number, spent):
            return
