"""Recorded profiles of every kind, as their tools write them, against the functions of a tree."""

import contextlib
import cProfile
import io
import json
import marshal
import pstats
import random

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.marshalled import loads
from bot.localize.rank import Ranker
from bot.localize.recorded import read_profile

FILES = {
    "pkg/core.py": "import functools\ndef slow(n):\n    return sum([i for i in range(n)])\n"
    "@functools.cache\ndef kept(x):\n    return slow(x)\n"
    "class T:\n    def visit(self, n):\n        return self.visit(n)\n",
    "src/tree.cpp": "namespace ns {\nint Tree::get(int k) {\n  return k;\n}\nint other() { return 1; }\n}\n",
    "src/plain.c": "int hash(int x) { return x; }\n",
    "go.mod": "module example.com/m\n",
    "store/store.go": "package store\nfunc (s *Store) Get() {\n}\nfunc Open() {}\n",
    "cmd/run/main.go": "package main\nfunc main() {}\nfunc work() {}\n",
    "src/lib.rs": "pub fn top() {}\n",
    "src/inner.rs": "impl Node { fn walk(&self) {} }\nfn twice() {}\n",
    "src/other.rs": "fn twice() {}\n",
    "src/main/java/com/ex/Foo.java": "class Foo { int bar() { return 1; } }\n",
    "web/api.js": "let a;\nfunction load() {\n  return a;\n}\n",
}
TREE = Snapshot("", {path: File(body.encode()) for path, body in FILES.items()})


def ranked(data, name="p"):
    index = Index(TREE)
    profile = read_profile(data if isinstance(data, bytes) else data.encode(), index, name=name)
    targets = Ranker(index, Exclusions(TREE)).rank(profile)
    shares = {str(one.function): (round(one.share_own, 3), round(one.share_total, 3)) for one in targets}
    return shares, profile


STATS = {
    ("~", 0, "<built-in method builtins.sum>"): (2, 2, 3.0, 3.0, {("/ci/pkg/core.py", 2, "slow"): (2, 2, 3.0, 3.0)}),
    ("/ci/pkg/core.py", 3, "<listcomp>"): (2, 2, 1.0, 1.0, {("/ci/pkg/core.py", 2, "slow"): (2, 2, 1.0, 1.0)}),
    ("/ci/pkg/core.py", 2, "slow"): (
        2,
        2,
        2.0,
        6.0,
        {("/ci/pkg/core.py", 4, "kept"): (1, 1, 0.5, 1.5), ("/ci/pkg/core.py", 8, "visit"): (1, 1, 1.5, 4.5)},
    ),
    ("/ci/pkg/core.py", 4, "kept"): (1, 1, 1.0, 2.5, {("/usr/lib/python3.11/x.py", 1, "run"): (1, 1, 1.0, 2.5)}),
    ("/ci/pkg/core.py", 8, "visit"): (
        1,
        5,
        3.0,
        7.5,
        {("/ci/pkg/core.py", 8, "visit"): (4, 0, 2.0, 6.0), ("/usr/lib/python3.11/x.py", 1, "run"): (1, 1, 1.0, 7.5)},
    ),
    ("/usr/lib/python3.11/x.py", 1, "run"): (1, 1, 0.0, 10.0, {}),
}


def test_cprofile_gives_the_times_that_it_measured():
    shares, profile = ranked(marshal.dumps(STATS))
    # slow: its own 2, the comprehension's 1, the 3 of sum(), which only it calls; recursion counts once.
    assert shares == {
        "pkg/core.py::slow": (0.6, 0.6),
        "pkg/core.py::kept": (0.1, 0.25),
        "pkg/core.py::T.visit": (0.3, 0.75),
    }
    calls = {frame.name: one for frame, one in profile.benchmarks[0].calls.items()}
    assert calls["visit"].count == 5
    assert calls["visit"].primitive == 1
    assert calls["slow"].native_seconds == 3.0


def test_a_real_cprofile_file_and_its_table_are_read(tmp_path):
    code = compile(FILES["pkg/core.py"], "/ci/pkg/core.py", "exec")
    names: dict = {}
    exec(code, names)  # noqa: S102 - the fixture above
    profiler = cProfile.Profile()
    profiler.runcall(names["kept"], 200_000)
    profiler.dump_stats(tmp_path / "p")
    data = (tmp_path / "p").read_bytes()
    assert loads(data) == marshal.loads(data)  # noqa: S302 - written just now
    shares, _ = ranked(data)
    assert shares["pkg/core.py::slow"][0] > 0.8
    assert shares["pkg/core.py::kept"][1] > 0.8
    text = io.StringIO()
    pstats.Stats(str(tmp_path / "p"), stream=text).print_stats()
    shares, profile = ranked(text.getvalue())
    assert shares["pkg/core.py::kept"][1] > 0.8
    assert "without their callers" in profile.notes[0]


