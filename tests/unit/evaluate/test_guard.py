"""What the guard lets through and what it refuses, by code."""

import pytest

from bot.domain.code import File, FileChange, FunctionId, Snapshot, Span, Target
from bot.evaluate.guard import check, constructs, literals, state

BASE = b"""\
import math

LIMIT = 3


class Registry:
    kind = "plain"

    def __init__(self, items):
        self._items = list(items)

    def find(self, name, default=None):
        for item in self._items:
            if item[0] == name:
                return item[1]
        return default


def total(values, *, scale=1):
    result = 0
    for value in values:
        result += value * scale
    return result


def stream(values):
    for value in values:
        yield value
"""
TREE = Snapshot("c0ffee", {"pkg/core.py": File(BASE), "pkg/__init__.py": File(b""), "data.json": File(b"{}")})
TARGET = Target(FunctionId("total", Span("pkg/core.py", 20, 24), "h"))


def change(old: str, new: str) -> tuple[FileChange, ...]:
    text = BASE.decode()
    assert old in text
    return (FileChange("pkg/core.py", BASE, text.replace(old, new).encode()),)


def codes(changes, target=TARGET, **settings):
    return {one.code for one in check.objections(TREE, changes, check.GuardSettings(**settings), target)}


HONEST = [
    (
        "    result = 0\n    for value in values:\n        result += value * scale\n    return result\n",
        "    return sum(value * scale for value in values)\n",
    ),
    ("import math\n", "import math\nfrom bisect import insort\n"),
    (
        "        self._items = list(items)\n",
        "        self._items = list(items)\n        self._index = dict(self._items)\n",
    ),
    ("def total(values, *, scale=1):\n", "def _helper(a):\n    return a\n\n\ndef total(values, *, scale=1):\n"),
    ("LIMIT = 3\n", "LIMIT = 3\n_TABLE = {1: 2}\n"),
]


@pytest.mark.parametrize(("old", "new"), HONEST)
def test_honest_changes_pass(old, new):
    assert codes(change(old, new)) == set()


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("    import time\n    result = 0\n", "guard.construct"),
        ("    import gc; gc.disable()\n    result = 0\n", "guard.construct"),
        ("    math.floor = int\n    result = 0\n", "guard.construct"),
        ("    eval('1')\n    result = 0\n", "guard.construct"),
        ("    import os\n    os.environ.get('CI')\n    result = 0\n", "guard.construct"),
        ("    import threading\n    result = 0\n", "guard.construct"),
        ("    try:\n        pass\n    except Exception:\n        pass\n    result = 0\n", "guard.construct"),
        ("    import numba\n    result = 0\n", "guard.dependency"),
        ("    yield 1\n    result = 0\n", "guard.signature"),
    ],
)
def test_constructs_that_a_speed_up_does_not_need(new, code):
    assert codes(change("    result = 0\n", new)) == {code}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def total(values, *, scale=1):", "def total(values, *, scale=2):"),
        ("def total(values, *, scale=1):", "def total(values, scale=1):"),
        ("def total(values, *, scale=1):", "async def total(values, *, scale=1):"),
        ("class Registry:", "class Registry(dict):"),
        ("LIMIT = 3\n", ""),
        ("    def find(self, name, default=None):", "    def find(self, key, default=None):"),
        ("    def find(", "    @staticmethod\n    def find("),
    ],
)
def test_what_callers_see_may_not_change(old, new):
    assert "guard.signature" in codes(change(old, new))


@pytest.mark.parametrize(
    "path",
    ["tests/test_core.py", "conftest.py", "pkg/conftest.py", "pyproject.toml", ".gitlab-ci.yml", "pkg/test_x.py",
     "benchmarks/bench_core.py", "requirements-dev.txt", "sitecustomize.py", "x.pth", "pkg/tests/data.py",
     ".hotlap.yml", "pkg/sum_test.go", "go.mod", "crates/a/benches/x.rs", "Cargo.toml", "core/src/jmh/java/B.java",
     "pom.xml", "lib/CMakeLists.txt", "core/src/test/java/T.java",
     ".Hotlap.yml", ".GITLAB-CI.YML", "Tests/Data.py", "CONFTEST.py", ".GitHub/CODEOWNERS"],
)  # fmt: skip
def test_what_decides_about_a_candidate_is_protected(path):
    assert "guard.protected" in codes((FileChange(path, None, b"x = 1\n"),), target=None)


def test_scope_is_the_targets_file():
    assert codes((FileChange("pkg/__init__.py", b"", b"x = 1\n"),)) == {"guard.scope"}
    assert codes((FileChange("pkg/__init__.py", b"", b"x = 1\n"),), target=None) == set()
    assert codes((FileChange("data.json", b"{}", b"[]"),), target=None) == {"guard.scope"}
    assert codes((FileChange("README.md", None, b"text"),), target=None) == set()


def test_a_new_file_may_not_hide_the_standard_library():
    assert codes((FileChange("json.py", None, b"x = 1\n"),), target=None) == {"guard.scope"}


