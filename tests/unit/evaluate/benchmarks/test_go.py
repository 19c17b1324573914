import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.go import Go

RECORDED = Path(__file__).parents[1] / "recorded" / "go"
BENCH = b'package p\n\nimport "testing"\n\nfunc BenchmarkX(b *testing.B) {}\n'


def recorded(name):
    return (RECORDED / name).read_bytes()


def tree(**files):
    return Snapshot("", {path.replace("__", "/"): File(data) for path, data in files.items()})


def of(paths):
    return list(Go().sources(Snapshot("", {path: File(data) for path, data in paths.items()})))


def test_packages_with_a_benchmark_below_a_module_are_found():
    files = {"go.mod": b"module m\n", "x_test.go": BENCH, "a/b/y_test.go": BENCH, "a/b/z_test.go": BENCH}
    assert sorted(of(files)) == [".", "a/b"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("x.go", BENCH),
        ("x_test.go", b"package p\nfunc TestX(t *testing.T) {}\n"),
        ("x_test.go", b"package p\nfunc Benchmarking(b *testing.B) {}\n"),
        ("x_test.go", b"package p\nfunc BenchmarkX(n int) {}\n"),
        ("vendor/v/x_test.go", BENCH),
        ("testdata/x_test.go", BENCH),
        ("_old/x_test.go", BENCH),
    ],
)
def test_what_go_would_not_run_is_left_alone(path, data):
    assert of({"go.mod": b"module m\n", path: data}) == []


def test_without_a_module_there_is_nothing_to_build():
    assert of({"x_test.go": BENCH}) == []


def test_the_list_of_a_real_run_names_every_part_once():
    assert Go().names(tree(), ".", recorded("list.txt")) == (
        "BenchmarkCount",
        "BenchmarkSizes/n=10/plain",
        "BenchmarkSizes/n=10/with_space",
        "BenchmarkSizes/n=10/a.b*(c)[d]$-8",
        "BenchmarkSizes/n=1000/plain",
        "BenchmarkSizes/n=1000/with_space",
        "BenchmarkSizes/n=1000/a.b*(c)[d]$-8",
        "BenchmarkTwice/same",
        "BenchmarkTwice/same#01",
        "BenchmarkPrints",
    )


def test_figures_beside_ns_per_op_are_not_mistaken_for_it():
    found = Go().readings(recorded("run.txt"))
    assert set(found) == {"BenchmarkCount"}
    assert found["BenchmarkCount"].iterations == 2000
    assert 1e-6 < found["BenchmarkCount"].seconds < 1e-3


def test_a_name_of_special_characters_is_asked_for_and_read_back():
    name = "BenchmarkSizes/n=1000/a.b*(c)[d]$-8"
    assert r"-test.bench=^BenchmarkSizes$/^n=1000$/^a\.b\*\(c\)\[d]\$-8$" in Go().run(tree(), "text", name, 7).argv
    assert set(Go().readings(recorded("part.txt"))) == {name}


def test_a_run_makes_the_iterations_it_is_told_in_the_package():
    call = Go().run(tree(), "a/b", "BenchmarkX", 9)
    assert "-test.benchtime=9x" in call.argv
    assert call.directory == "a/b"
    assert Go().run(tree(), ".", "BenchmarkX", 9).directory == ""


def test_printing_while_timed_is_said_and_not_guessed_at():
    assert Go().names(tree(), ".", recorded("noisy.txt")) == ("BenchmarkTears", "BenchmarkPrints")
    with pytest.raises(ValueError, match="prints while it is timed"):
        Go().readings(recorded("noisy.txt"))


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"PASS\n",
        b"BenchmarkX \t 1\t NaN ns/op\n",
        b"BenchmarkX \t 1\t -5 ns/op\n",
        b"BenchmarkX \t 1\t +Inf ns/op\n",
        b"BenchmarkX \t 1\t 0 ns/op\n",
        b"BenchmarkX \t 0\t 1 ns/op\n",
        b"BenchmarkX \t 99999999999999999999999\t 1 ns/op\n",
        b"BenchmarkX \t 5\t 12 ns/o",
        b"BenchmarkX \t 5\t 12 widgets/op\n",
        b"\xff\xfe\x00",
        b"BenchmarkX \t 5\t 12 ns/op\n" * 2,
        b"BenchmarkX \t 5\t 1 ns/op\nBenchmarkX \t      5\t  12 ns/op\n",
        b"BenchmarkX \t 5\t 1 ns/op\n    5\t  12 ns/op\n",
    ],
)
def test_what_is_no_figure_or_two_of_them_is_refused(output):
    with pytest.raises(ValueError, match=r"\w"):
        Go().readings(output)


def test_too_much_output_is_refused():
    with pytest.raises(ValueError, match="bytes"):
        Go().readings(b"BenchmarkX \t 5\t 12 ns/op\n" + b" " * (16 << 20))


def test_colours_are_taken_out_and_names_that_cannot_be_printed_left_out():
    output = b"\x1b[32mBenchmarkX\x1b[0m \t 5\t 12 ns/op\nBenchmark\x07Y \t 5\t 1 ns/op\n"
    assert Go().names(tree(), ".", output) == ("BenchmarkX",)


@given(
    st.dictionaries(
        st.text(string.ascii_letters + string.digits + "/_#=-.*", min_size=1).map("Benchmark{}".format),
        st.tuples(st.integers(1, 10**9), st.integers(1, 10**12)),
        min_size=1,
    )
)
def test_formatted_lines_are_read_back(figures):
    lines = [f"{name:<30}\t{count:>8}\t{time:>10} ns/op\t  3 B/op" for name, (count, time) in figures.items()]
    found = Go().readings("\n".join(["goos: linux", *lines, "PASS"]).encode())
    assert {name: (one.iterations, round(one.seconds * 1e9)) for name, one in found.items()} == figures
