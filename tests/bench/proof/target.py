"""The repository that is measured: five kinds of work whose amount is a number, for functions, pytest and asv.

`share` is the amount of work in thousandths: a tree with 1050 does 5% more of the same than one with 1000, and gives
the same answers. So the true ratio of two trees is known from counting, without a clock.
"""

from dataclasses import dataclass

from bot.domain.code import File, Snapshot

BASE_SHARE = 1000
KINDS = ("arrays", "interpreter", "dictionary", "regex", "objects")
OTHERS = ("pytest", "asv", "command")
WORDS = {
    "arrays": "NumPy over 8 MB arrays",
    "interpreter": "short interpreter loop",
    "dictionary": "dict of 8,000 strings",
    "regex": "regex findall",
    "objects": "4,000 small objects",
    "pytest": "a pytest-benchmark test",
    "asv": "an asv method",
    "command": "a command of 50 ms",
}

_WORK = '''"""Work in counted units; answers do not depend on the amount."""
import random
import re

from amount import SHARE

SOURCE = random.Random(7)
KEYS = ["key-%d-%s" % (number, SOURCE.getrandbits(40)) for number in range(8000)]
LINES = ["%d: user%d@host%d.example GET /a/b/%d took %d ms" % (
    number, number % 97, number % 13, number * 7 % 1000, number * 31 % 977) for number in range(400)]


def amount(count):
    return count * SHARE // 1000


def interpreter():
    last = 0
    for number in range(amount(100)):
        last = (number & 7) * 3
    return type(last)


def interpreter_loop(count):
    for number in range(count):
        (number & 7) * 3


WORDS = (KEYS + KEYS)[: amount(8000)]


def dictionary():
    counts = {}
    for word in WORDS:
        counts[word] = counts.get(word, 0) + 1
    return len(counts)


TEXT = "\\n".join((LINES + LINES)[: amount(400)])
PATTERN = re.compile(r"(\\w+)@(\\w+)\\.example GET (\\S+) took (\\d+)")


def regex():
    return PATTERN.findall(TEXT)[:50]


class Point:
    def __init__(self, across, down):
        self.across = across
        self.down = down


def objects():
    points = [Point(number, number + 1) for number in range(amount(4000))]
    sum(point.across for point in points)
    return sum(point.down for point in points[:100])
'''

_ARRAYS = """import numpy
from amount import SHARE

FIRST, SECOND, THIRD = (numpy.arange(1100000) % prime / prime for prime in (7.0, 11.0, 13.0))


def bench_arrays():
    size = 1000 * SHARE
    found = FIRST[:size] * SECOND[:size] + THIRD[:size]
    found.sum()
    return float(found[:1000].sum())
"""

_BENCH = """import work


def bench_interpreter():
    return work.interpreter()


def bench_dictionary():
    return work.dictionary()


def bench_regex():
    return work.regex()


def bench_objects():
    return work.objects()
"""

_PYTEST = """import work


def test_dictionary(benchmark):
    assert benchmark(work.dictionary) == 8000
"""

_ASV = """import work


class Kinds:
    def time_objects(self):
        return work.objects()
"""


_COMMAND = """import work

# About half of the time is the interpreter's start, which nobody counts: the rest grows by 2.2 times the share.
for _ in range(60):
    work.interpreter_loop(10000 + 22 * (work.SHARE - 1000))
print(work.dictionary())
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One benchmark of the repository: its kind of work, the name the product gives it, and where it stands."""

    kind: str
    name: str
    source: tuple[str, str]


def works() -> tuple[Work, ...]:
    """Return every benchmark that is measured, the five kinds of plain functions first."""
    return (
        _function("arrays", "benchmarks/bench_arrays.py"),
        *(_function(kind, "benchmarks/bench_kinds.py") for kind in KINDS[1:]),
        Work("pytest", "benchmarks/test_kinds.py::test_dictionary", ("pytest-benchmark", "benchmarks/test_kinds.py")),
        Work("asv", "asv_suite/kinds.py::Kinds.time_objects", ("asv", "asv_suite")),
    )


def tree(share: int = BASE_SHARE) -> Snapshot:
    """Return the repository with `share` thousandths of the work (1000 to 1100)."""
    texts = {
        "amount.py": f"SHARE = {share}\n",
        "work.py": _WORK,
        "benchmarks/bench_arrays.py": _ARRAYS,
        "benchmarks/bench_kinds.py": _BENCH,
        "benchmarks/test_kinds.py": _PYTEST,
        "command.py": _COMMAND,
        "asv_suite/__init__.py": "",
        "asv_suite/kinds.py": _ASV,
    }
    return Snapshot("", {path: File(text.encode()) for path, text in texts.items()})


def find(kind: str) -> Work:
    """Return the benchmark of a kind; the command has no file of benchmarks."""
    return next((one for one in works() if one.kind == kind), Work(kind, kind, ("commands", "")))


def _function(kind: str, path: str) -> Work:
    return Work(kind, f"{path}::bench_{kind}", ("functions", path))
