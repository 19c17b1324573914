import pytest

from bot.app.ruler import measured_alike, ruler
from bot.domain.code import File, Snapshot

FILES = (
    "benchmarks/bench_a.py", "benchmarks/data.py", "benchmarks/deep/more.py", "shop/core.py", "tests/test_speed.py",
    "tests/conftest.py", "go/core.go", "go/core_test.go", "go/inner/more_test.go", "rust/Cargo.toml", "rust/src/lib.rs",
    "rust/benches/speed.rs", "suite/time_a.py", "suite/inner/b.py", "bench_root.py", "pom.xml",
    "src/Speed.java", "src/Core.java", ".hotlap.yml", "tool.py",
)  # fmt: skip

BENCHMARKS = {one for one in FILES if one.startswith("benchmarks/")}
GO = {"go/core_test.go", "go/inner/more_test.go"}


def snapshot(paths, text=b""):
    marks = {"src/Speed.java": b"@Benchmark public void speed() {}"}
    return Snapshot("", {path: File(marks.get(path) or text or path.encode()) for path in paths})


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        (("functions", "benchmarks/bench_a.py"), BENCHMARKS),
        (("functions", "bench_root.py"), {"bench_root.py"}),
        (("pytest-benchmark", "tests/test_speed.py"), {"tests/test_speed.py"}),
        (("asv", "suite"), {"suite/time_a.py", "suite/inner/b.py"}),
        (("go", "go"), GO),
        (("criterion", "rust/benches/speed.rs"), {"rust/benches/speed.rs"}),
        (("jmh", "pom.xml"), {"src/Speed.java", *BENCHMARKS, "rust/benches/speed.rs", *GO}),
        (("command", ".hotlap.yml"), {"src/Speed.java", *BENCHMARKS, "rust/benches/speed.rs", *GO}),
        (("functions", "gone.py"), set()),
    ],
)
def test_what_belongs_to_a_source_is_what_measures_never_what_is_measured(source, paths):
    assert ruler(snapshot(FILES), [source]) == paths


def test_head_is_timed_with_the_files_of_the_base():
    sources = [("functions", "benchmarks/bench_a.py")]
    base = snapshot(["benchmarks/bench_a.py", "benchmarks/data.py", "shop/core.py"], b"old")
    head = snapshot(["benchmarks/bench_a.py", "benchmarks/conftest.py", "shop/core.py", "shop/more.py"], b"new")
    found = {path: file.data for path, file in measured_alike(base, head, sources).files.items()}
    assert found == {
        "benchmarks/bench_a.py": b"old", "benchmarks/data.py": b"old", "shop/core.py": b"new", "shop/more.py": b"new",
    }  # fmt: skip
