import hashlib
import textwrap
import time
from types import SimpleNamespace

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.localize.grammar import QUERIES, grammar
from bot.localize.index import Index
from bot.localize.meaning import Meaning
from bot.localize.reading import blob_id, read_file
from bot.localize.tokens import meaning
from tests.fakes.ports import FakeCache

SOURCES = {
    "a.js": (
        """\
        class A {
          #hidden() { for (;;) { while (x) {} } }
          get size() { return 1 }
          set size(v) {}
          arrow = () => {
            return 1
          }
        }
        const outer = async (x) => {
          const inner = function () { for (const y of x) {} }
          return inner
        }
        exports.given = function () {}
        A.prototype.late = function () {}
        const table = { key() {}, other: () => 1 }
        export default () => 1
        """,
        [
            ("A.#hidden", 2, 2, 2),
            ("A.size", 3, 3, 0),
            ("A.size", 4, 4, 0),
            ("A.arrow", 5, 7, 0),
            ("outer", 9, 12, 0),
            ("outer.inner", 10, 10, 1),
            ("given", 13, 13, 0),
            ("A.late", 14, 14, 0),
            ("table.key", 15, 15, 0),
            ("table.other", 15, 15, 0),
            ("default", 16, 16, 0),
        ],
    ),
    "a.ts": (
        """\
        namespace N {
          export class C<T> {
            @first()
            @second
            m(x: T): string { return '' }
            private f = (x: T) => x;
          }
          export function over(x: string): string;
          export function over(x: any) { return x }
        }
        abstract class B { abstract a(): void; b() {} }
        """,
        [("N.C.m", 3, 5, 0), ("N.C.f", 6, 6, 0), ("N.over", 9, 9, 0), ("B.b", 11, 11, 0)],
    ),
    "a.tsx": ("export const App = () => <div>{rows.map((y) => <b/>)}</div>\n", [("App", 1, 1, 0)]),
    "a.go": (
        """\
        package p
        func F[T any](x T) T { for { } }
        func (t *Tree[K]) Get(k K) {
            f := func() { for {} }
            f()
        }
        func (Tree) Put() {}
        var V = func() {}
        """,
        [("F", 2, 2, 1), ("Tree.Get", 3, 6, 1), ("Tree.Put", 7, 7, 0), ("V", 8, 8, 0)],
    ),
    "a.rs": (
        """\
        mod m {
            #[inline]
            #[cold]
            pub fn f() { loop {} }
        }
        impl<'a, T: Ord> fmt::Display for Foo<'a, T> { fn fmt(&self) { for x in y {} } }
        impl Tr for &'a mut Q { fn go() { let c = |x| x; } }
        trait T { fn no(&self); fn yes(&self) {} }
        """,
        [("m.f", 2, 4, 1), ("Foo.fmt", 6, 6, 1), ("Q.go", 7, 7, 0), ("T.yes", 8, 8, 0)],
    ),
    "A.java": (
        """\
        class A<T> {
          A() {}
          @Override
          public int m() { for (int i : x) {} return 1; }
          int m(int a) { return 1; }
          enum E { X; static int z() { return 1; } }
          record R(int a) { R { } }
          abstract int n();
          Runnable r = new Runnable() { public void run() {} };
          interface I { default void d() {} }
        }
        """,
        [
            ("A.A", 2, 2, 0),
            ("A.m", 3, 4, 1),
            ("A.m", 5, 5, 0),
            ("A.E.z", 6, 6, 0),
            ("A.R.R", 7, 7, 0),
            ("A.run", 9, 9, 0),
            ("A.I.d", 10, 10, 0),
        ],
    ),
    "a.c": (
        """\
        #ifdef X
        static int *f(int a) { for(;;); return 0; }
        #else
        static int *f(int a) { return 0; }
        #endif
        int (*g(void))(int) { return 0; }
        int only_declared(int);
        """,
        [("f", 2, 2, 1), ("f", 4, 4, 0), ("g", 6, 6, 0)],
    ),
    "a.cpp": (
        """\
        namespace a::b {
        template <class T>
        class V {
          V() : x(1) {}
          ~V() {}
          T& operator[](int i) { return x; }
          operator bool() const { return 1; }
          void gone() = delete;
          struct In { void q() const noexcept { for (auto x : y) {} } };
        };
        template <class T>
        void V<T>::out(int x) { auto l = [](int y) { return y; }; }
        }
        int a::b::V<int>::In::w() { return 1; }
        std::vector<int>& ref() { return x; }
        int my_operator(int x) { return 1; }
        """,
        [
            ("a.b.V.V", 4, 4, 0),
            ("a.b.V.~V", 5, 5, 0),
            ("a.b.V.operator[]", 6, 6, 0),
            ("a.b.V.operator bool", 7, 7, 0),
            ("a.b.V.In.q", 9, 9, 1),
            ("a.b.V.out", 11, 12, 0),
            ("a.b.V.In.w", 14, 14, 0),
            ("ref", 15, 15, 0),
            ("my_operator", 16, 16, 0),
        ],
    ),
}


