import hashlib
import textwrap

import pytest

from bot.domain.code import File, Snapshot
from bot.localize.index import Index, functions
from bot.localize.spans import read


def spans(source: str | bytes) -> list[tuple[str, int, int]]:
    data = source if isinstance(source, bytes) else textwrap.dedent(source).lstrip("\n").encode()
    return [(one.qualname, one.span.start, one.span.end) for one in functions("a.py", data)]


def tree(**files: str) -> Index:
    named = {name.replace("__", "/") + ".py": File(textwrap.dedent(text).encode()) for name, text in files.items()}
    return Index(Snapshot("", named))


def test_a_span_begins_at_the_first_decorator():
    assert spans("""
        @first
        @second(
            1)
        def f():
            return 1
        """) == [("f", 1, 5)]


def test_getter_setter_and_deleter_are_three_entries_of_one_name():
    found = spans("""
        class Box:
            @property
            def size(self):
                return 1
            @size.setter
            def size(self, value):
                pass
            @size.deleter
            def size(self):
                pass
        """)
    assert found == [("Box.size", 2, 4), ("Box.size", 5, 7), ("Box.size", 8, 10)]


def test_conditional_definitions_are_entries_of_their_own():
    found = spans("""
        try:
            import fast
        except ImportError:
            def f(): return 1
        else:
            async def f(): return 2
        match x:
            case 1:
                def g(): pass
        while True:
            def h(): pass
        with y:
            def i(): pass
        """)
    assert [name for name, *_ in found] == ["f", "f", "g", "h", "i"]


def test_nested_names_leave_locals_out():
    found = spans("""
        class Outer:
            class Inner:
                def method(self):
                    def helper():
                        class Local:
                            def deep(self): pass
                    return helper
        """)
    assert [name for name, *_ in found] == [
        "Outer.Inner.method",
        "Outer.Inner.method.helper",
        "Outer.Inner.method.helper.Local.deep",
    ]


def test_innermost_function_wins_and_lambdas_belong_to_it():
    index = tree(
        a="""\
        table = {1: lambda: 2}
        def outer(
            key=lambda x: x,
        ):
            def inner():
                return [y for y in ()]
            return lambda: inner()
        class C:
            x = 1
        """
    )
    names = [None if found is None else found.qualname for found in (index.at("a.py", line) for line in range(1, 10))]
    assert names == [None, "outer", "outer", "outer", "outer.inner", "outer.inner", "outer", None, None]


def test_code_objects_are_found_by_first_line_and_name():
    index = tree(a="def f(): return (lambda: 1)()\n\n@cache\ndef g():\n    return [i for i in f()]\n")
    assert index.entry("a.py", 1, "<module>") is None
    assert str(index.entry("a.py", 1, "f")) == "a.py::f"
    assert str(index.entry("a.py", 1, "<lambda>")) == "a.py::f"
    assert str(index.entry("a.py", 3, "g")) == "a.py::g"
    assert str(index.entry("a.py", 5, "<listcomp>")) == "a.py::g"
    assert index.entry("b.py", 5, "g") is None


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_lines_end_like_gits(end):
    source = end.join(
        [
            b"def f():",
            b"    x = 1\x0c",
            b"\x0c",
            b'    y = "\xe2\x80\xa8"  # \xc2\x85 \x0b \x1c',
            b"    return x",
            b"def g(): pass",
        ]
    )
    found = functions("a.py", source)
    assert [(one.qualname, one.span.start, one.span.end) for one in found] == [("f", 1, 5), ("g", 6, 6)]


def test_the_hash_is_that_of_the_spans_bytes():
    source = b"x = 1\r\n@d\r\ndef f():\r\n    return 1\r\ny = 2\r\n"
    (found,) = functions("a.py", source)
    assert found.body_hash == hashlib.sha256(b"@d\r\ndef f():\r\n    return 1\r\n").hexdigest()
    assert functions("b.py", source + b"z = 3\r\n")[0].body_hash == found.body_hash


