"""A sandbox whose runs are answered by a function, for tests of how programs are measured."""

import contextlib
from dataclasses import dataclass, field

from bot.domain.evidence import Isolation
from bot.evaluate.benchmarks.program import Call, Reading, Surroundings
from bot.ports import End, RunResult


def ran(seconds=0.05, stdout=b"", code=0, end=End.EXITED, stderr=b"", **more):
    values = {"cpu_seconds": 0.0, "peak_bytes": 1 << 20, "stdout_bytes": len(stdout)} | more
    return RunResult(end, code, stdout, stderr, seconds, **values)


@dataclass
class FakeProgramSession:
    answer: object
    files: dict
    side: int
    log: list
    isolation: Isolation = Isolation.PROCESS
    tools: str = "/tools"

    @property
    def tree(self):
        return f"/box{self.side}/tree"

    @property
    def scratch(self):
        return f"/box{self.side}/scratch"

    def run(self, argv, *, env, timeout, stdin=b"", place=None):
        self.log.append((self.side, tuple(argv), dict(env), place))
        return self.answer(self, argv)


@dataclass
class FakeProgramSandbox:
    """`answer(session, argv)` gives the result of a run; `log` keeps (side, argv, env, place)."""

    answer: object
    log: list = field(default_factory=list)
    opened: int = 0
    isolation: Isolation = Isolation.PROCESS
    fixes_layout: bool = True
    notes: tuple = ()

    @contextlib.contextmanager
    def open(self, tree, limits):
        self.opened += 1
        yield FakeProgramSession(self.answer, tree.files, (self.opened - 1) % 2, self.log)


@dataclass
class FakeTool:
    """A benchmark tool called with its number of iterations; its output is "seconds iterations" of one benchmark."""

    FIXED_ITERATIONS: bool = True
    around: Surroundings = field(default_factory=Surroundings)
    builds: tuple = ()
    NAME: str = "fake"

    def sources(self, tree):
        yield "src"

    def build(self, tree, source):
        return self.builds

    def listing(self, tree, source):
        return None

    def names(self, tree, source, output):
        return ("one",)

    def run(self, tree, source, name, iterations):
        return Call(("tool", str(iterations)))

    def readings(self, output):
        words = output.split()
        if len(words) != 2 or words[0].startswith(b"/"):
            return {}
        seconds, count = words
        return {"one": Reading(float(seconds), int(count))}

    def surroundings(self, tree, source, name):
        return self.around