@pytest.mark.parametrize("path", sorted(SOURCES))
def test_functions_are_found_in_each_language(path):
    text, expected = SOURCES[path]
    found = read_file(path, textwrap.dedent(text).encode()).definitions
    assert [
        (one.function.qualname, one.function.span.start, one.function.span.end, one.loops) for one in found
    ] == expected


def test_headers_are_read_as_what_they_hold():
    assert [one.language for one in read_file("a.h", b"static int f(void) { return 1; }\n").functions] == ["c"]
    found = read_file("a.h", b"class A {\npublic:\n  int f() { return 1; }\n};\n").functions
    assert [(one.qualname, one.language) for one in found] == [("A.f", "cpp")]


def test_a_hash_is_that_of_the_lines_and_lines_are_gits():
    data = b"let x = '\x0c\xe2\x80\xa8';\r\nfunction f() {\r\n}\r\n"
    (one,) = read_file("a.js", data).functions
    assert (one.span.start, one.span.end) == (2, 3)
    assert one.body_hash == hashlib.sha256(b"function f() {\r\n}\r\n").hexdigest()


def test_a_syntax_error_costs_no_more_than_what_is_broken():
    assert read_file("a.go", b"package p\nfunc A() {}\nfunc (\nfunc B() {}\n").functions[0].qualname == "A"
    assert [one.qualname for one in read_file("a.c", b"if (x) { }\nint f(void) { return 1; }\n").functions] == ["f"]


def test_names_that_are_not_utf_8_are_read():
    (one,) = read_file("a.c", b"/* \xe9 */ int f(void) { return '\xe9'; }\n").functions
    assert one.qualname == "f"


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"\0\1\2", "it is binary"),
        ("function f() {}".encode("utf-16"), "it is binary"),
        (b"var x;" * 5000, "minified"),
        (b"var x;\n" * 600_000, "more than 4 MB"),
    ],
)
def test_files_that_are_no_source_are_said(data, part):
    found = read_file("a.js", data)
    assert not found.definitions
    assert found.problem is not None
    assert found.problem.startswith("a.js was not indexed: ")
    assert part in found.problem


@pytest.mark.parametrize(
    ("path", "opened", "part"),
    [
        ("a.ts", "function f{}() {{\n", "more than 100 functions and scopes inside of each other"),
        ("a.cpp", "namespace n{} {{\n", "more than 100 functions"),
        ("A.java", "class C{} {{\n", "more than 100 functions"),
    ],
)
def test_a_file_nested_without_end_is_left_out_with_a_sentence(path, opened, part):
    for depth, why in ((300, part), (10_000, "nested too deeply")):
        began = time.process_time()
        data = ("".join(opened.format(one) for one in range(depth)) + "}\n" * depth).encode()
        found = read_file(path, data)
        assert found.problem is not None
        assert why in found.problem
        assert time.process_time() - began < 2
        assert meaning(path, data) == Meaning()


def test_functions_below_many_blocks_are_left_out_in_no_time():
    data = b"{" * 4000 + b"function f() {}\n" * 4000 + b"}" * 4000
    began = time.process_time()
    assert "nested too deeply" in (read_file("a.ts", data).problem or "")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "class A:\n    def NAME(self): pass\n"),
        ("a.js", "class NAME { f() {} }"),
        ("a.rs", "impl A<\nB<B<NAME>>> { fn f() {} }"),
        ("a.go", "package p\nfunc (a *NAME) f() {}"),
        ("a.c", "int NAME(void) { return 1; }"),
    ],
)
def test_a_name_without_end_leaves_the_file_out(path, text):
    found = read_file(path, text.replace("NAME", "n" * 1500).encode())
    assert not found.functions
    assert "longer than 1,000 characters" in (found.problem or "")
    assert read_file(path, text.replace("NAME", "n" * 500).encode()).problem is None