def test_declared_encodings_are_honoured():
    assert spans("# -*- coding: latin-1 -*-\ndef gr\xfc\xdfe(): return '\xe9'\n".encode("latin-1")) == [
        ("gr\xfc\xdfe", 2, 2)
    ]
    assert spans("\ufeffdef f(): pass\n".encode()) == [("f", 1, 1)]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"def f(:\n", "line 1"),
        (b"def f(): return '\xff'\n", "utf-8"),
        (b"# coding: klingon\ndef f(): pass\n", "klingon"),
        ("def f(): pass\n".encode("utf-16"), "a.py"),
        (b"def f(): pass\x00\n", "null"),
        (b"def f(): pass\rdef g(): pass\r", "carriage returns"),
        (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "a.py"),
        (b"x = " + b"-" * 200_000 + b"1\n", "nested too deeply"),
    ],
)
def test_files_that_cannot_be_parsed_are_said_not_raised(data, part):
    found = read("a.py", data)
    assert found.functions == ()
    assert found.problem is not None
    assert found.problem.startswith("a.py was not indexed: ")
    assert part in found.problem
    index = Index(Snapshot("", {"a.py": File(data)}))
    assert index.at("a.py", 1) is None
    assert index.problems == (found.problem,)


def test_a_long_chain_of_conditions_is_walked():
    chain = "if x: pass\n" + "elif x: pass\n" * 300 + "else:\n    def f(): pass\n"
    assert [name for name, *_ in spans(chain)] == ["f"]


def test_invalid_escapes_of_the_target_warn_nobody():
    assert [name for name, *_ in spans(r"def f(): return '\d' is 1" + "\n")] == ["f"]


def test_links_and_other_languages_have_no_functions():
    index = Index(Snapshot("", {"a.py": File(link="b.py"), "c.js": File(b"def f(): pass")}))
    assert index.functions("a.py") == index.functions("c.js") == index.functions("missing.py") == ()
    assert index.problems == ()


def test_loops_count_the_functions_own():
    index = tree(a="def f():\n    for x in y:\n        z = [i for i in x]\n    def g():\n        while 1: pass\n")
    found = [index.definition(one) for one in index.functions("a.py")]
    assert [one.loops for one in found if one is not None] == [2, 1]


NAMES = {
    "src/pkg/core.py": "class Ranks:\n    def total(self): pass\ndef total(): pass\ndef only(): pass\n",
    "src/pkg/__init__.py": "from pkg.core import Ranks\ndef start(): pass\n",
    "other/core.py": "class Ranks:\n    def total(self): pass\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("src/pkg/core.py::Ranks.total", ["src/pkg/core.py::Ranks.total"]),
        ("pkg.core.Ranks.total", ["src/pkg/core.py::Ranks.total"]),
        ("pkg.core.total", ["src/pkg/core.py::total"]),
        ("src.pkg.core.total", ["src/pkg/core.py::total"]),
        ("Ranks.total", ["other/core.py::Ranks.total", "src/pkg/core.py::Ranks.total"]),
        ("only", ["src/pkg/core.py::only"]),
        ("pkg.Ranks.total", ["src/pkg/core.py::Ranks.total"]),
        ("pkg.start", ["src/pkg/__init__.py::start"]),
        ("onl", []),
        ("other.only", []),
        ("src/pkg/core.py::total2", []),
        ("", []),
        ("pkg..total", []),
        ("total()", []),
    ],
)
def test_names_mean_what_they_spell(text, expected):
    index = Index(Snapshot("", {path: File(body.encode()) for path, body in NAMES.items()}))
    assert [str(one) for one in index.named(text)] == expected


def test_a_bare_name_means_methods_too():
    index = tree(a="class A:\n    def f(self): pass\ndef f(): pass\n")
    assert [one.qualname for one in index.named("f")] == ["A.f", "f"]


def test_overloads_give_way_to_the_implementation():
    index = tree(
        a="""\
        import typing
        from typing import overload
        @overload
        def f(x: int) -> int: ...
        @typing.overload
        def f(x: str) -> str: ...
        def f(x): return x
        """
    )
    assert [one.span.start for one in index.functions("a.py")] == [3, 5, 7]
    assert [one.span.start for one in index.named("f")] == [7]
