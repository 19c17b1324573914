"""What Go and Google Benchmark really do with the calls made for them, from the tree to a figure."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.go import Go
from bot.evaluate.benchmarks.google_benchmark import GoogleBenchmark

pytestmark = pytest.mark.measures

GO = {
    "go.mod": "module example.org/p\n\ngo 1.19\n",
    "sums/sum_test.go": """package sums

import "testing"

var Total int

func BenchmarkSum(b *testing.B) {
\tb.Run("a.b*(c)[d]$", func(b *testing.B) {
\t\tfor i := 0; i < b.N; i++ {
\t\t\tfor j := 0; j < 1000; j++ {
\t\t\t\tTotal += j * i
\t\t\t}
\t\t}
\t})
\tb.Run("c", func(b *testing.B) {})
}
""",
}
CPP = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.16)
project(p CXX)
find_package(benchmark REQUIRED)
add_executable(speed bench/speed.cc)
target_link_libraries(speed PRIVATE benchmark::benchmark)
""",
    "bench/speed.cc": """#include <benchmark/benchmark.h>
static void BM_Sum(benchmark::State& state) {
  for (auto _ : state) {
    long total = 0;
    for (long i = 0; i < state.range(0); i++) benchmark::DoNotOptimize(total += i);
  }
}
BENCHMARK(BM_Sum)->Name("sum (all) [x]+$")->Arg(20000);
BENCHMARK(BM_Sum)->Arg(10);
BENCHMARK_MAIN();
""",
}


def output(root, call):
    done = subprocess.run(
        call.argv, cwd=root / call.directory, env={**os.environ, **dict(call.env)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def figures(program, files, root):
    """Return the names that one source lists, and the figure of the first in a run of 50 iterations."""
    tree = Snapshot("", {path: File(data.encode()) for path, data in files.items()})
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(data)
    (source,) = program.sources(tree)
    for call in program.build(tree, source):
        output(root, call)
    names = program.names(tree, source, output(root, program.listing(tree, source)))
    found = program.readings(output(root, program.run(tree, source, names[0], 50)))
    assert set(found) == {names[0]}
    assert found[names[0]].iterations == 50
    return names, found[names[0]].seconds


def test_go_builds_lists_and_runs_one_part_of_a_benchmark(tmp_path):
    if shutil.which("go") is None:
        pytest.skip("missing: go")
    names, seconds = figures(Go(), GO, tmp_path)
    assert names == ("BenchmarkSum/a.b*(c)[d]$", "BenchmarkSum/c")
    assert 1e-8 < seconds < 1e-2


def test_google_benchmark_makes_the_iterations_it_is_told_whatever_its_release(tmp_path):
    if None in (shutil.which("cmake"), shutil.which("c++")) or not Path("/usr/include/benchmark/benchmark.h").exists():
        pytest.skip("missing: cmake, a C++ compiler or Google Benchmark")
    names, seconds = figures(GoogleBenchmark(), CPP, tmp_path)
    assert names == ("sum (all) [x]+$/20000", "BM_Sum/10")
    assert 1e-7 < seconds < 1e-2