def test_configured_globs_protect_too():
    assert codes(change("LIMIT = 3", "LIMIT = 3 + 0"), protected=("pkg/core.*",)) == {"guard.protected"}
    assert codes(change("LIMIT = 3", "LIMIT = 3 + 0"), protected=("PKG/Core.*",)) == {"guard.protected"}


def test_a_change_without_effect_is_refused():
    assert codes((FileChange("pkg/core.py", BASE, BASE),)) == {"guard.no-change"}
    assert codes(()) == {"guard.no-change"}


def test_size_is_bounded():
    body = "".join(f"    result += {n}\n" for n in range(50))
    assert codes(change("    result = 0\n", "    result = 0\n" + body), max_lines=40) == {"guard.size"}


def test_symbolic_links_and_binary_content_are_refused():
    tree = Snapshot("c", {"a.py": File(link="/etc/passwd")})
    found = check.objections(tree, (FileChange("a.py", None, b"x"),), check.GuardSettings())
    assert {one.code for one in found} == {"guard.scope"}
    assert "guard.scope" in codes((FileChange("pkg/core.py", BASE, BASE + b"\0"),))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def total(", "_seen = {}\n\n\ndef total("),
        ("def total(", "import functools\n\n\n@functools.lru_cache\ndef total("),
        ("def total(values, *, scale=1):", "def total(values, *, scale=1, _memo={}):"),
        ("    result = 0\n", "    global LIMIT\n    LIMIT = 4\n    result = 0\n"),
        ("    result = 0\n", "    total.memo = {}\n    result = 0\n"),
        ("import math\n", "import functools\nimport math\nfast = functools.lru_cache(None)(math.sqrt)\n"),
        ('    kind = "plain"\n', '    kind = "plain"\n    _memo = {}\n'),
    ],
)
def test_state_between_calls_is_recognised(old, new):
    after = change(old, new)[0].after
    text = (
        after.decode().replace("    result = 0\n", "    _seen[1] = 2\n    _memo[1] = 2\n    result = 0\n")
        if "= {}\n" in new
        else after.decode()
    )
    assert state.added(BASE, text.encode())


@pytest.mark.parametrize(("old", "new"), HONEST)
def test_honest_changes_keep_no_state(old, new):
    assert state.added(BASE, change(old, new)[0].after) == []


def test_large_literals_are_named_once():
    table = "_T = (" + ", ".join(map(str, range(100))) + ")\n"
    assert literals.large_literals(change("LIMIT = 3\n", "LIMIT = 3\n" + table)) == [
        "a literal of 100 elements in pkg/core.py"
    ]
    assert literals.large_literals(change("LIMIT = 3\n", "LIMIT = 3\n_T = (1, 2)\n")) == []


@pytest.mark.parametrize("after", [b"def (", b"\xff\xfe", b"x = 1\0"])
def test_files_that_do_not_parse_raise_nothing(after):
    list(check.objections(TREE, (FileChange("pkg/core.py", BASE, after),), check.GuardSettings(), TARGET))
    literals.large_literals((FileChange("pkg/core.py", BASE, after),))
    state.added(BASE, after)


@pytest.mark.parametrize(
    "new",
    [
        "from os import environ as e\n",
        "from sys import modules\n    modules.clear()\n",
        "import sys as s\n    s._getframe()\n",
        "import os\n    getattr(os, 'environ')\n",
        "import os\n    getattr(os, 'env' + 'iron')\n",
        "import os\n    os.posix_spawn('x', [], {})\n",
        "import pathlib\n    pathlib.Path('x').write_text('y')\n",
        "try:\n        raise KeyError\n    except KeyError as e:\n        e.__traceback__\n",
        "total.__globals__['x'] = 1\n",
        "total.__defaults__ = (2,)\n",
        "import __main__\n    __main__.clock = int\n",
        "import contextlib\n    with contextlib.suppress(Exception):\n        pass\n",
        "type('Rows', (list,), {})\n",
        "import numpy as n\n    n.seterr(all='ignore')\n",
        "raise SystemExit(0)\n",
        "here = __file__\n",
        "import io\n    io.open('x', 'w')\n",
        "import random as r\n    r.getstate()\n",
        "import decimal\n    decimal.getcontext().prec = 3\n",
        "from . import tests\n",
        "from test_core import VALUES\n",
        "import benchmarks.bench_core\n",
    ],
)
def test_constructs_are_found_under_other_names(new):
    others = {"pkg/test_core.py": File(b""), "pkg/tests/x.py": File(b""), "benchmarks/bench_core.py": File(b"")}
    others |= {"pkg/other.py": File(b"import numpy\n")}
    tree = Snapshot("c", {**TREE.files, **others})
    changes = change("    result = 0\n", f"    {new}    result = 0\n")
    found = {one.code for one in check.objections(tree, changes, check.GuardSettings(), TARGET)}
    assert found == {"guard.construct"}


