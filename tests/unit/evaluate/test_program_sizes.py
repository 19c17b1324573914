import pytest

from bot.domain.code import Snapshot
from bot.domain.evidence import Isolation
from bot.domain.job import Project
from bot.evaluate.benchmarks.program import Call, Reading
from bot.evaluate.lockstep.driver import Side
from bot.evaluate.programs.arm import Arm
from bot.evaluate.programs.work import Bench, first_look
from bot.ports import End, Limits, RunResult

START = 0.02


class Counting:
    """A tool that says what the fake machine below printed: seconds for one iteration and their number."""

    NAME = "counting"
    FIXED_ITERATIONS = True

    def run(self, tree, source, name, iterations):
        return Call(("run", str(iterations)))

    def readings(self, output):
        seconds, count = output.split()
        return {"x": Reading(float(seconds), int(count))}


class Machine:
    """Runs iterations that take `warm` seconds each and `cold` in the first `slow`; `beside` is not in the figure."""

    isolation = Isolation.PROCESS
    tree = tools = scratch = "/nowhere"

    def __init__(self, warm, cold, slow, beside=0.0) -> None:
        self.warm, self.cold, self.slow, self.beside = warm, cold, slow, beside
        self.spent = 0.0

    def run(self, argv, *, env, timeout, stdin=b"", place=None):
        count = int(argv[1])
        inside = min(count, self.slow) * self.cold + max(count - self.slow, 0) * self.warm
        seconds = START + inside + count * self.beside
        self.spent += seconds
        said = f"{inside / count!r} {count}".encode()
        return RunResult(End.EXITED, 0, said, b"", seconds, stdout_bytes=len(said))


def looked(machine):
    bench = Bench(Counting(), Snapshot("", {}), "s", "x")
    return first_look(bench, Arm(Side.BASE, machine, Project("python", (), None, ()), Limits()), 60.0)


@pytest.mark.parametrize(
    ("warm", "cold", "slow"), [(1e-6, 1e-6, 0), (1e-6, 1e-3, 20), (1e-7, 4e-5, 500), (0.2, 0.2, 0)]
)
def test_the_larger_size_takes_long_enough_once_the_first_iterations_are_over(warm, cold, slow):
    small, large = looked(Machine(warm, cold, slow)).iterations
    assert small < large
    assert large == 2 or 0.01 < large * warm < 0.2


def test_work_beside_the_tools_own_clock_does_not_make_the_size_grow_without_end():
    machine = Machine(1e-9, 1e-9, 0, beside=1e-6)
    assert looked(machine).iterations[1] * 1e-6 < 1.0
    machine = Machine(1e-9, 1e-5, 100, beside=1e-6)
    looked(machine)
    assert machine.spent < 5.0
