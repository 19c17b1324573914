import ast
from pathlib import Path

import pytest

from bot.app.init import configuration, plan
from bot.app.starter import starter
from bot.config import Config, parse
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate.project import detect

BENCH = b"def bench_x():\n    return 1\n"


def tree(files):
    return Snapshot("", {path: File(data) for path, data in files.items()})


def project(found):
    return detect(found, Path("/nowhere"), Config(), python="/bin/sh")


def planned(files, **flags):
    found = tree(files)
    return plan(found, project(found), **flags)


def test_what_is_detected_by_itself_is_not_written_down():
    found = planned({"benchmarks/bench_a.py": BENCH, "tests/test_a.py": b""})
    ((path, text),) = found.files
    assert path == ".hotlap.yml"
    assert parse(text.encode()) == Config()
    assert "Detected: 1 file(s) of kind functions" in text
    assert found.following[0] == "hotlap localize --profile"


def test_an_interpreter_that_was_named_is_kept():
    found = planned({"benchmarks/bench_a.py": BENCH}, python="/opt/a b/python")
    assert parse(found.files[0][1].encode()).python == "/opt/a b/python"


def test_every_comment_is_valid_where_it_is_uncommented():
    text = planned({"src/shop/core.py": b"", "tests/test_a.py": b""}).files[0][1]
    keys = [line for line in text.splitlines() if line.startswith("# ") and ":" in line.partition("  #")[0]]
    lines = [line[2:] for line in keys if line[2:].lstrip().partition(":")[0].replace("_", "").isalnum()]
    found = parse("\n".join(lines).encode())
    assert found.import_roots == ("src", "")
    assert found.tests.command == ("python", "-m", "pytest", "-q")
    assert found.env == {"DJANGO_SETTINGS_MODULE": "shop.settings"}


def test_benchmarks_in_unusual_places_are_named():
    found = planned({"tools/speed.py": BENCH, "tools/other.py": b""})
    assert parse(found.files[0][1].encode()).benchmarks.paths == ("tools/speed.py",)
    assert "tools/speed.py" in found.notes[-1]
    assert found.following[0] == "hotlap localize --profile"


@pytest.mark.parametrize("name", ['we"ird: #x.py', "a b'.py", "\N{SNOWMAN}.py", "back\\slash.py", "- list.py"])
def test_names_of_strangers_stay_names(name):
    found = planned({f"tools/{name}": BENCH})
    assert parse(found.files[0][1].encode()).benchmarks.paths == (f"tools/{name}",)


@pytest.mark.parametrize("name", ["a\nb.py", "\x1b[31m.py", "\udcff.py", "*.py", "[a].py"])
def test_names_that_no_line_can_hold_are_left_out(name):
    text = planned({f"tools/{name}": BENCH}).files[0][1]
    assert parse(text.encode()) == Config()


def test_hostile_notes_stay_comments():
    hostile = Project("/p", ("a\nversion: 9",), ("x\npython: evil",), (), notes=("tests: x\npython: /evil",))
    assert parse(configuration(hostile, None, ()).encode()) == Config()


def test_a_first_benchmark_only_where_it_is_asked_for_and_there_is_none():
    files = {"shop/__init__.py": b"", "shop/core.py": b"x = 1\n"}
    assert planned(files).following == ("hotlap init --benchmark",)
    assert [path for path, _ in planned(files, benchmark=True).files] == [".hotlap.yml", "benchmarks/bench_shop.py"]
    found = planned(files | {"benchmarks/bench_a.py": BENCH}, benchmark=True)
    assert len(found.files) == 1
    assert "there are benchmarks already" in found.notes[-1]


LOOP = b"def total(rows):\n    for row in rows:\n        pass\n\n\ndef _hidden(n):\n    while n:\n        n -= 1\n"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"shop/__init__.py": b"", "shop/core.py": LOOP, "tests/test_a.py": LOOP * 9}, "shop"),
        ({"src/shop/__init__.py": b"", "src/shop/core.py": LOOP, "setup.py": LOOP * 9}, "shop"),
        ({"single.py": LOOP}, "single"),
        ({"small/__init__.py": b"", "large/__init__.py": LOOP}, "large"),
        ({"not-a-name/core.py": LOOP, "class.py": LOOP, "loose/core.py": LOOP}, "example"),
        ({"README.md": b""}, "example"),
    ],
)
def test_a_first_benchmark_imports_the_largest_package(files, name):
    found = tree(files)
    path, text = starter(found, project(found).import_roots)
    assert path == f"benchmarks/bench_{name}.py"
    imported = [node.names[0].name for node in ast.parse(text).body if isinstance(node, ast.Import)]
    assert imported == ([] if name == "example" else [name])


def test_a_first_benchmark_suggests_functions_with_loops_and_runs():
    files = {"single.py": LOOP}
    _, text = starter(tree(files), ("",))
    assert "single.total" in text
    assert "_hidden" not in text
    names = {}
    exec(compile(starter(tree({}), ("",))[1], "starter", "exec"), names)  # noqa: S102 - it is ours
    assert names["bench_example"](names["setup_example"](3)) == sorted(names["setup_example"](3))
