import re

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.localize.index import Index
from bot.localize.select import select

FILES = {
    "pkg/a.py": (
        "import os\n\nclass Tree:\n    @property\n    def size(self): pass\n"
        "    @size.setter\n    def size(self, v): pass\n    def normalize(self): pass\n"
    ),
    "pkg/b.py": "def normalize(): pass\ndef score(): pass\n",
    "pkg/bad.py": "def broken(:\n",
}


@pytest.fixture
def index():
    return Index(Snapshot("", {path: File(body.encode()) for path, body in FILES.items()}))


def test_targets_are_found_in_order_and_once(index):
    found = select(index, ["score", "./pkg/a.py:8", "pkg.b.normalize", "pkg/b.py::score", "Tree.normalize"])
    assert [str(one) for one in found] == ["pkg/b.py::score", "pkg/a.py::Tree.normalize", "pkg/b.py::normalize"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("scores", "unknown target 'scores'; nearest: score"),
        ("zzz", "unknown target 'zzz'"),
        ("pkg/b.py::norm", "unknown target 'pkg/b.py::norm'; nearest: normalize"),
        (
            "pkg/bb.py::normalize",
            (
                "unknown target 'pkg/bb.py::normalize': there is no file pkg/bb.py; nearest: pkg/b.py, "
                "pkg/bad.py, pkg/a.py"
            ),
        ),
        ("pkg/b.py:99", "unknown target 'pkg/b.py:99': no function is around this line"),
        ("pkg/a.py:1", "unknown target 'pkg/a.py:1': no function is around this line"),
        ("other.py:1", "unknown target 'other.py:1': there is no file other.py"),
        ("pkg/bad.py:1", "unknown target 'pkg/bad.py:1': pkg/bad.py was not indexed: invalid syntax in line 1"),
        (
            "pkg/bad.py::broken",
            "unknown target 'pkg/bad.py::broken': pkg/bad.py was not indexed: invalid syntax in line 1",
        ),
        (
            "normalize",
            (
                "target 'normalize' is ambiguous: Tree.normalize (pkg/a.py:8), normalize (pkg/b.py:1); name one "
                "as path:line"
            ),
        ),
        (
            "Tree.size",
            "target 'Tree.size' is ambiguous: Tree.size (pkg/a.py:4), Tree.size (pkg/a.py:6); name one as path:line",
        ),
        ("", "unknown target ''"),
        ("$(rm -rf /)", "unknown target '$(rm -rf /)'"),
    ],
)
def test_other_names_are_refused_with_help(index, text, sentence):
    with pytest.raises(Refused, match=f"^{re.escape(sentence)}$"):
        select(index, ["score", text])


def test_no_names_are_no_functions(index):
    assert select(index, []) == ()
