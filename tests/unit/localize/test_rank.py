import math

import pytest

from bot.domain.code import File, Snapshot, Target
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.rank import Ranker, RankSettings, bound
from bot.localize.stacks import BenchmarkProfile, Calls, Frame, Profile

SOURCE = """\
class Tree:
    def visit(self, node):
        for child in node:
            self.visit(child)

def key(row):
    return row

def order(rows):
    return sorted(rows, key=lambda row: key(row))

@cached
def parse(text):
    def inner():
        return [word for word in text]
    return inner()

def drive(rows):
    return order(rows)
"""
VISIT = Frame("pkg/a.py", 2, "visit")
KEY = Frame("pkg/a.py", 6, "key")
ORDER = Frame("pkg/a.py", 9, "order")
LAMBDA = Frame("pkg/a.py", 10, "<lambda>")
PARSE = Frame("pkg/a.py", 12, "parse")
INNER = Frame("pkg/a.py", 14, "inner")
WORDS = Frame("pkg/a.py", 15, "<listcomp>")
DRIVE = Frame("pkg/a.py", 18, "drive")
MODULE = Frame("pkg/a.py", 1, "<module>")
BENCH = Frame("benchmarks/bench_a.py", 1, "bench_a")
LIBRARY = Frame("", 355, "raw_decode")


def rank(
    *benchmarks: BenchmarkProfile, files: dict[str, str] | None = None, **exclude: tuple[str, ...]
) -> dict[str, Target]:
    bodies = {"pkg/a.py": SOURCE, "benchmarks/bench_a.py": "def bench_a():\n    pass\n", **(files or {})}
    tree = Snapshot("", {path: File(body.encode()) for path, body in bodies.items()})
    ranker = Ranker(Index(tree), Exclusions(tree, **exclude), RankSettings(noise=0.01, minimum_gain=0.03))
    return {one.function.qualname: one for one in ranker.rank(Profile(benchmarks))}


def stacks(
    name: str, *rows: tuple[int, tuple[Frame, ...]], calls: dict[Frame, Calls] | None = None
) -> BenchmarkProfile:
    return BenchmarkProfile(name, {stack: weight for weight, stack in rows}, calls or {}, 0.1, 100)


def test_recursion_counts_once_a_stack():
    found = rank(stacks("b::bench_a", (50, (BENCH, VISIT, VISIT, VISIT)), (30, (BENCH, VISIT)), (20, (BENCH,))))
    assert found["Tree.visit"].share_total == pytest.approx(0.8)
    assert found["Tree.visit"].share_self == pytest.approx(0.8)
    assert found["Tree.visit"].bound == pytest.approx(5.0)


def test_mutual_recursion_counts_once_in_both():
    found = rank(stacks("b::bench_a", (60, (BENCH, VISIT, KEY, VISIT, KEY)), (40, (BENCH, VISIT))))
    assert found["Tree.visit"].share_total == 1.0
    assert found["Tree.visit"].bound == math.inf
    assert found["key"].share_total == pytest.approx(0.6)
    assert found["Tree.visit"].share_own == pytest.approx(0.4)


def test_library_time_is_the_nearest_functions_own():
    found = rank(stacks("b::bench_a", (60, (BENCH, DRIVE, PARSE, LIBRARY, LIBRARY)), (40, (BENCH, DRIVE, PARSE))))
    assert found["parse"].share_self == pytest.approx(0.4)
    assert found["parse"].share_own == 1.0
    assert found["drive"].share_own == 0.0
    assert found["drive"].share_total == 1.0


def test_a_library_between_two_functions_belongs_to_neither_twice():
    found = rank(stacks("b::bench_a", (70, (BENCH, ORDER, LIBRARY, LAMBDA, KEY)), (30, (BENCH, ORDER, LIBRARY))))
    assert (found["key"].share_own, found["key"].share_total) == (pytest.approx(0.7), pytest.approx(0.7))
    assert (found["order"].share_own, found["order"].share_total) == (pytest.approx(0.3), 1.0)


def test_lambdas_and_comprehensions_are_the_enclosing_functions():
    found = rank(stacks("b::bench_a", (50, (BENCH, ORDER, LAMBDA)), (50, (BENCH, PARSE, INNER, WORDS))))
    assert found["order"].share_self == pytest.approx(0.5)
    assert found["parse.inner"].share_self == pytest.approx(0.5)
    assert found["parse"].share_self == 0.0


def test_native_time_is_taken_from_the_body_by_the_counting_passs_proportion():
    calls = {ORDER: Calls(10, 10, seconds=1.0, native_seconds=3.0), LAMBDA: Calls(500, 500)}
    found = rank(stacks("b::bench_a", (80, (BENCH, ORDER)), (20, (BENCH,)), calls=calls))["order"]
    assert found.share_self == pytest.approx(0.2)
    assert found.share_own == pytest.approx(0.8)
    assert found.calls == 10


def test_calls_of_lambdas_are_not_calls_of_the_function():
    calls = {ORDER: Calls(3, 3, 1.0), LAMBDA: Calls(5000, 5000, 1.0)}
    assert rank(stacks("b::bench_a", (1, (ORDER, LAMBDA)), calls=calls))["order"].calls == 3


