import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.evaluate.benchmarks.detect import detect

PLAIN = b"def bench_sum():\n    return sum(range(9))\n"
TEST = b"def test_sum(benchmark):\n    assert benchmark(sum, [1]) == 1\n"


def of(files, paths=None, exclude=()):
    return detect(Snapshot("", {path: File(data) for path, data in files.items()}), paths, exclude)


@pytest.mark.parametrize(
    "path",
    [
        "bench_x.py",
        "x.py",
        "benchmarks/a/x.py",
        "benchmark/x.py",
        "bench/x.py",
        "perf/x.py",
        "tests/x.py",
        "p/x_bench.py",
    ],
)
def test_plain_functions_are_found_where_benchmarks_usually_stand(path):
    assert of({path: PLAIN}) == (("functions", path),)


@pytest.mark.parametrize("path", ["src/x.py", "benchmarks/x.txt", "venv/benchmarks/x.py", ".tox/tests/x.py"])
def test_other_places_are_left_alone(path):
    assert of({path: PLAIN}) == ()


def test_tests_with_the_fixture_are_found_in_functions_and_classes():
    inside = b"class TestSpeed:\n    def test_sum(self, benchmark): ...\n"
    assert of(
        {"tests/test_a.py": TEST, "tests/test_b.py": inside, "tests/test_c.py": b"def test_x(): 'benchmark'\n"}
    ) == (
        ("pytest-benchmark", "tests/test_a.py"),
        ("pytest-benchmark", "tests/test_b.py"),
    )


def test_a_file_may_hold_two_kinds():
    assert of({"tests/test_a.py": PLAIN + TEST}) == (
        ("functions", "tests/test_a.py"),
        ("pytest-benchmark", "tests/test_a.py"),
    )


def test_a_bench_function_with_the_fixture_is_not_a_plain_one():
    assert of({"tests/test_a.py": b"def bench_x(benchmark): ...\n"}) == ()


def test_asv_suites_are_found_through_their_configuration():
    conf = b'{\n  // where\n  "benchmark_dir": "./suite", // here\n}\n'
    suite = b"class Lists:\n    def time_sort(self): ...\n"
    files = {"asv/asv.conf.json": conf, "asv/suite/lists.py": suite, "suite/other.py": suite}
    assert of(files) == (("asv", "asv/suite"),)
    assert of({"asv.conf.json": b"{}", "benchmarks/a.py": suite}) == (("asv", "benchmarks"),)


def test_broken_files_hold_nothing():
    assert of({"bench_x.py": b"def bench_x(:\n", "tests/test_b.py": b"\xff\0 benchmark"}) == ()


def test_configured_paths_replace_the_conventions():
    files = {"odd/place.py": PLAIN, "bench_x.py": PLAIN, "deep/a/b.py": TEST}
    assert of(files, ("odd/*.py", "deep")) == (("pytest-benchmark", "deep/a/b.py"), ("functions", "odd/place.py"))
    assert of(files, None, ("bench_*.py",)) == ()


def test_a_configured_path_without_benchmarks_is_refused():
    with pytest.raises(Refused, match="odd holds no benchmark"):
        of({"odd/place.py": b"x = 1\n"}, ("odd",))