def test_a_damaged_cprofile_file_is_a_sentence():
    whole = marshal.dumps(STATS)
    chance = random.Random(4)  # noqa: S311 - places of damage
    for _ in range(400):
        data = bytearray(whole[: chance.randrange(2, len(whole) + 1)])
        data[chance.randrange(2, len(data) + 1) - 1] = chance.randrange(256)
        with contextlib.suppress(Refused):  # anything else would be a fault
            read_profile(bytes(data), Index(TREE), name="p")


@pytest.mark.parametrize(
    "value",
    [
        {("a", 1, "f"): (1, 1, float("nan"), 0.1, {})},
        {("a", 1, "f"): (1, -1, 0.1, 0.1, {})},
        {("a", 1, "f"): (1, 1, 0.1, {})},
        {("a", "1", "f"): (1, 1, 0.1, 0.1, {})},
        {("a", 1, "f"): (1, 1, 0.1, 0.1, {"x": 1})},
        {1: 2},
    ],
)
def test_a_table_of_something_else_is_refused(value):
    with pytest.raises(Refused, match="is no whole cProfile file"):
        ranked(marshal.dumps(value))


@pytest.mark.parametrize(
    "data",
    [
        b"{c\0\0\0\0",  # a code object
        b"\xfb" + b"\xa9\1" * 5000,
        b"{(\xff\xff\xff\x7f",
        b"{\xa9\1r\0\0\0\0",
        b"{r\5\0\0\0",
        b"{{0",
    ],
)
def test_marshal_that_cprofile_never_writes_is_refused(data):
    with pytest.raises(ValueError, match=r"it |a tuple|a key"):
        loads(data + b"\0" * 4 if data[1:2] == b"c" else data)


def node(function, file, line, time, *children):
    return {"function": function, "file_path": file, "line_no": line, "time": time, "children": list(children)}


def test_pyinstruments_tree_is_read():
    tree = node(
        "<module>",
        "/ci/x.py",
        1,
        10.0,
        node("visit", "/ci/pkg/core.py", 8, 8.0, node("visit", "/ci/pkg/core.py", 8, 7.0, node("[self]", "", 0, 3.0))),
        node("slow", "/ci/pkg/core.py", 2, 2.0, node("<built-in sum>", None, None, 1.5)),
    )
    shares, profile = ranked(json.dumps({"sample_count": 12, "root_frame": tree}))
    assert shares == {"pkg/core.py::T.visit": (0.8, 0.8), "pkg/core.py::slow": (0.2, 0.2)}
    assert profile.benchmarks[0].samples == 12


SHARED = {"frames": [{"name": "main"}, {"name": "slow", "file": "/ci/pkg/core.py", "line": 3}, {"name": "ns::other()"}]}


def test_speedscopes_samples_and_events_are_read():
    sampled = {"type": "sampled", "samples": [[0, 1], [0, 2], [0]], "weights": [6, 3, 1]}
    moves = [("O", 0, 0), ("O", 1, 1), ("C", 7, 1), ("O", 7, 2), ("C", 10, 2), ("C", 10, 0)]
    evented = {
        "type": "evented",
        "startValue": 0,
        "events": [{"type": kind, "at": at, "frame": frame} for kind, at, frame in moves],
    }
    for one in (sampled, evented):
        shares, _ = ranked(json.dumps({"shared": SHARED, "profiles": [one]}))
        assert shares == {"pkg/core.py::slow": (0.6, 0.6), "src/tree.cpp::ns.other": (0.3, 0.3)}


@pytest.mark.parametrize(
    "raw",
    [
        {"shared": SHARED, "profiles": [{"type": "sampled", "samples": [[7]], "weights": [1]}]},
        {"shared": SHARED, "profiles": [{"type": "sampled", "samples": [[-1]], "weights": [1]}]},
        {"shared": SHARED, "profiles": [{"type": "sampled", "samples": [[0]], "weights": []}]},
        {"shared": {}, "profiles": []},
        {"shared": SHARED, "profiles": [{"type": "evented", "events": [{"type": "C", "at": 1, "frame": 0}]}]},
        {"root_frame": {"function": "f"}},
        {"root_frame": None},
        {"other": 1},
    ],
)
def test_json_of_something_else_is_refused(raw):
    with pytest.raises(Refused, match=r"^p "):
        ranked(json.dumps(raw))


PERF = """\
# captured on a machine
app  123 [001]  10.1:     300000 cycles:u:
\t    55d0a1 ns::Tree::get(int)+0x10 (/ci/build/app)
\t    55d0b2 main+0x2 (/ci/build/app)

app  123 [001]  10.2:     100000 cycles:u:
\t    7f00 __memcpy_avx (/usr/lib/libc.so.6)
\t    55d0c3 hash (inlined)
  plain.c:1
\t    55d0b2 main+0x2 (/ci/build/app)

node  9  10.3:     100000 cycles:u:
\t    7f01 LazyCompile:*load /ci/web/api.js:2:14 (/tmp/perf-9.map)

python  9  10.4:     500000 cycles:u:
\t    7f02 py::T.visit:/ci/pkg/core.py (/tmp/perf-9.map)
\t    7f03 [unknown] ([unknown])

java  9  10.5:     250000 cycles:u:
\t    7f04 Lcom/ex/Foo;::bar (/tmp/perf-9.map)
"""


