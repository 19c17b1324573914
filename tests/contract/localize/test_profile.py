"""Real processes: the hot function of a small tree is known, and must come out on top with honest shares."""

import importlib.resources
import sys
import textwrap

import pytest

from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate.environment import environment
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.profile import Profiler, ProfileSettings
from bot.localize.rank import Ranker

pytestmark = pytest.mark.measures

LIBRARY = """
    import functools

    def traced(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)
        return wrapper

    @traced
    @traced
    def hot(n):
        total = 0
        for i in range(n):
            total += i * i % 7
        return total

    def warm(n):
        total = 0
        for i in range(n):
            total += i * i % 7
        return total

    def outer(n):
        def inner(k):
            return sum(i * i % 7 for i in range(k))
        return inner(n)

    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def sort(rows):
        return sorted(rows)

    class Box:
        @property
        def size(self):
            return hot(100)
        @size.setter
        def size(self, value):
            warm(3000)
"""
BENCHMARKS = """
    import os, time
    from pkg import lib

    def bench_mixed():
        lib.hot(3000)
        lib.warm(1000)

    def bench_nested():
        lib.outer(2000)

    def bench_recursive():
        lib.fib(12)

    def setup_native(seed):
        lib.hot(5000)
        return [x * 7919 % 10007 for x in range(20000)]

    def bench_native(rows):
        lib.sort(rows)

    def bench_setter():
        lib.Box().size = 1
"""


def profile(benchmarks, names=None, *, library=LIBRARY, kind="functions", **settings):
    files = {"pkg/lib.py": library, "pkg/__init__.py": "", "bench_it.py": benchmarks}
    tree = Snapshot("", {path: File(textwrap.dedent(body).encode()) for path, body in files.items()})
    project = Project(sys.executable, ("",), None, ((kind, "bench_it.py"),))
    tools = {
        one.name: one.read_bytes()
        for one in importlib.resources.files("bot.evaluate.inside").iterdir()
        if one.name.endswith(".py")
    }
    wanted = None if names is None else [f"bench_it.py::{name}" for name in names]
    profiler = Profiler(
        ProcessSandbox(tools), project, lambda session: environment(project, session), ProfileSettings(**settings)
    )
    found = profiler.profile(tree, wanted)
    ranker = Ranker(Index(tree), Exclusions(tree, benchmark_paths=("bench_it.py",)))
    return found, {one.function.qualname: one for one in ranker.rank(found)}


@pytest.fixture(scope="module")
def shares():
    return {
        name: profile(BENCHMARKS, [f"bench_{name}"], seconds=0.5)[1]
        for name in ("mixed", "nested", "recursive", "native", "setter")
    }


def test_a_decorated_function_gets_its_share(shares):
    mixed = shares["mixed"]
    assert next(iter(mixed)) == "hot"
    assert mixed["hot"].share_own == pytest.approx(0.75, abs=0.06)
    assert mixed["hot"].calls == 1
    assert mixed["hot"].benchmarks == ("bench_it.py::bench_mixed",)
    assert mixed["warm"].share_own == pytest.approx(0.25, abs=0.06)
    assert mixed["warm"].bound == pytest.approx(1 / 0.75, abs=0.12)
    assert mixed["traced.wrapper"].share_total == pytest.approx(0.75, abs=0.06)
    assert mixed["bench_mixed"].skip == "in a benchmark file"


def test_a_nested_function_is_told_from_its_parent(shares):
    assert next(iter(shares["nested"])) == "outer.inner"
    assert shares["nested"]["outer.inner"].share_own > 0.95
    assert shares["nested"]["outer"].share_own < 0.05
    assert shares["nested"]["outer"].share_total > 0.95


def test_recursion_is_counted_once(shares):
    fib = shares["recursive"]["fib"]
    assert 0.9 < fib.share_total <= 1.0
    assert fib.share_self == pytest.approx(fib.share_total, abs=0.01)
    assert fib.calls == 465


def test_setup_is_not_profiled_and_native_time_is_told(shares):
    native = shares["native"]
    assert "hot" not in native
    assert native["sort"].share_own > 0.9
    assert native["sort"].share_self < 0.1


def test_setter_and_getter_are_told_apart(shares):
    spans = {one.function.span.start for name, one in shares["setter"].items() if name == "Box.size"}
    assert spans == {textwrap.dedent(LIBRARY).split("\n").index("    @size.setter") + 1}


def test_failing_benchmarks_are_entries_and_the_rest_is_profiled():
    bad = """
        import os, sys, time
        from pkg import lib
        def bench_raises():
            return 1 / 0
        def bench_leaves():
            sys.exit(3)
        def bench_dies():
            os._exit(5)
        def bench_never():
            while True:
                pass
        def bench_untold(missing):
            pass
        def bench_good():
            print("noise on the standard output")
            lib.hot(2000)
    """
    found, ranked = profile(bad, seconds=0.1, timeout=1.5)
    errors = {one.name.partition("::")[2]: one.error for one in found.benchmarks}
    assert len(errors) == 6
    assert errors["bench_raises"] == "ZeroDivisionError: division by zero"
    assert errors["bench_leaves"] == "SystemExit: 3"
    assert errors["bench_dies"].startswith("the driver ended with code 5")
    assert errors["bench_never"] == "the driver did not answer in time"
    assert "setup_untold" in errors["bench_untold"]
    assert errors["bench_good"] is None
    assert next(iter(ranked)) == "hot"
    assert sum("was not profiled" in note for note in found.notes) == 5


def test_a_hanging_pytest_benchmark_is_not_run_again():
    found, _ = profile(
        """
        from pkg import lib
        def test_never(benchmark):
            benchmark(lambda: [0 for _ in iter(int, 1)])
        def test_good(benchmark):
            benchmark(lib.hot, 2000)
        """,
        kind="pytest-benchmark",
        seconds=0.1,
        timeout=1.0,
    )
    assert {one.name: one.error for one in found.benchmarks} == {
        "bench_it.py::test_never": "the driver did not answer in time",
        "bench_it.py::test_good": None,
    }


def test_a_file_that_cannot_be_loaded_is_an_entry():
    found, ranked = profile("import missing_module\n")
    assert [one.error for one in found.benchmarks] == ["ModuleNotFoundError: No module named 'missing_module'"]
    assert ranked == {}


def test_a_name_that_is_not_there_is_an_entry():
    found, _ = profile(BENCHMARKS, ["bench_other"], seconds=0.1)
    assert [one.error for one in found.benchmarks] == ["it was not found among the benchmarks"]


def test_a_load_that_never_ends_is_said():
    found, _ = profile("while True: pass\n", start=1.0)
    assert found.benchmarks == ()
    assert found.notes == ("no further benchmark could be made ready: the driver did not answer in time",)


def test_waiting_and_threads_are_said():
    found, _ = profile(
        """
        import threading, time
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        def bench_waits():
            time.sleep(0.05)
        """,
        seconds=0.3,
    )
    said = " ".join(found.notes)
    assert "runs 2 threads" in said
    assert "waits for the rest" in said
