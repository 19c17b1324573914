"""The benchmarks of three tools, made callable in a real process of the target."""

import json
import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.ports import Limits

INSIDE = Path(__file__).parents[3] / "bot" / "evaluate" / "inside"
VISIT = """
import json, sys
from hotlap_inside import benchmarks
sources, wanted = json.loads(sys.argv[1])
seen, declared = [], {}
def visitor(ready):
    thunks = ready.prepare(5, 2)
    declared[ready.name.rpartition("::")[2]] = ready.declared
    seen.append([ready.name, ready.kind, ready.setup, repr([thunk() for thunk in thunks]), thunks[0] is thunks[1]])
errors = benchmarks.visit(sources, visitor, wanted)
with open(sys.argv[2], "w") as file:
    json.dump([seen, errors, declared], file)
"""


def visit(files, sources, wanted=None):
    """Return {name: (kind, setup, answers, shared)} and {name: error}."""
    seen, errors, _ = visited(files, sources, wanted)
    return {name: tuple(rest) for name, *rest in seen}, {one["name"]: one["error"] for one in errors}


def visited(files, sources, wanted=None):
    """Return the visits, the errors, and what each benchmark declares."""
    tree = Snapshot("", {path: File(text.encode()) for path, text in files.items()})
    listed = [{"kind": kind, "path": path} for kind, path in sources]
    tools = {path.name: path.read_bytes() for path in INSIDE.glob("*.py")}
    project = Project(sys.executable, ("",), None, ())
    with ProcessSandbox(tools).open(tree, Limits()) as session:
        argv = [sys.executable, "-c", VISIT, json.dumps([listed, wanted]), f"{session.scratch}/out.json"]
        variables = environment(project, session)
        result = session.run(argv, env=variables, timeout=60)
        data = session.take("out.json", 1 << 20)
    assert data is not None, result.stderr.decode()
    return json.loads(data)


FUNCTIONS = """
from helper import double
def bench_plain(times=3): return double(times)
def setup_seeded(seed): return seed
def bench_seeded(value): return value
def setup_fresh(): return []
def bench_fresh(items, more=1): items.append(more); return len(items)
def bench_two(a, b): return 0
def bench_lonely(a): return 0
async def bench_later(): return 0
def helper_bench_x(): return 0
"""


def test_plain_functions():
    files = {"benchmarks/bench_a.py": FUNCTIONS, "benchmarks/helper.py": "def double(x): return 2 * x\n"}
    seen, errors = visit(files, [("functions", "benchmarks/bench_a.py")])
    prefix = "benchmarks/bench_a.py::"
    assert seen == {
        f"{prefix}bench_plain": ("functions", False, "[6, 6]", True),
        f"{prefix}bench_seeded": ("functions", True, "[5, 6]", False),
        f"{prefix}bench_fresh": ("functions", True, "[1, 1]", False),
    }
    assert errors == {
        f"{prefix}bench_two": "TypeError: bench_two takes 2 arguments; a benchmark takes none or one",
        f"{prefix}bench_lonely": "TypeError: bench_lonely takes an argument; define setup_lonely(seed) beside it",
        f"{prefix}bench_later": "TypeError: bench_later is a coroutine function; wrap it in a function that runs it",
    }


def test_two_files_of_the_same_name_and_one_that_does_not_load():
    files = {
        "a/bench_x.py": "def bench_one(): return 1\n",
        "b/bench_x.py": "def bench_two(): return 2\n",
        "c/bench_y.py": "raise SystemExit('leaving')\n",
    }
    seen, errors = visit(files, [("functions", path) for path in files])
    assert list(seen) == ["a/bench_x.py::bench_one", "b/bench_x.py::bench_two"]
    assert errors == {"c/bench_y.py": "SystemExit: leaving"}


