from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.criterion import Criterion

RECORDED = Path(__file__).parents[1] / "recorded" / "criterion"
MANIFEST = (
    b'[package]\nname = "p"\n[dev-dependencies]\ncriterion = "0.7"\n[[bench]]\nname = "my-speed"\nharness = false\n'
)
LONG = "a group (with a long name) [x]$/total/16"


def recorded(name):
    return (RECORDED / name).read_bytes()


def tree(files):
    return Snapshot("", {path: File(data) for path, data in files.items()})


def of(files):
    return list(Criterion().sources(tree(files)))


@pytest.mark.parametrize("path", ["benches/my-speed.rs", "benches/my-speed/main.rs"])
def test_benchmarks_stand_where_cargo_looks(path):
    assert of({"a/Cargo.toml": MANIFEST, f"a/{path}": b""}) == [f"a/{path}"]


def test_a_path_in_the_manifest_wins():
    files = {"Cargo.toml": MANIFEST + b'path = "perf/x.rs"\n', "perf/x.rs": b"", "benches/my-speed.rs": b""}
    assert of(files) == ["perf/x.rs"]


@pytest.mark.parametrize(
    "manifest",
    [
        MANIFEST.replace(b"criterion", b"divan"),
        MANIFEST.replace(b"harness = false", b""),
        MANIFEST.replace(b"my-speed", b"../speed"),
        b"[package",
        b"\xff",
        b"bench = 5\n[dev-dependencies]\ncriterion = 1\n",
        b"dev-dependencies = 5\n",
    ],
)
def test_other_manifests_hold_nothing(manifest):
    assert of({"Cargo.toml": manifest, "benches/my-speed.rs": b""}) == []


@pytest.mark.parametrize(
    ("version", "warm"),
    [(b'"0.3"', "1"), (b'{ version = "0.3.6" }', "1"), (b'"0.4"', "0.1"), (b"{ workspace = true }", "0.1")],
)
def test_old_releases_take_whole_seconds_only(version, warm):
    files = {"Cargo.toml": MANIFEST.replace(b'"0.7"', version), "benches/my-speed.rs": b""}
    argv = Criterion().run(tree(files), "benches/my-speed.rs", "x", 1).argv
    assert argv[argv.index("--warm-up-time") + 1] == warm


def test_the_program_is_run_in_its_package_with_an_exact_filter():
    files = {"a/Cargo.toml": MANIFEST, "a/benches/my-speed.rs": b""}
    call = Criterion().run(tree(files), "a/benches/my-speed.rs", LONG, 1)
    assert call.directory == "a"
    assert "target/hotlap/my_speed" in call.argv
    assert call.argv[-1] == r"^a group \(with a long name\) \[x]\$/total/16$"


def test_the_real_list_is_read_and_so_is_that_of_newer_releases():
    names = ("total", LONG, "a group (with a long name) [x]$/total/4096")
    assert Criterion().names(tree({}), "", recorded("list.txt")) == names
    assert Criterion().names(tree({}), "", recorded("list.txt").replace(b": bench", b": benchmark")) == names


def test_a_real_run_is_read_with_its_iterations():
    found = Criterion().readings(recorded("run.txt"))
    assert set(found) == {LONG}
    assert found[LONG].seconds == pytest.approx(36.103e-9)
    assert found[LONG].iterations == 29216880


def test_without_the_number_of_iterations_there_is_no_figure():
    with pytest.raises(ValueError, match="no run"):
        Criterion().readings(recorded("color.txt"))


RUN = "Benchmarking x: Collecting 10 samples in estimated 1.0000 s (50 iterations)\n"


@pytest.mark.parametrize(
    "output",
    [
        "",
        RUN,
        RUN + "x   time:   [1.0 ns 1.0 ns",
        RUN + "x   time:   [NaN ns NaN ns NaN ns]\n",
        RUN + "x   time:   [1.0 ns -1.0 ns 1.0 ns]\n",
        RUN + "x   time:   [1.0 ns inf ns 1.0 ns]\n",
        RUN + "x   time:   [0 ns 0 ns 0 ns]\n",
        RUN + "x   time:   [1 h 1 h 1 h]\n",
        RUN + "x   time:   [1 ns 1 ns 1 ns]\n" * 2,
        RUN * 2 + "x   time:   [1 ns 1 ns 1 ns]\n",
        RUN + "other   time:   [1 ns 1 ns 1 ns]\n",
        RUN.replace("50", "0") + "x   time:   [1 ns 1 ns 1 ns]\n",
    ],
)
def test_what_is_no_figure_or_two_of_them_is_refused(output):
    with pytest.raises(ValueError, match=r"\w"):
        Criterion().readings(output.encode())


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=40),
    st.integers(1, 99_999),
    st.sampled_from([("ps", 1e-12), ("ns", 1e-9), ("\u00b5s", 1e-6), ("ms", 1e-3), ("s", 1.0)]),
)
def test_formatted_figures_are_read_back(name, digits, unit):
    value = f"{digits / 100:.4f} {unit[0]}"
    head = f"{name}\n{'':24}" if len(name) > 23 else f"{name:<24}"
    output = f"{RUN.replace(' x:', f' {name}:')}{head}time:   [{value} {value} {value}]\n"
    assert Criterion().readings(output.encode())[name].seconds == pytest.approx(digits / 100 * unit[1])
