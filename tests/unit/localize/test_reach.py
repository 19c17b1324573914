import pytest

from bot.domain.code import File, Snapshot
from bot.localize.reach import change, reached
from bot.localize.stacks import BenchmarkProfile, Calls, Frame, Profile

CORE = b"""LIMIT = 3


def hot(rows):
    return sorted(rows)


def cold(rows):
    return list(rows)


class Table:
    def __init__(self, rows):
        self.rows = rows

    def find(self, row):
        return row in self.rows
"""


def snapshot(files):
    return Snapshot("", {path: File(data) for path, data in files.items()})


def names(functions):
    return {one.qualname for one in functions}


def between(old, new, path="shop/core.py", ruler=()):
    return change(
        snapshot({path: old} if old is not None else {}), snapshot({path: new} if new is not None else {}), ruler
    )


def test_only_the_functions_whose_code_differs():
    found = between(CORE, CORE.replace(b"sorted(rows)", b"sorted(rows)[:3]"))
    assert (names(found.old), names(found.new), found.everything) == ({"hot"}, {"hot"}, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"    return sorted(rows)", b"    # by value\n    return sorted(  rows )"),
        (b"    return sorted(rows)", b'    """Sort."""\n    return sorted(rows)'),
        (b"def hot(rows):", b"\n\n\ndef hot(rows):"),
    ],
)
def test_comments_layout_and_docstrings_reach_nothing(old, new):
    assert between(CORE, CORE.replace(old, new)).nothing


def test_a_line_outside_of_functions_reaches_everything_and_says_why():
    found = between(CORE, CORE.replace(b"LIMIT = 3", b"LIMIT = 4"))
    assert found.everything == "every benchmark counts as reached: shop/core.py changed in more than Python functions"


@pytest.mark.parametrize("path", ["data/rows.csv", "requirements.txt", "shop/fast.pyx", "tests/conftest.py", "go.mod"])
def test_a_file_that_is_no_module_of_functions_reaches_everything(path):
    assert path in between(b"a", b"b", path).everything


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "docs/index.rst", "LICENSE", "CHANGELOG", ".gitlab-ci.yml", ".github/workflows/a.yml",
        ".gitignore", "tests/test_core.py", "shop/core_test.py", "tests/data/rows.csv",
    ],
)  # fmt: skip
def test_what_people_services_and_test_runs_read_reaches_nothing(path):
    assert between(b"a", b"b", path).nothing


def test_a_name_that_only_looks_like_a_paper_counts():
    assert not between(b"a", b"b", "LICENSES.csv").nothing
    assert not between(b"a", b"b", "shop/README.py").nothing


def test_the_ruler_is_left_out():
    assert between(b"a = 1", b"a = 2", "benchmarks/bench_core.py", {"benchmarks/bench_core.py"}).nothing


def test_a_module_that_comes_or_goes_counts_by_its_functions():
    assert names(between(None, CORE).new) == {"hot", "cold", "Table.__init__", "Table.find"}
    assert names(between(CORE, None).old) == {"hot", "cold", "Table.__init__", "Table.find"}
    assert between(None, b"x = 1\n").nothing


@pytest.mark.parametrize("name", ["__init__.py", "conftest.py", "sitecustomize.py"])
def test_a_new_module_that_python_loads_unasked_reaches_everything(name):
    assert name in between(None, b"x = 1\n", f"shop/{name}").everything


@pytest.mark.parametrize(
    "broken", [b"def hot(:\n", b"def hot():\r    pass\n", b"x = " + b"(" * 300 + b")" * 300 + b"\n"]
)
def test_a_file_that_cannot_be_read_reaches_everything(broken):
    assert between(CORE, broken).everything
    assert between(broken, CORE).everything


def test_a_link_reaches_everything():
    base, head = snapshot({"a.py": CORE}), Snapshot("", {"a.py": File(link="b.py")})
    assert change(base, head).everything


def test_many_files_are_counted_not_listed():
    old = {f"data/{number}.csv": b"a" for number in range(9)}
    new = dict.fromkeys(old, b"b")
    assert "and 6 more" in change(snapshot(old), snapshot(new)).everything


def test_a_method_that_comes_and_one_that_goes():
    found = between(CORE, CORE.replace(b"def find", b"def search"))
    assert (names(found.old), names(found.new)) == ({"Table.find"}, {"Table.search"})


def frame(name, line):
    return Frame("shop/core.py", line, name)


BASE = snapshot({"shop/core.py": CORE})
HOT, FIND = frame("hot", 4), frame("find", 16)


def profile(name, *frames, calls=()):
    return BenchmarkProfile(name, {frames: 1.0} if frames else {}, {one: Calls(1, 1) for one in calls})


def changed(old, new):
    return between(CORE, CORE.replace(old, new)).old


def test_a_benchmark_is_reached_by_what_it_calls_however_seldom_it_was_seen():
    profiles = Profile((profile("a", HOT), profile("b", FIND, calls=[HOT]), profile("c", FIND)))
    found = reached(BASE, profiles, changed(b"sorted(rows)", b"rows"))
    assert {name: names(by) for name, by in found.items()} == {"a": {"hot"}, "b": {"hot"}}


def test_what_no_benchmark_calls_while_it_is_timed_may_prepare_what_they_work_on():
    profiles = Profile((profile("a", FIND), profile("b", Frame("", 0, "sort"))))
    found = reached(BASE, profiles, changed(b"self.rows = rows", b"self.rows = list(rows)"))
    assert {name: names(by) for name, by in found.items()} == {"a": {"Table.__init__"}}


def test_a_benchmark_without_a_profile_counts_as_reached():
    failed = BenchmarkProfile("a", error="it hangs")
    assert reached(BASE, Profile((failed, profile("b", FIND), BenchmarkProfile("c"))), ()) == {"a": (), "c": ()}


def test_what_was_placed_before_reaches_by_calls_only():
    profiles = Profile((profile("a", FIND),))
    functions = changed(b"sorted(rows)", b"rows")
    assert reached(BASE, profiles, functions)
    assert not reached(BASE, profiles, functions, {"shop/core.py::hot"})
