import pytest

from bot.app.ruler import measured_alike, ruler
from bot.domain.code import File, Snapshot

FILES = (
    "benchmarks/bench_a.py", "benchmarks/data.py", "benchmarks/deep/more.py", "shop/core.py", "tests/test_speed.py",
    "tests/conftest.py", "go/core.go", "go/core_test.go", "go/inner/more_test.go", "rust/Cargo.toml", "rust/src/lib.rs",
    "rust/benches/speed.rs", "suite/time_a.py", "suite/inner/b.py", "bench_root.py",
)  # fmt: skip


def snapshot(paths, text=b""):
    return Snapshot("", {path: File(text or path.encode()) for path in paths})


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        (("functions", "benchmarks/bench_a.py"), {one for one in FILES if one.startswith("benchmarks/")}),
        (("functions", "bench_root.py"), {"bench_root.py"}),
        (("pytest-benchmark", "tests/test_speed.py"), {"tests/test_speed.py"}),
        (("asv", "suite"), {"suite/time_a.py", "suite/inner/b.py"}),
        (("go", "go"), {"go/core_test.go", "go/inner/more_test.go"}),
        (("criterion", "rust/Cargo.toml"), {"rust/benches/speed.rs"}),
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