def test_perf_script_is_read():
    shares, _ = ranked(PERF)
    assert shares == {
        "src/tree.cpp::ns.Tree.get": (0.24, 0.24),
        "src/plain.c::hash": (0.08, 0.08),
        "web/api.js::load": (0.08, 0.08),
        "pkg/core.py::T.visit": (0.4, 0.4),
        "src/main/java/com/ex/Foo.java::Foo.bar": (0.2, 0.2),
    }


TRACES = """\
File: m.test
Type: cpu
-----------+-------------------------------------------------------
     30ms   runtime.memmove
             example.com/m/store.(*Store).Get
             main.main
-----------+-------------------------------------------------------
  bytes:  16B
     0.07s   example.com/m/store.Open.func1 (inline)
             main.main
-----------+-------------------------------------------------------
"""
TOP = """\
File: m.test
Type: cpu
Showing nodes accounting for 0.90s, 90% of 1s total
      flat  flat%   sum%        cum   cum%
     500ms 50.00% 50.00%      0.80s 80.00%  example.com/m/store.(*Store).Get
     0.40s 40.00% 90.00%      0.40s 40.00%  runtime.mallocgc
         0     0% 90.00%         1s   100%  main.main
"""


def test_pprofs_traces_are_read():
    shares, _ = ranked(TRACES)
    assert shares == {
        "store/store.go::Store.Get": (0.3, 0.3),
        "store/store.go::Open": (0.7, 0.7),
        "cmd/run/main.go::main": (0.0, 1.0),
    }


def test_pprofs_list_gives_own_and_total_time():
    shares, profile = ranked(TOP)
    assert shares == {"store/store.go::Store.Get": (0.5, 0.8), "cmd/run/main.go::main": (0.0, 1.0)}
    assert "without their callers" in profile.notes[0]


def test_a_unit_that_is_not_known_is_refused():
    with pytest.raises(Refused, match="weight that cannot be read"):
        ranked(TRACES.replace("30ms", "30parsec"))


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("ns::Tree::get(int) const", "src/tree.cpp::ns.Tree.get"),
        ("int ns::Tree::get<int>(std::vector<int> const&)", "src/tree.cpp::ns.Tree.get"),
        ("other::Tree::get(int)", None),
        ("Tree::get(int)", None),
        ("hash", "src/plain.c::hash"),
        ("hash.constprop.0", "src/plain.c::hash"),
        ("std::hash", None),
        ("example.com/m/store.(*Store).Get", "store/store.go::Store.Get"),
        ("example.com/m/store.(*Store[...]).Get", "store/store.go::Store.Get"),
        ("example.com/other/store2.Open", None),
        ("golang.org/x/kept/store.Open", None),
        ("main.work", "cmd/run/main.go::work"),
        ("store.work", None),
        ("krate::top", "src/lib.rs::top"),
        ("krate::inner::Node::walk::h0123456789abcdef", "src/inner.rs::Node.walk"),
        ("<krate::inner::Node as krate::Walk>::walk", "src/inner.rs::Node.walk"),
        ("krate::inner::Node::walk::{{closure}}", "src/inner.rs::Node.walk"),
        ("krate::inner::twice", "src/inner.rs::twice"),
        ("krate::third::twice", None),
        ("core::top", None),
        ("com/ex/Foo.bar", "src/main/java/com/ex/Foo.java::Foo.bar"),
        ("org/ex/Foo.bar", None),
        ("slow", None),
        ("[unknown]", None),
        ("0x7f001", None),
    ],
)
def test_symbols_mean_a_function_only_where_all_of_them_fits(symbol, expected):
    shares, _ = ranked(f"root;{symbol} 5\n")
    assert list(shares) == ([] if expected is None else [expected])


def test_a_symbol_that_two_functions_could_be_is_said():
    files = {"a/x.c": "static int f(void) { return 1; }\n", "b/y.c": "static int f(void) { return 2; }\n"}
    index = Index(Snapshot("", {path: File(body.encode()) for path, body in files.items()}))
    profile = read_profile(b"main;f 3\n", index, name="p")
    assert profile.notes == (
        "p: 'f' could be several functions (a/x.c::f, b/y.c::f, ...): left out",
        "p has no frame in this repository's files",
    )


def test_a_compressed_file_is_a_sentence():
    with pytest.raises(Refused, match="is compressed"):
        ranked(b"\x1f\x8b\x08\0")