TESTS = """
import pytest

@pytest.fixture
def numbers():
    return [3, 1, 2]

def test_call(benchmark, numbers):
    assert benchmark(sorted, numbers) == [1, 2, 3]

@pytest.mark.benchmark(group="g")
@pytest.mark.parametrize("n", [1, 2])
def test_pedantic(benchmark, n):
    found = benchmark.pedantic(lambda x: x + [n], setup=lambda: (([],), {}), rounds=5, iterations=1, warmup_rounds=1)
    assert found == [n]

def test_teardown(benchmark):
    open_now = []
    benchmark.pedantic(open_now.append, args=(1,), teardown=lambda _: open_now.clear(), rounds=2)
    assert open_now == []

def test_decorated(benchmark):
    benchmark.extra_info["n"] = 1
    @benchmark
    def answer():
        return 42
    assert answer == 42
    assert benchmark.stats.stats.mean < 60 and benchmark.stats["max"] < 60 and benchmark.name == "test_decorated"

class TestMethods:
    def test_inside(self, benchmark):
        assert benchmark(len, "abc") == 3

def test_wrong_afterwards(benchmark):
    assert benchmark(len, "abc") == 4, "three is not four"

def test_fails_before(benchmark):
    raise RuntimeError("no luck")

def test_twice(benchmark):
    benchmark(len, "a")
    benchmark(len, "b")

def test_never(benchmark):
    pass

@pytest.mark.skip(reason="not today")
def test_skipped(benchmark):
    benchmark(len, "a")

def test_not_a_benchmark():
    raise AssertionError
"""
INI = "[pytest]\naddopts = --benchmark-columns=min --cov=x -n 4 --strict-markers\nrequired_plugins = pytest-benchmark\n"
FILE = "tests/test_speed.py"


def test_pytest_benchmark_tests():
    seen, errors = visit({FILE: TESTS, "pytest.ini": INI}, [("pytest-benchmark", FILE)])
    kind = "pytest-benchmark"
    assert {name: seen[name] for name in list(seen)[:6]} == {
        f"{FILE}::test_call": (kind, False, "[[1, 2, 3], [1, 2, 3]]", True),
        f"{FILE}::test_pedantic[1]": (kind, True, "[[1], [1]]", False),
        f"{FILE}::test_pedantic[2]": (kind, True, "[[2], [2]]", False),
        f"{FILE}::test_teardown": (kind, True, "[None, None]", False),
        f"{FILE}::test_decorated": (kind, False, "[42, 42]", True),
        f"{FILE}::TestMethods::test_inside": (kind, False, "[3, 3]", True),
    }
    assert {name.partition("::")[2]: text for name, text in errors.items()} == {
        "test_wrong_afterwards": "AssertionError: three is not four",
        "test_fails_before": "RuntimeError: no luck",
        "test_twice": "RuntimeError: the benchmark fixture can be used once in a test",
        "test_never": "the test did not call its benchmark fixture",
        "test_skipped": "Skipped: not today",
    }


def test_wanted_tests_only():
    wanted = [f"{FILE}::test_pedantic[2]"]
    seen, errors = visit({FILE: TESTS}, [("pytest-benchmark", FILE)], wanted)
    assert (list(seen), errors) == (wanted, {})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("def test(:", "SyntaxError: invalid syntax"),
    ],
)
def test_a_test_file_that_does_not_load(text, error):
    seen, errors = visit({FILE: text}, [("pytest-benchmark", FILE)])
    assert seen == {}
    assert errors[FILE].startswith(error)


SUITE = """
def setup(): pass
def time_free(): return 1
class Lists:
    params = ([1, 2], ["a", "b"])
    param_names = ["n", "letter"]
    def setup(self, n, letter):
        if (n, letter) == (2, "b"):
            raise NotImplementedError
        self.items = [letter] * n
    def time_length(self, n, letter): return len(self.items)
    def teardown(self, n, letter): del self.items
    def mem_items(self, n, letter): return self.items
class Once:
    number = 1
    def setup(self): self.items = []
    def time_grow(self): self.items.append(1); return len(self.items)
class Cached:
    def setup_cache(self): return {"a": 1}
    def time_read(self, cache): return cache["a"]
"""


def test_asv_suites():
    files = {"suite/__init__.py": "", "suite/lists.py": SUITE}
    seen, errors = visit(files, [("asv", "suite")])
    prefix = "suite/lists.py::"
    assert seen == {
        f"{prefix}time_free": ("asv", False, "[1, 1]", True),
        f"{prefix}Lists.time_length(1, 'a')": ("asv", False, "[1, 1]", True),
        f"{prefix}Lists.time_length(1, 'b')": ("asv", False, "[1, 1]", True),
        f"{prefix}Lists.time_length(2, 'a')": ("asv", False, "[2, 2]", True),
        f"{prefix}Once.time_grow": ("asv", True, "[1, 1]", False),
        f"{prefix}Cached.time_read": ("asv", False, "[1, 1]", True),
    }
    assert list(errors) == [f"{prefix}Lists.time_length(2, 'b')"]


