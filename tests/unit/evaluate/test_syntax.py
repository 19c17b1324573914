"""What is left behind must parse, and the target must still be there."""

import pytest

from bot.domain.code import FileChange, FunctionId, Span, Target
from bot.evaluate.syntax import objection

OLD = b"class A:\n    def f(self):\n        def inner():\n            return 1\n        return inner()\n"


def check(after, qualname="A.f.inner", before=OLD):
    target = Target(FunctionId(qualname, Span("a.py", 1, 5), "h"))
    found = objection((FileChange("a.py", before, after),), target)
    return found.code if found else None


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (OLD, None),
        (OLD.replace(b"inner", b"other"), "syntax.target-missing"),
        (OLD.replace(b"class A:", b"class A"), "syntax.error"),
        (b"x = 1\0", "syntax.error"),
        (b"if 1:\n    class A:\n        async def f(self):\n            def inner(): pass\n", None),
    ],
)
def test_parses_and_defines(after, code):
    assert check(after) == code


def test_a_file_that_never_parsed_here_is_left_to_the_tests():
    assert check(b"type X[T] = (", before=b"type Y[T] = (") is None


def test_other_files_are_not_python():
    assert objection((FileChange("a.md", b"", b"def ("),), None) is None
