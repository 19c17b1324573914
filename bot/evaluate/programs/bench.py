"""Times benchmarks whose runs are processes: `ports.Bench` for commands and for tools of other languages."""

import contextlib
import os
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.domain.code import Benchmark, Snapshot
from bot.domain.errors import Refused
from bot.domain.evidence import Canary, Comparison, Machine
from bot.domain.job import Project
from bot.evaluate.bench import LockStepSettings
from bot.evaluate.decisions import Decisions, Done
from bot.evaluate.lockstep import machine
from bot.evaluate.lockstep.batch import Stopping
from bot.evaluate.lockstep.cores import Cores, lease
from bot.evaluate.lockstep.driver import ArmFailed, Side
from bot.evaluate.programs import catalogue
from bot.evaluate.programs.arm import Arm
from bot.evaluate.programs.batch import Batch, ProgramSeries, Setting
from bot.evaluate.programs.publish import comparison
from bot.evaluate.programs.work import Bench, Work, turn
from bot.ports import Progress, Sandbox

_BUDGET = 300.0

Lease = Callable[[Callable[[], None]], contextlib.AbstractContextManager[Cores]]


class Programs:
    """Blocks of processes in ABBA order, one running at a time; `sources` are (tool, path) pairs."""

    def __init__(
        self,
        sandbox: Sandbox,
        project: Project,
        sources: catalogue.Sources,
        settings: LockStepSettings,
        progress: Progress,
        cores: Lease = lease,
    ) -> None:
        self._sandbox = sandbox
        self._project = project
        self._sources = sources
        self._settings = settings
        self._progress = progress
        self._cores = cores
        self._random = random.Random(secrets.randbits(128) if settings.seed is None else settings.seed)  # noqa: S311 - seeded from the system's source; replaying it needs the seed
        self._unsure: set[str] = set()
        self._decisions = Decisions(settings, self._measure, comparison)

    def collect(self, tree: Snapshot) -> tuple[Benchmark, ...]:
        """Build every source, run each of its benchmarks once, and return those that ran; Refused where none did."""
        found: list[Benchmark] = []
        errors: dict[str, str] = {}
        with self._sandbox.open(tree, self._settings.limits) as session:
            arm = Arm(Side.BASE, session, self._project, self._settings.limits)
            for program, source in self._sources:
                try:
                    catalogue.build(program, tree, source, arm)
                    benches = tuple(catalogue.listed(program, tree, source, arm, self._settings.timeout))
                except ArmFailed as error:
                    errors[source] = error.sentence
                    continue
                for one in benches:
                    self._try(one, arm, found, errors)
        if not found:
            raise Refused(_nothing(errors))
        return tuple(found)

    def canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        """Compare `tree` with itself on up to three benchmarks; the noisiest one speaks."""
        return self._decisions.canary(tree, benchmarks)

    def decide(
        self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str], *, tests: int = 1
    ) -> tuple[Comparison, ...]:
        """Run units until the e-process of each benchmark answers; it shares its error rate with the other ones."""
        return self._decisions.decide(base, candidate, benchmarks, max(tests, 1) * len(benchmarks))

    def confirm(self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Run a fixed number of new units, and decide on their interval alone."""
        return self._decisions.confirm(base, candidate, benchmarks)

    def machine(self) -> Machine:
        """Describe the hardware under the times."""
        return machine.describe(self._project.python, fixed_layout=self._sandbox.fixes_layout)

    def _try(self, one: Bench, arm: Arm, found: list[Benchmark], errors: dict[str, str]) -> None:
        name = f"{one.source}::{one.ident}"
        self._progress.step(name, "collect")
        around = one.around
        try:
            if around.setup is not None:
                arm.run(around.setup, arm.limits.wall_seconds, what="its setup")
            turn(Work(one, (one.call(1),), around=around), arm, self._settings.timeout)
        except ArmFailed as error:
            errors[name] = error.sentence
        else:
            found.append(Benchmark(name, one.program.NAME, one.source))

    def _measure(
        self, base: Snapshot, candidate: Snapshot, names: Sequence[str], done: Done, pairs: int
    ) -> list[ProgramSeries]:
        # Both arms make the base's calls: a revision may not bring its own ruler.
        benches = catalogue.found(self._sources, names, base)
        stopping = Stopping(done, pairs, self._settings.budget_seconds or _BUDGET)
        unsure = self._unsure if self._settings.compare_answers else set(names)
        with self._setting(base, candidate) as setting:
            return Batch(setting, self._random, stopping, self._progress, unsure).run(benches)

    @contextlib.contextmanager
    def _setting(self, base: Snapshot, candidate: Snapshot) -> Iterator[Setting]:
        limits, fixed = self._settings.limits, self._sandbox.fixes_layout
        with (
            self._cores(lambda: self._progress.step("run", "measure", "waiting for a free core")) as cores,
            self._sandbox.open(base, limits) as first,
            self._sandbox.open(candidate, limits) as second,
            _staying_on(cores.spare),
        ):
            sessions = {Side.BASE: first, Side.CANDIDATE: second}
            arms = {
                side: Arm(side, session, self._project, limits, (cores.bench,), fixed)
                for side, session in sessions.items()
            }
            yield Setting(arms, self._settings.timeout)


@contextlib.contextmanager
def _staying_on(core: int) -> Iterator[None]:
    """Keep this thread, and those that it starts, off the core that is measured on."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [core])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _nothing(errors: Mapping[str, str]) -> str:
    for name, error in errors.items():
        return f"no benchmark runs: {name}: {error}"
    return "no benchmark was found in the commands and tools of this repository"
