"""The command of 50 ms, measured by the product's engine for programs: each run of it is a slice."""

import contextlib
import os
import random
import sys
from collections.abc import Iterator

from bot.config import FILE_NAME, Config
from bot.domain.job import Project
from bot.evaluate.benchmarks.command import Commands
from bot.evaluate.lockstep.batch import Stopping
from bot.evaluate.lockstep.cores import lease
from bot.evaluate.lockstep.driver import Side
from bot.evaluate.programs.arm import Arm
from bot.evaluate.programs.batch import Batch, Setting
from bot.evaluate.programs.work import Bench
from bot.ports import Limits, Progress, Sandbox
from tests.bench.proof import target

_NAME = "report"
_TIMEOUT = 60.0


def batch(sandbox: Sandbox, share: int, source: random.Random, stopping: Stopping, progress: Progress) -> str:
    """Measure one batch of units, wired as `bot.evaluate.programs.bench` does it; return what failed, or ""."""
    listed = [{"name": _NAME, "run": "python command.py"}]
    program = Commands(Config.model_validate({"benchmarks": {"commands": listed}}))
    base, limits = target.tree(share), Limits()
    project = Project(sys.executable, ("",), None, ())
    with (
        lease(lambda: progress.step("run", "measure", "waiting for a free core")) as cores,
        sandbox.open(base, limits) as first,
        sandbox.open(target.tree(), limits) as two,
        _staying_on(cores.spare),
    ):
        arms = {
            side: Arm(side, session, project, limits, (cores.bench,), sandbox.fixes_layout)
            for side, session in ((Side.BASE, first), (Side.CANDIDATE, two))
        }
        found = Batch(Setting(arms, _TIMEOUT), source, stopping, progress, set()).run(
            {_NAME: Bench(program, base, FILE_NAME, _NAME)}
        )
    return found[0].failure


@contextlib.contextmanager
def _staying_on(core: int) -> Iterator[None]:
    """Keep this thread off the core that is measured on."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [core])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