def test_a_modules_own_code_is_nobodys():
    first = {"pkg/a.py": "def first(): pass\n"}
    assert rank(stacks("b::bench_a", (100, (MODULE, LIBRARY))), files=first) == {}


def test_the_why_has_the_figures():
    calls = {VISIT: Calls(1200, 4, 1.0)}
    found = rank(stacks("benchmarks/bench_a.py::bench_a", (62, (BENCH, VISIT)), (38, (BENCH,)), calls=calls))
    assert found["Tree.visit"].why == "62% of bench_a in its own body, 1,200 calls a run; at most 2.63x end to end"
    whole = rank(stacks("b::bench_a", (62, (BENCH, DRIVE, VISIT)), (38, (BENCH, DRIVE, PARSE, LIBRARY))))
    assert whole["parse"].why == (
        "under 1% of bench_a in its own body, 38% in library and C code that it calls; at most 1.61x end to end"
    )
    assert whole["drive"].why == (
        "under 1% of bench_a in its own body, 100% with the functions that it calls; "
        "no limit from the rest of the benchmark"
    )


def test_who_can_win_most_in_the_own_body_comes_first():
    calls = {KEY: Calls(5000, 5000, 1.0), DRIVE: Calls(1, 1)}
    found = rank(
        stacks(
            "b::bench_a",
            (40, (BENCH, DRIVE, ORDER, KEY)),
            (30, (BENCH, DRIVE, ORDER)),
            (30, (BENCH, DRIVE)),
            calls=calls,
        )
    )
    assert list(found) == ["key", "drive", "order", "bench_a"]


def test_benchmarks_are_those_that_reach_it_most_affected_first():
    found = rank(
        stacks("b::one", (30, (BENCH, KEY)), (70, (BENCH,))),
        stacks("b::two", (90, (BENCH, KEY)), (10, (BENCH,))),
        stacks("b::three", (1, (BENCH, KEY)), (999, (BENCH,))),
        BenchmarkProfile("b::broken", error="ZeroDivisionError"),
    )
    assert found["key"].benchmarks == ("b::two", "b::one")
    assert found["key"].share_total == pytest.approx(0.9)


@pytest.mark.parametrize(("weight", "skipped"), [(1, True), (2, True), (4, False), (50, False)])
def test_what_cannot_pay_is_kept_with_the_reason(weight, skipped):
    found = rank(stacks("b::bench_a", (weight, (BENCH, KEY)), (100 - weight, (BENCH,))))["key"]
    assert (found.skip is not None) is skipped
    if found.skip is not None:
        assert found.skip == f"cannot pay: {bound(weight / 100) - 1:.1%} at most, and 3.0% is needed to be seen"


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("tests/data.py", "", "in a test file"),
        ("pkg/test_a.py", "", "in a test file"),
        ("conftest.py", "", "in a test file"),
        ("perf/run.py", "", "in a benchmark file"),
        ("benchmarks/data.py", "", "in a benchmark file"),
        ("pkg/_vendor/six.py", "", "in vendored code"),
        ("pkg/api_pb2.py", "", "in a generated file"),
        ("pkg/parser.py", "#!/usr/bin/python\n# This file was generated by PLY. DO NOT EDIT\n", "in a generated file"),
        ("pkg/honest.py", '"""Values generated by hand; do not edit lightly."""\n', None),
        ("scripts/x.py", "", "outside the import roots"),
        ("pkg/legacy/x.py", "", "excluded by the configuration"),
        ("pkg/old_x.py", "", "excluded by the configuration"),
        ("pkg/contest.py", "", None),
        ("pkg/latest/x.py", "", None),
    ],
)
def test_files_that_no_candidate_may_touch(path, body, reason):
    source = body + "def f(): pass\n"
    line = source.count("\n")
    found = rank(
        stacks("b::bench_a", (100, (BENCH, Frame(path, line, "f")))),
        files={path: source},
        import_roots=("pkg", "perf", "tests", "benchmarks") if path != "conftest.py" else ("",),
        benchmark_paths=("perf",),
        patterns=("pkg/legacy", "pkg/old_*.py"),
    )
    assert found["f"].skip == reason
    assert found["f"].share_total == 1.0


def test_other_languages_are_said():
    found = rank(stacks("b::bench_a", (100, (BENCH, Frame("pkg/fast.pyx", 3, "sum_all")))))
    assert found["sum_all"].skip == "not source code in which functions are found"
    assert found["sum_all"].function.language == "pyx"


def test_lines_inside_a_function_are_enough():
    found = rank(stacks("b::bench_a", (100, (Frame("pkg/a.py", 15, "whatever", exact=False),))))
    assert list(found) == ["parse.inner"]


def test_nothing_seen_is_no_targets():
    assert rank(BenchmarkProfile("b::empty"), stacks("b::library", (3, (LIBRARY,)))) == {}


@pytest.mark.parametrize(
    ("pattern", "reason"), [("pkg", None), ("pkg/**/*.py", None), ("other/*", "excluded by the configuration")]
)
def test_targets_are_confined_to_what_is_included(pattern, reason):
    assert rank(stacks("b::bench_a", (1, (KEY,))), include=(pattern,))["key"].skip == reason
