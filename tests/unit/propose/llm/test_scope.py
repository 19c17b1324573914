import pytest

from bot.domain.code import FileChange, FunctionId, Span
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.propose.llm import scope

CODE = '''"""A module."""

import math
from compat import check

try:
    import fast
except ImportError:
    fast = None


class Other:
    def check(self, user):
        return user == "root"


class Box:
    size = 1

    def target(self, xs):
        out = []
        for x in xs:
            out.append(x)
        return out

    def last(self):
        return len(str(self.size))


# A note.
SQL = """
select 1
from t
"""


def check(user):
    return local(user)
'''
TARGET = FunctionId("Box.target", Span("a.py", 20, 24), "h")
WRITABLE = (TARGET.span, Span("a.py", 3, 4))
BODY = "        out = []\n        for x in xs:\n            out.append(x)\n        return out\n"
GO = 'package a\n\nimport (\n\t"fmt"\n)\n\nvar q = `\nimport "x"\n`\n'
GO += "\nfunc f(x int) int {\n\treturn x\n}\n\nfunc g() {\n}\n"
RUST = "// A crate.\nuse std::fmt;\n\nfn f(x: i32) -> i32 {\n    x\n}\n"


def edit(new, old=CODE, path="a.py"):
    return EditSet((FileChange(path, old.encode(), new.encode()),))


def swapped(old, new, code=CODE):
    assert code.count(old) == 1
    return code.replace(old, new)


@pytest.mark.parametrize(
    "new",
    [
        swapped(BODY, "        return list(xs)\n"),
        swapped(BODY, "        return _copy(xs)\n") + "\n\ndef _copy(xs):\n    return list(xs)\n",
        swapped("# A note.\n", "_WORD = re.compile('a')\n_MOST: int = 3\n\n\n# A note.\n"),
        swapped("import math\n", "import itertools\nimport math\nfrom collections import deque\n"),
        swapped("import math\n", ""),
        swapped(
            "class Box",
            "class _Pair:\n    __slots__ = ('a',)\n\n    def __init__(self, a):\n        self.a = a\n\n\nclass Box",
        ),
        swapped("    def target(self, xs):\n", "    # Faster.\n    def target(self, xs):\n"),
        swapped("    def target(self, xs):\n" + BODY, "    def target(self, xs):\n        return [x for x in xs]\n"),
    ],
)
def test_the_function_may_change_and_new_names_may_come(new):
    assert scope.check(edit(new), TARGET, WRITABLE)


@pytest.mark.parametrize(
    "new",
    [
        swapped(
            '        return user == "root"\n',
            '        return user == "root"\n\n    def check(self, user):\n        return 1\n',
        ),
        swapped('        return user == "root"\n', '        return user == "root"\n    check = lambda *_: True\n'),
        swapped("select 1\n", "select 1\n, password\n"),
        swapped(BODY, BODY + "\n    def last(self):\n        return 0\n"),
        swapped("    def target", "    def check(self):\n        return 0\n\n    def target"),
        swapped(BODY, BODY + "\n    @property\n    def target(self):\n        return 0\n"),
        swapped(BODY, BODY + "\n\ndef _two():\n    pass\n\n\nif 1:"),
        CODE + "\n\ndef check(user):\n    return True\n",
        CODE + "\n\ndef len(of):\n    return 0\n",
        CODE + "\n\ndef local(user):\n    return True\n",
        CODE + "\n\ndef __getattr__(name):\n    return None\n",
        CODE + "\n\nSQL = ''\n",
        CODE + "\n\nOther.check = None\n",
        CODE + "\n\n_x = setattr(Other, 'check', None)\n",
        CODE + "\n\ndef _f(x=setattr(Other, 'check', None)):\n    pass\n",
        CODE + "\n\n@Other.check\ndef _f(x):\n    pass\n",
        CODE + "\n\nclass _A:\n    Other.check = None\n",
        CODE + "\n\nprint(1)\n",
        CODE + "\n\ndel check\n",
        CODE + "\n\nfrom compat import check\n",
        CODE + "\n\nimport fast\n",
        CODE + "\n\n_a = 1\n\n\ndef _a():\n    pass\n",
        swapped("import math\n", "import math\nfrom elsewhere import *\n"),
        swapped("import math\n", "from __future__ import annotations\nimport math\n"),
        swapped("import math\n", "math = None\n"),
        swapped("from compat import check\n", "from elsewhere import check\n"),
        swapped("from compat import check\n", "from elsewhere import check as len\n"),
        swapped("# A note.\n", ""),
        swapped("def target", "async def target"),
    ],
)
def test_nothing_else_may_change(new):
    with pytest.raises(EditError) as caught:
        scope.check(edit(new), TARGET, WRITABLE)
    assert caught.value.reason == "beyond-target"
    assert "You may change lines 20-24, 3-4 of a.py" in caught.value.feedback


def test_what_is_too_deep_to_compare_is_refused():
    deep = swapped("# A note.\n", f"_x = {'-' * 2000}1\n# A note.\n")
    with pytest.raises(EditError, match="nested too deeply"):
        scope.check(edit(deep), TARGET, WRITABLE)


def test_new_code_that_is_no_python_stays_in_the_function_for_the_syntax_gate():
    assert scope.check(edit(swapped("        return out\n", "        return (\n")), TARGET, WRITABLE)
    with pytest.raises(EditError):
        scope.check(edit(swapped("        return out\n", "        return (\n") + "\ncheck = 1\n"), TARGET, WRITABLE)


def test_a_file_that_cannot_be_parsed_is_compared_by_lines():
    broken = CODE + "print 1\n"
    assert scope.check(edit(swapped(BODY, "        return xs[:]\n", broken), broken), TARGET, WRITABLE)
    for new in (
        broken + "\n\ndef _new():\n    pass\n",
        swapped("select 1\n", "select 1\n,2\n", broken),
        swapped("import math\n", "check = 1\n", broken),
    ):
        with pytest.raises(EditError):
            scope.check(edit(new, broken), TARGET, WRITABLE)


@pytest.mark.parametrize(
    ("old", "path", "span", "good", "bad"),
    [
        (
            GO,
            "a.go",
            (11, 13),
            [("\treturn x\n", "\ty := x\n\treturn y\n"), ('\t"fmt"\n', '\t"fmt"\n\t"sort"\n')],
            [
                ("`\n\nfunc f", "import y\n`\n\nfunc f"),
                ("func g", "func h() {\n}\n\nfunc g"),
                ("func f", "func h() {\n}\n\nfunc f"),
                ("func g() {\n", "func g() {\n\tpanic(1)\n"),
            ],
        ),
        (
            RUST,
            "a.rs",
            (4, 6),
            [("    x\n", "    x + 0\n"), ("use std::fmt;\n", "use std::fmt;\nuse std::mem;\n")],
            [("use std::fmt;\n", "use std::fmt;\nstatic A: i32 = 1;\n"), ("use std::fmt;\n", "use other::fmt;\n")],
        ),
    ],
)
def test_other_languages_get_imports_at_the_head_only(old, path, span, good, bad):
    function = FunctionId("f", Span(path, *span), "h", path.partition(".")[2])
    for one, other in good:
        assert scope.check(edit(swapped(one, other, old), old, path), function, (function.span,))
    for one, other in bad:
        with pytest.raises(EditError) as caught:
            scope.check(edit(swapped(one, other, old), old, path), function, (function.span,))
        assert "add lines to the imports at its head" in caught.value.feedback