def test_a_further_use_of_what_was_imported_counts():
    before = b"import threading\n\n_lock = threading.Lock()\n"
    assert constructs.added(before, before + b"threading.Thread(target=print).start()\n")
    assert constructs.added(before, b"import threading\n\n_guard = threading.Lock()\n") == []


def test_one_way_of_reading_a_directory_is_as_good_as_another():
    before = b"import os\nnames = [n for n in os.listdir('.') if os.stat(n)]\n"
    after = b"import os\nnames = [e.name for e in os.scandir('.')] + [e.name for e in os.scandir('x')]\n"
    assert constructs.added(before, after) == []
    assert constructs.added(b"import os\n", after) == ["use of the file system"]


@pytest.mark.parametrize("new", ["import io\n    io.StringIO()\n", "import os\n    os.path.join('a', 'b')\n"])
def test_harmless_parts_of_the_same_modules_pass(new):
    assert codes(change("    result = 0\n", f"    {new}    result = 0\n")) == set()


def test_what_only_benchmarks_or_tests_import_is_no_dependency_of_the_source():
    files = {**TREE.files, "benchmarks/bench_x.py": File(b"import numpy"), "tests/test_x.py": File(b"import pandas")}
    files["pyproject.toml"] = File(b"[project]\ndependencies = [\"sorted-containers>=2; python_version > '3'\"]\n")
    for name, expected in (("numpy", 1), ("pandas", 1), ("sorted_containers", 0)):
        changes = change("import math\n", f"import math\nimport {name}\n")
        found = [one.code for one in check.objections(Snapshot("", files), changes, check.GuardSettings())]
        assert found == ["guard.dependency"] * expected


def test_what_may_be_imported_can_be_configured():
    new = "    import numba, threading\n    threading.Lock()\n    result = 0\n"
    assert codes(change("    result = 0\n", new), allow_imports=("numba", "threading")) == set()
    assert codes(change("    result = 0\n", new), allow_imports=("numba",)) == {"guard.construct"}


def test_only_included_files_may_change_where_some_are_named():
    assert codes(change("LIMIT = 3", "LIMIT = 3 + 0"), include=("lib/**",)) == {"guard.scope"}
    assert codes(change("LIMIT = 3", "LIMIT = 3 + 0"), include=("pkg/**",)) == set()


@pytest.mark.parametrize(
    "value",
    [f"'{'a b c d ' * 70}'.split()", "0x" + "7f" * 600, "{'a': [" + "1, 2, " * 20 + "], 'b': (" + "3, " * 40 + ")}"],
)
def test_large_literals_are_seen_in_any_form(value):
    assert literals.large_literals(change("LIMIT = 3\n", f"LIMIT = 3\n_T = {value}\n"))


def test_long_docstrings_are_no_tables():
    prose = "text " * 200
    assert literals.large_literals(change("LIMIT = 3\n", f'LIMIT = 3\n\n\ndef f():\n    "{prose}"\n')) == []


@pytest.mark.parametrize(
    "new",
    [
        "from functools import cache as c\n\n\n@c\ndef _f(a):\n    return a\n",
        "def _make():\n    seen = {}\n\n    def f(a):\n        seen[a] = a\n\n    return f\n\n\n_f = _make()\n",
        "def _make():\n    kept = []\n    while True:\n        kept.append((yield))\n\n\n_f = _make()\n",
        "class _Memo:\n    def get(self, a):\n        self.last = a\n        return a\n\n\n_MEMO = _Memo()\n",
        "_PAIR = ({}, [])\n\n\ndef _f(a):\n    _PAIR[0][a] = a\n",
        "_TEN = [None] * 10\n\n\ndef _f(a):\n    _TEN[a] = a\n",
        "def _g():\n    pass\n\n\ndef _f(a):\n    _g.last = a\n",
        "class _A:\n    def f(self, a):\n        type(self).last = a\n",
        "class _A:\n    def f(self, a):\n        self.__class__.last = a\n",
        "import itertools\n\n_N = itertools.count()\n\n\ndef _f(a):\n    return next(_N)\n",
    ],
)
def test_state_between_calls_is_recognised_in_other_forms(new):
    assert state.added(BASE, BASE + new.encode())


@pytest.mark.parametrize(
    "new",
    [
        "def _seen():\n    pass\n\n\ndef _f(a):\n    _seen = {}\n    _seen[a] = a\n    return _seen\n",
        "def _f(a):\n    def known(b):\n        return table.setdefault(b, b)\n\n    table = {}\n    return known(a)\n",
        "class _Row:\n    def __init__(self, a):\n        self.a = a\n\n\n_FIRST = _Row(1)\n",
        "_NAMES = {1: 2}\n\n\ndef _f(a):\n    names = dict(_NAMES)\n    names[a] = a\n    return names\n",
    ],
)
def test_what_ends_with_the_call_is_no_state(new):
    assert state.added(BASE, BASE + new.encode()) == []
