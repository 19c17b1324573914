import difflib
import textwrap

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.localize.diff import DiffReader
from bot.localize.exclude import Exclusions
from bot.localize.index import Index


def unified(old, new, renames):
    """Make the diff as Git would: headers with prefixes, renames, three lines of context."""
    parts = []
    back = {to: source for source, to in renames.items()}
    for path in sorted({*old, *new} - set(renames)):
        source = back.get(path, path)
        before, after = old.get(source), new.get(path)
        if before == after and source == path:
            continue
        parts.append(f"diff --git a/{source} b/{path}\n")
        if before is None or after is None:
            parts.append(f"{'new' if before is None else 'deleted'} file mode 100644\n")
        if source != path:
            parts.append(f"similarity index 90%\nrename from {source}\nrename to {path}\n")
        parts += difflib.unified_diff(
            (before or "").splitlines(keepends=True),
            (after or "").splitlines(keepends=True),
            "/dev/null" if before is None else f"a/{source}",
            "/dev/null" if after is None else f"b/{path}",
        )
    return "".join(parts)


def touched(old, new, renames=None, diff=None):
    files = [{path: textwrap.dedent(body).lstrip("\n") for path, body in side.items()} for side in (old, new)]
    head = Snapshot("", {path: File(body.encode()) for path, body in files[1].items()})
    text = unified(*files, renames or {}) if diff is None else diff
    return DiffReader(Index(head), Exclusions(head)).touched(text)


def names(found):
    return [str(one.function) for one in found.targets]


def one_file(old, new, path="a.py"):
    return touched({path: old}, {path: new})


OLD = """
    import math
    LIMIT = 5

    @cached
    def f(x):
        return x + 1

    def g(x):
        def inner(y):
            return y
        return inner(x)

    class C:
        size = 3
        def m(self):
            return LIMIT + self.size
"""


def test_a_changed_body_is_its_function():
    assert names(one_file(OLD, OLD.replace("x + 1", "x + 2"))) == ["a.py::f"]


def test_a_changed_decorator_is_its_function():
    assert names(one_file(OLD, OLD.replace("@cached", "@cached()"))) == ["a.py::f"]


def test_the_innermost_function_is_meant():
    assert names(one_file(OLD, OLD.replace("return y", "return y * 2"))) == ["a.py::g.inner"]
    assert names(one_file(OLD, OLD.replace("inner(x)", "inner(x) + 1"))) == ["a.py::g"]


def test_deleted_lines_map_through_the_base():
    old = "def f(x):\n    x += 1\n    x += 2\n    return x\n\n\n\n\n\n\ndef g(x):\n    return x\n"
    assert names(one_file(old, old.replace("    x += 2\n", ""))) == ["a.py::f"]
    assert names(one_file(OLD, OLD.replace("        def inner(y):\n            return y\n", ""))) == ["a.py::g"]


def test_a_removed_function_is_said():
    found = one_file(OLD, OLD.replace("    @cached\n    def f(x):\n        return x + 1\n", ""))
    assert names(found) == []
    assert found.notes == ("a.py changes in comments, layout, docstrings or removed functions only",)


def test_new_functions_and_new_files_are_found():
    assert names(touched({}, {"a.py": OLD})) == ["a.py::f", "a.py::g", "a.py::g.inner", "a.py::C.m"]
    assert names(one_file(OLD, OLD + "    def added(self): pass\n")) == ["a.py::added"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x + 1", "return x + 1  # add one"),
        ("return x + 1", "return (x +\n                1)"),
        ("        return x + 1", "\n\n        return x + 1"),
        ("        return x + 1", '        """Add one."""\n        return x + 1'),
        ("    import math\n", "    # nothing here\n    import math\n"),
        ("    class C:\n", '    class C:\n        """Holds."""\n'),
    ],
)
def test_comments_layout_and_docstrings_are_dropped(old, new):
    found = one_file(OLD, OLD.replace(old, new))
    assert names(found) == []
    assert found.notes == ("a.py changes in comments, layout, docstrings or removed functions only",)


def test_a_function_that_only_moved_is_dropped():
    block = "    @cached\n    def f(x):\n        return x + 1\n"
    found = one_file(OLD, OLD.replace(block, "") + block)
    assert (names(found), len(found.notes)) == ([], 1)
    assert "only" in found.notes[0]


def test_a_changed_constant_means_its_users():
    found = one_file(OLD, OLD.replace("LIMIT = 5", "LIMIT = 6"))
    assert [(str(one.function), one.why) for one in found.targets] == [("a.py::C.m", "uses LIMIT, changed in the diff")]
    assert names(one_file(OLD, OLD.replace("size = 3", "size = 4"))) == ["a.py::C.m"]


def test_a_change_that_nobody_uses_is_said():
    found = one_file(OLD, OLD.replace("import math", "import cmath"))
    assert names(found) == []
    assert found.notes == ("a.py changes outside of functions, in nothing that one of its functions uses",)


