import json
from pathlib import Path

import pytest

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.google_benchmark import GoogleBenchmark

RECORDED = Path(__file__).parents[1] / "recorded" / "google_benchmark"
BENCH = b"#include <benchmark/benchmark.h>\nstatic void BM_X(benchmark::State& s) {}\nBENCHMARK(BM_X);\n"
LISTS = b"project(p CXX)\nadd_executable(speed bench/x.cc\n  bench/y.cc) # both\n"


def recorded(name):
    return (RECORDED / name).read_bytes()


def tree(files):
    return Snapshot("", {path: File(data) for path, data in files.items()})


def of(files):
    return list(GoogleBenchmark().sources(tree(files)))


def argvs(files, source):
    return [call.argv for call in GoogleBenchmark().build(tree(files), source)]


def test_a_program_is_found_once_by_its_first_file():
    files = {"CMakeLists.txt": LISTS, "bench/x.cc": BENCH, "bench/y.cc": BENCH, "bench/z.cc": BENCH}
    assert of(files) == ["bench/x.cc"]


def test_cmake_builds_from_the_directory_of_the_project():
    files = {
        "CMakeLists.txt": b"project(p)\nadd_subdirectory(bench)\n",
        "bench/CMakeLists.txt": b'ADD_EXECUTABLE(speed "${CMAKE_CURRENT_SOURCE_DIR}/x.cpp")\n',
        "bench/x.cpp": BENCH,
    }
    assert of(files) == ["bench/x.cpp"]
    configured, built, *_ = argvs(files, "bench/x.cpp")
    assert configured[:5] == ("cmake", "-S", ".", "-B", "hotlap-build")
    assert built[:5] == ("cmake", "--build", "hotlap-build", "--target", "speed")


def test_make_builds_a_rule_that_is_called_like_the_file():
    files = {
        "perf/Makefile": b"all: speed other\nspeed: speed.cc\n\tc++ $< -lbenchmark -o $@\n",
        "perf/speed.cc": BENCH,
    }
    assert of(files) == ["perf/speed.cc"]
    assert argvs(files, "perf/speed.cc")[0] == ("make", "speed")
    assert GoogleBenchmark().listing(tree(files), "perf/speed.cc").argv[0] == "./perf/speed"


@pytest.mark.parametrize(
    "files",
    [
        {"bench/x.cc": BENCH},
        {"CMakeLists.txt": LISTS, "bench/x.cc": b"#include <vector>\nBENCHMARK(BM_X);\n"},
        {"CMakeLists.txt": LISTS, "bench/x.cc": b"#include <benchmark/benchmark.h>\nint x;\n"},
        {"CMakeLists.txt": b"# project(p) add_executable(a bench/x.cc)\n", "bench/x.cc": BENCH},
        {"CMakeLists.txt": b"add_executable(a bench/x.cc)\n", "bench/x.cc": BENCH},
        {"Makefile": b"x := bench/x\n", "bench/x.cc": BENCH},
        {"CMakeLists.txt": LISTS.replace(b"bench/x", b"vendor/x"), "vendor/x.cc": BENCH},
    ],
)
def test_what_cannot_be_built_or_holds_nothing_is_left_alone(files):
    assert of(files) == []


def test_the_list_of_a_real_program_is_read():
    names = GoogleBenchmark().names(tree({}), "", recorded("list.txt"))
    assert names[:4] == ("BM_Total/8", "BM_Total/4096", "total (all) [x]+$/64/real_time", "BM_Broken")


def test_a_name_of_special_characters_is_asked_for_exactly():
    files = {"CMakeLists.txt": LISTS, "bench/x.cc": BENCH}
    call = GoogleBenchmark().run(tree(files), "bench/x.cc", "total (all) [x]+$/64", 12)
    assert call.argv[-2:] == ("12", r"--benchmark_filter=^total \(all\) \[x]\+\$/64$")


def test_a_real_report_is_read_in_its_own_units():
    found = GoogleBenchmark().readings(recorded("run.json"))
    assert set(found) == {"BM_Total/8", "BM_Total/4096", "total (all) [x]+$/64/real_time"}
    assert 1e-9 < found["BM_Total/8"].seconds < 1e-7
    assert 1e-8 < found["total (all) [x]+$/64/real_time"].seconds < 1e-6


def test_of_repetitions_the_mean_is_the_figure():
    found = GoogleBenchmark().readings(recorded("repeated.json"))
    assert set(found) == {"BM_Total/8"}
    assert found["BM_Total/8"].iterations == 50


def test_an_error_is_said_in_its_own_words():
    with pytest.raises(ValueError, match='no "input"'):
        GoogleBenchmark().readings(recorded("error.json"))


def report(*entries):
    return b'{\n  "context": {\n  },\n  "benchmarks": ' + json.dumps(entries).encode() + b"\n}\n"


def entry(**more):
    plain = {"run_name": "X", "run_type": "iteration", "iterations": 5, "real_time": 1.5, "time_unit": "us"}
    return {**plain, **more}


def test_a_plain_entry_is_read():
    assert GoogleBenchmark().readings(report(entry()))["X"].seconds == pytest.approx(1.5e-6)


@pytest.mark.parametrize(
    "output",
    [
        b"",
        report(),
        report(entry())[:-30],
        report(entry()) * 2,
        report(entry(), entry()),
        b'{\n  "context": {\n' + b"[" * 100_000,
        b'{\n  "context": {\n  },\n  "benchmarks": 5}',
        b'{\n  "context": {\n  },\n  "benchmarks": [5]}',
        report(entry(real_time=float("nan"))),
        report(entry(real_time=float("inf"))),
        report(entry(real_time=-1.0)),
        report(entry(real_time=10**400)),
        report(entry(real_time="1.5")),
        report(entry(iterations=0)),
        report(entry(iterations=True)),
        report(entry(time_unit="h")),
        report(entry(time_unit=[])),
        report(entry(run_name=["X"])),
        report({}),
        report(entry(skipped=True)),
    ],
)
def test_what_is_no_figure_or_two_of_them_is_refused(output):
    with pytest.raises(ValueError, match=r"\w"):
        GoogleBenchmark().readings(output)


def test_output_before_the_report_changes_nothing_and_inside_of_it_is_refused():
    plain = report(entry())
    assert GoogleBenchmark().readings(b'forged {"context": 1}\n' + plain) == GoogleBenchmark().readings(plain)
    with pytest.raises(ValueError, match="does the benchmark print"):
        GoogleBenchmark().readings(plain.replace(b'"benchmarks": [', b'"benchmarks": [\nhello\n'))