def test_an_unknown_kind_is_an_error():
    assert visit({}, [("stopwatch", "x.py")]) == ({}, {"x.py": "unknown kind of benchmark: stopwatch"})


PYPERF = """
import asyncio, sys
import pyperf
from helper import double
def loops(count, times):
    start = pyperf.perf_counter()
    for _ in range(count): double(times)
    return pyperf.perf_counter() - start
async def later(value):
    await asyncio.sleep(0)
    return value
runner = pyperf.Runner(values=3, add_cmdline_args=lambda command, args: None)
runner.metadata["subject"] = "helper"
runner.argparser.add_argument("--size", type=int, default=4)
args = runner.parse_args()
assert args.worker is None
runner.bench_func("plain", double, args.size)
runner.bench_time_func("loops", loops, 3, inner_loops=2)
runner.bench_async_func("async", later, 5)
runner.timeit("x += 1", setup="x = 1\\nif x:\\n    x = 2", globals=globals())
runner.timeit("named", stmt=lambda: double(2))
runner.bench_command("command", [sys.executable, "-c", "print(7); raise SystemExit(3)"])
runner.bench_func("broken", int, "x")
runner.bench_func("plain", double, 1)
"""


def test_a_pyperf_script_hands_its_benchmarks_to_our_runner():
    import pyperf  # the tool itself, in its current release, stands in the environment of this test

    assert pyperf.Runner
    files = {"bench/perf_a.py": PYPERF, "bench/helper.py": "def double(x): return 2 * x\n"}
    seen, errors = visit(files, [("pyperf", "bench/perf_a.py")])
    answers = {name.partition("::")[2]: rest for name, rest in seen.items()}
    assert answers == {
        "plain": ("pyperf", False, "[8, 8]", True),
        "loops": ("pyperf", False, "[None, None]", True),
        "async": ("pyperf", False, "[5, 5]", True),
        "x += 1": ("pyperf", False, "[None, None]", True),
        "named": ("pyperf", False, "[None, None]", True),
        "command": ("pyperf", False, "[(3, b'7\\n'), (3, b'7\\n')]", True),
    }
    assert errors == {
        "bench/perf_a.py::broken": "ValueError: invalid literal for int() with base 10: 'x'",
        "bench/perf_a.py": "ValueError: duplicated benchmark name: 'plain'",
    }


def test_a_pyperf_script_whose_target_does_not_load():
    seen, errors = visit({"a.py": "import pyperf\nimport nowhere\n"}, [("pyperf", "a.py")])
    assert (seen, errors) == ({}, {"a.py": "ModuleNotFoundError: No module named 'nowhere'"})


DECLARED = """
def bench_all(): return 1
bench_all.rows, bench_all.features, bench_all.size = 10, 3, 2.5
def bench_odd(): return 1
bench_odd.rows, bench_odd.features, bench_odd.size = True, "many", float("nan")
def bench_none(): return 1
bench_none.rows = -1
"""
DECLARED_PYTEST = """
def test_rows(benchmark):
    benchmark.extra_info["rows"] = 5
    benchmark(int)

def test_replaced(benchmark):
    benchmark.extra_info = ["rows"]
    benchmark(int)
"""
DECLARED_ASV = """
class TimeIt:
    params = ([10, 20], ["a"])
    param_names = ["n_rows", "n"]
    def time_it(self, rows, kind): return rows

class TimeOdd:
    params = [1]
    param_names = 7
    def time_odd(self, value): return value
"""


def test_what_benchmarks_declare_is_kept_where_it_is_a_number_above_0():
    files = {"bench_a.py": DECLARED, "test_b.py": DECLARED_PYTEST, "suite/__init__.py": "", "suite/c.py": DECLARED_ASV}
    sources = [("functions", "bench_a.py"), ("pytest-benchmark", "test_b.py"), ("asv", "suite")]
    _, errors, declared = visited(files, sources)
    assert errors == []
    assert declared == {
        "bench_all": {"rows": 10, "features": 3, "size": 2.5},
        "bench_odd": {},
        "bench_none": {},
        "test_rows": {"rows": 5},
        "test_replaced": {},
        "TimeIt.time_it(10, 'a')": {"rows": 10},
        "TimeIt.time_it(20, 'a')": {"rows": 20},
        "TimeOdd.time_odd(1)": {},
    }