def test_an_import_of_something_else_means_its_users():
    old = "try:\n    from a import thing\nexcept E:\n    thing = None\ndef f():\n    return thing()\ndef g(): pass\n"
    assert names(one_file(old, old.replace("from a", "from b"))) == ["a.py::f"]


def test_a_renamed_file_is_compared_with_its_old_self():
    new = OLD.replace("x + 1", "x + 2")
    assert names(touched({"old.py": OLD}, {"new.py": new}, {"old.py": "new.py"})) == ["new.py::f"]
    assert names(touched({"old.py": OLD}, {"new.py": OLD}, {"old.py": "new.py"})) == []


def test_same_names_in_one_file_are_told_apart():
    old = """
        class C:
            @property
            def size(self):
                return 1
            @size.setter
            def size(self, v):
                self.v = v
        """
    found = one_file(old, old.replace("self.v = v", "self.v = v + 1"))
    assert [one.function.span.start for one in found.targets] == [5]


def test_tests_generated_and_vendored_files_are_left_out_with_the_reason():
    old = dict.fromkeys(
        ("tests/test_a.py", "pkg/x_pb2.py", "vendor/six.py", "readme.md", "pkg/gone.py"), "def f(): return 1\n"
    )
    new = {path: "def f(): return 2\n" for path in old if path != "pkg/gone.py"}
    found = touched(old, new)
    assert found.targets == ()
    assert found.notes == (
        "pkg/x_pb2.py was left out: in a generated file",
        "readme.md was left out: not source code in which functions are found",
        "tests/test_a.py was left out: in a test file",
        "vendor/six.py was left out: in vendored code",
    )


def test_a_file_that_does_not_parse_is_said():
    assert one_file(OLD, "def f(:\n").notes == ("a.py was not indexed: invalid syntax in line 1",)
    assert names(one_file("def f(:\n", "def f(): pass\n")) == ["a.py::f"]


def test_functions_with_loops_come_first():
    new = "def a(): pass\ndef b():\n    for x in y:\n        for z in x: pass\ndef c():\n    while 1: pass\n"
    assert names(touched({}, {"m.py": new})) == ["m.py::b", "m.py::c", "m.py::a"]


def test_line_ends_and_form_feeds_do_not_shift_lines():
    old = "x = 1\r\n\x0c\r\ndef f():\r\n    y = '\x0c\u2028'\r\n    return 1\r\ndef g():\r\n    return 1\r\n"
    diff = "--- a/a.py\n+++ b/a.py\n@@ -6,2 +6,2 @@\n def g():\r\n-    return 1\r\n+    return 2\r\n"
    assert names(touched({"a.py": old}, {"a.py": old[:-3] + "2\r\n"}, diff=diff)) == ["a.py::g"]


def test_a_quoted_path_is_decoded():
    diff = '--- "a/gr\\303\\274n.py"\n+++ "b/gr\\303\\274n.py"\n@@ -1 +1 @@\n-def f(): return 1\n+def f(): return 2\n'
    assert names(touched({"grün.py": "def f(): return 1\n"}, {"grün.py": "def f(): return 2\n"}, diff=diff)) == [
        "grün.py::f"
    ]


def test_an_empty_diff_is_nothing():
    assert touched({}, {}, diff="").targets == ()


def test_text_that_is_a_broken_diff_is_refused():
    with pytest.raises(Refused, match="the diff could not be read"):
        touched({}, {}, diff="--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-one\n")


def test_a_diff_to_another_tree_is_refused():
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-def f(): return 1\n+def f(): return 2\n"
    with pytest.raises(Refused, match=r"the diff does not fit a\.py near line 1"):
        touched({}, {"a.py": "def f(): return 3\n"}, diff=diff)


def test_bytes_that_are_not_utf_8_survive():
    old = b"# coding: latin-1\nx = '\xe9'\ndef f(): return '\xe9'\n"
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n"
    diff += " # coding: latin-1\n x = '\udce9'\n-def f(): return '\udce9'\n+def f(): return 1\n"
    head = Snapshot("", {"a.py": File(old.replace(b"'\xe9'\n", b"1\n").replace(b"x = 1", b"x = '\xe9'"))})
    assert names(DiffReader(Index(head), Exclusions(head)).touched(diff)) == ["a.py::f"]


def test_a_hunk_that_only_deletes_at_an_end_is_placed():
    old = "def f():\n    x = 1\n    return x\n"
    for diff, head, expected in (
        ("@@ -3 +2,0 @@\n-    return x\n", old.replace("    return x\n", ""), ["a.py::f"]),
        ("@@ -1 +0,0 @@\n-import os\n", old, []),
    ):
        assert names(touched({}, {"a.py": head}, diff=f"--- a/a.py\n+++ b/a.py\n{diff}")) == expected


def test_a_file_that_the_tree_lacks_is_said():
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-def f(): return 1\n+def f(): return 2\n"
    assert touched({}, {}, diff=diff).notes == ("a.py was left out: it is no regular file of this tree",)
