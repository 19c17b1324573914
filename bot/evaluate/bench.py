"""Times code in lock-step: the one implementation of `ports.Bench`."""

import contextlib
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.code import Benchmark, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Comparison, Machine
from bot.domain.job import Project
from bot.evaluate.decisions import Decisions
from bot.evaluate.lockstep import machine
from bot.evaluate.lockstep.batch import Batch, Series, Stopping
from bot.evaluate.lockstep.cores import lease
from bot.evaluate.lockstep.driver import ArmFailed, Driver, Side
from bot.evaluate.lockstep.pairs import Setting, launch
from bot.evaluate.lockstep.publish import comparison
from bot.ports import Limits, Progress, Sandbox

_BUDGET = 300.0


@dataclass(frozen=True, slots=True)
class LockStepSettings:
    """How much is measured and when it is believed.

    `margin` is the gain that must be exceeded (0.01: 1%), `confidence` that of the published interval, `timeout` the
    seconds for one slice or for loading, `budget_seconds` the time for one decision or one confirmation (None: 300 s).
    Where the time is used up, canaries answer from 8 pairs on, below which there is no exact interval at 99%, and
    confirmations from 10. `compare_answers` is False where another answer is none of the asker's business. `seed` is
    for tests; None draws one. `futile` is the gain that must be implausible for "equivalent", if above 2%.
    """

    margin: float = 0.01
    confidence: float = 0.99
    timeout: float = 60.0
    limits: Limits = field(default_factory=Limits)
    budget_seconds: float | None = None
    most_pairs: int = 60
    confirm_pairs: int = 20
    canary_pairs: int = 10
    futile: float = 0.0
    compare_answers: bool = True
    seed: int | None = None


class LockStep:
    """Pairs of live processes, one running at a time, timed from outside."""

    def __init__(self, sandbox: Sandbox, project: Project, settings: LockStepSettings, progress: Progress) -> None:
        self._sandbox = sandbox
        self._project = project
        self._settings = settings
        self._progress = progress
        self._random = random.Random(secrets.randbits(128) if settings.seed is None else settings.seed)  # noqa: S311 - seeded from the system's source; replaying it needs the seed
        self._unsure: set[str] = set()
        self._python = ""
        self._decisions = Decisions(settings, self._measure, comparison)

    def collect(self, tree: Snapshot) -> tuple[Benchmark, ...]:
        """Load every benchmark, call it once, and return those that ran; Refused where none did."""
        found: list[Benchmark] = []
        errors: dict[str, str] = {}
        with self._sandbox.open(tree, self._settings.limits) as session:
            channel = launch(self._project, session)
            driver = Driver(Side.BASE, channel, self._settings.timeout)
            with contextlib.closing(driver):
                try:
                    self._list(driver, found, errors)
                except ArmFailed as error:
                    name = driver.current.name if driver.current else "loading the benchmarks"
                    raise Refused(f"{name} does not run: {error.sentence}") from error
        kept = tuple(one for one in found if one.name not in errors)
        if not kept:
            raise Refused(_nothing(errors))
        return kept

    def canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        """Compare `tree` with itself on up to three benchmarks; the noisiest one speaks."""
        return self._decisions.canary(tree, benchmarks)

    def decide(
        self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str], *, tests: int = 1
    ) -> tuple[Comparison, ...]:
        """Run pairs until the e-process of each benchmark answers; it shares its error rate with the other ones."""
        return self._decisions.decide(base, candidate, benchmarks, max(tests, 1) * len(benchmarks))

    def confirm(self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Run a fixed number of new pairs with new inputs, and decide on their interval alone."""
        return self._decisions.confirm(base, candidate, benchmarks)

    def machine(self) -> Machine:
        """Describe the hardware under the times; the interpreter's version is known after the first measurement."""
        return machine.describe(self._python or self._project.python, fixed_layout=self._sandbox.fixes_layout)

    def _measure(
        self, base: Snapshot, candidate: Snapshot, names: Sequence[str], done: Callable[[Series], bool], pairs: int
    ) -> list[Series]:
        stopping = Stopping(done, pairs, self._settings.budget_seconds or _BUDGET)
        unsure = self._unsure if self._settings.compare_answers else set(names)
        with self._setting(base, candidate) as setting:
            return Batch(setting, self._random, stopping, self._progress, unsure).run(names)

    @contextlib.contextmanager
    def _setting(self, base: Snapshot, candidate: Snapshot) -> Iterator[Setting]:
        limits = self._settings.limits
        with (
            lease(lambda: self._progress.step("run", "measure", "waiting for a free core")) as cores,
            self._sandbox.open(base, limits) as first,
            self._sandbox.open(candidate, limits) as second,
        ):
            sessions = {Side.BASE: first, Side.CANDIDATE: second}
            yield Setting(self._project, sessions, cores, self._sandbox.fixes_layout, self._settings.timeout)

    def _list(self, driver: Driver, found: list[Benchmark], errors: dict[str, str]) -> None:
        driver.open(self._project.benchmark_sources, None)
        self._python = driver.python
        while driver.current is not None:
            name = driver.current.name
            found.append(Benchmark(name, driver.current.kind, name.partition("::")[0]))
            self._progress.step(name, "collect")
            try:
                driver.prepare(0, 1)
                driver.run()
            except ArmFailed as error:
                errors[name] = error.sentence
            driver.advance()
        errors.update(driver.errors)


def _nothing(errors: Mapping[str, str]) -> str:
    for name, error in errors.items():
        return f"no benchmark runs: {name}: {error}"
    return "no benchmark was found; write one (def bench_x() in benchmarks/bench_x.py) or name the files in .hotlap.yml"