def test_deep_nesting_does_not_end_the_process():
    assert read_file("a.js", b"function f() { return " + b"(" * 9000 + b"1" + b")" * 9000 + b" }\n").functions


def test_a_missing_grammar_is_an_error_and_not_a_file_without_functions():
    def load(name):
        raise ModuleNotFoundError(name)

    with pytest.raises(Refused, match=r"the grammar for go files is missing .*install tree-sitter-go"):
        grammar("go", load)


def test_a_grammar_that_does_not_fit_the_parser_is_an_error():
    with pytest.raises(Refused, match="does not fit"):
        grammar("rust", lambda _: SimpleNamespace(language=lambda: 0))


@pytest.mark.parametrize("dialect", sorted(QUERIES))
def test_every_grammar_is_there(dialect):
    assert grammar(dialect).query.pattern_count > 0


BODIES = {
    "a.py": "def f(): pass\n",
    "b.py": "def f(:\n",
    "c.go": "package p\nfunc (t *T) M() {}\n",
    "d.js": "x" * 30_000,
}
TREE = Snapshot("", {path: File(body.encode()) for path, body in BODIES.items()})


def test_the_blob_id_is_gits():
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_a_second_run_reads_from_the_cache_and_says_the_same():
    cache = FakeCache()
    first, plain = Index(TREE, cache), Index(TREE)
    assert first.everything() == plain.everything() != ()
    assert len(cache.known) == 4
    cache.known = {
        key: value.replace(b'"f"', b'"remembered"').replace(b'"T.M"', b'"T.Again"')
        for key, value in cache.known.items()
    }
    second = Index(TREE, cache)
    assert [one.qualname for one in second.everything()] == ["remembered", "T.Again"]
    assert second.problems == plain.problems


def test_a_moved_file_is_remembered_under_its_new_path_and_a_changed_one_is_not():
    cache = FakeCache()
    Index(TREE, cache).everything()
    moved = Index(Snapshot("", {"new/z.go": TREE.files["c.go"], "a.py": File(b"def g(): pass\n")}), cache)
    before = len(cache.known)
    assert [str(one) for one in moved.everything()] == ["a.py::g", "new/z.go::T.M"]
    assert len(cache.known) == before + 1


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"functions":[[1,2]],"problem":null}',
        b'{"functions":[["f","1",2,"h","go",0,false]],"problem":null}',
        b'{"functions":[],"problem":3}',
        b'{"functions":7}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_an_entry_that_cannot_be_understood_is_read_anew(damage):
    cache = FakeCache()
    expected = Index(TREE, cache).everything()
    cache.known = dict.fromkeys(cache.known, damage)
    assert Index(TREE, cache).everything() == expected
    assert damage not in cache.known.values()


NAMES = {
    "src/core/tree.cpp": "namespace ns { struct Tree { int get() { return 1; } }; }\nint ns::other() { return 2; }\n",
    "src/lib.rs": "mod m { fn f() {} }\n",
    "pkg/store/store.go": "package store\nfunc (s *Store) Get() {}\nfunc Open() {}\n",
    "main/java/com/ex/Foo.java": "class Foo { int bar() { return 1; } }\n",
    "web/api.ts": "export function load() {}\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ns::Tree::get", "src/core/tree.cpp::ns.Tree.get"),
        ("Tree::get", "src/core/tree.cpp::ns.Tree.get"),
        ("src/core/tree.cpp::ns::Tree::get", "src/core/tree.cpp::ns.Tree.get"),
        ("src/core/tree.cpp::ns.other", "src/core/tree.cpp::ns.other"),
        ("crate::m::f", "src/lib.rs::m.f"),
        ("store.Open", "pkg/store/store.go::Open"),
        ("store.Store.Get", "pkg/store/store.go::Store.Get"),
        ("com.ex.Foo.bar", "main/java/com/ex/Foo.java::Foo.bar"),
        ("web.api.load", "web/api.ts::load"),
        ("load", "web/api.ts::load"),
    ],
)
def test_names_of_other_languages_mean_what_they_spell(text, expected):
    index = Index(Snapshot("", {path: File(body.encode()) for path, body in NAMES.items()}))
    assert [str(one) for one in index.named(text)] == [expected]
