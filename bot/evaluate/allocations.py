"""What a call allocates in each arm, in processes that are never timed."""

import contextlib
from collections.abc import Sequence
from typing import Any

from bot.domain.allocation import Allocated, Allocation, OfType
from bot.domain.code import Snapshot
from bot.domain.job import Project
from bot.domain.legible import one_line
from bot.evaluate.lockstep.driver import ArmFailed, Driver, Side
from bot.evaluate.lockstep.pairs import launch
from bot.ports import Limits, Sandbox

_SEED = 1


class AllocationCount:
    """Asks one process of each tree; inputs and hash seed are the same in both."""

    def __init__(self, sandbox: Sandbox, project: Project, limits: Limits, timeout: float) -> None:
        self._sandbox = sandbox
        self._project = project
        self._limits = limits
        self._timeout = timeout

    def __call__(self, base: Snapshot, candidate: Snapshot, names: Sequence[str]) -> tuple[Allocation, ...]:
        """Return one value for each benchmark, in the order of `names`."""
        first, second = self._arm(Side.BASE, base, names), self._arm(Side.CANDIDATE, candidate, names)
        return tuple(Allocation(name, first[name], second[name]) for name in names)

    def _arm(self, side: Side, tree: Snapshot, names: Sequence[str]) -> dict[str, Allocated]:
        found: dict[str, Allocated] = {}
        missing = "it was not offered, or is not a Python benchmark"
        with self._sandbox.open(tree, self._limits) as session:
            driver = Driver(side, launch(self._project, session), self._timeout)
            with contextlib.closing(driver):
                try:
                    driver.open(self._project.benchmark_sources, names)
                    while driver.current is not None:
                        found[driver.current.name] = _asked(driver)
                        driver.advance()
                except ArmFailed as error:
                    missing = error.sentence
                failed = driver.errors
        return {name: found.get(name) or Allocated(reason=failed.get(name, missing)) for name in names}


def _asked(driver: Driver) -> Allocated:
    try:
        return _read(driver.allocations(_SEED))
    except ArmFailed as error:
        return Allocated(reason=error.sentence)


def _read(found: dict[str, Any]) -> Allocated:
    """Read what a process says of itself: numbers are numbers, names are short and legible."""
    listed = found.get("types")
    types = [
        OfType(one_line(str(one.get("name", "")), 100), _whole(one.get("count")), _whole(one.get("size")))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    ]
    return Allocated(_whole(found.get("peak")), _whole(found.get("kept")), _whole(found.get("blocks")), tuple(types))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
