import textwrap

import libcst as cst

from bot.propose.rules.linter_fixes import LinterFixes

TEXT = textwrap.dedent("""
    def other(d):
        return 1 in d.keys()

    def f(xs, d):
        out = []
        for x in xs:
            out.append(x)
        y = 1 in d.keys()
        return out, y
""")


class FakeFixer:
    """A linter with one search and replacement per family."""

    def __init__(self, changes) -> None:
        self.changes = changes

    def fix(self, path, text, families):
        for family, old, new in self.changes:
            if family in families:
                text = text.replace(old, new)
        return text


KEYS = ("SIM118", " in d.keys()", " in d")
LOOP = ("PERF", "    out = []\n    for x in xs:\n        out.append(x)\n", "    out = list(xs)\n")


def test_changes_outside_of_the_function_are_dropped(bench):
    [new] = bench(LinterFixes(FakeFixer([KEYS]))).keeps(TEXT, [([1], {1: 2}), ([], {})])
    assert "def other(d):\n    return 1 in d.keys()" in new
    assert "y = 1 in d\n" in new


def test_one_rewrite_for_each_family(bench):
    assert len(bench(LinterFixes(FakeFixer([KEYS, LOOP]))).keeps(TEXT, [([1], {1: 2})])) == 2


def test_hunks_of_one_family_are_offered_together_and_alone(bench):
    fixer = FakeFixer([LOOP, ("PERF", "return out, y", "return (out, y)")])
    assert len(bench(LinterFixes(fixer)).keeps(TEXT, [([1], {1: 2})])) == 3


def test_an_import_that_the_change_needs_comes_along(bench):
    fixer = FakeFixer(
        [
            ("C4", "\ndef other", "import operator\n\ndef other"),
            ("C4", "y = 1 in d.keys()", "y = operator.contains(d, 1)"),
        ]
    )
    [new] = bench(LinterFixes(fixer)).keeps(TEXT, [([1], {1: 2})])
    assert new.startswith("import operator\n")


def test_nothing_is_offered_where_the_linter_is_silent_or_breaks_the_code(bench):
    bench(LinterFixes(FakeFixer([]))).refuses(TEXT)
    bench(LinterFixes(FakeFixer([("C4", "y = 1 in d.keys()", "y = (")]))).refuses(TEXT)
    bench(LinterFixes(FakeFixer([("C4", "return 1 in d.keys()", "return 1")]))).refuses(TEXT)
    assert cst.parse_module(TEXT).code == TEXT
