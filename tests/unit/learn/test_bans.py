"""After "do not add numba" by a maintainer, no candidate with numba gets past the guard, however it is written."""

import pytest

from bot.domain.code import FileChange, FunctionId, Snapshot, Span, Target
from bot.domain.feedback import Change
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import LessonState
from bot.domain.restraint import Restraints
from bot.evaluate.guard.check import GuardSettings, objections
from bot.learn.feedback import Record
from bot.learn.replay import learned
from bot.search.loop import Search
from tests.fakes.ports import FakeClock, FakeProgress, FakeProposer

BEFORE = b"def mean(xs):\n    return sum(xs) / len(xs)\n"
PATH = "app/stats.py"
BOT, MAINTAINER, DEVELOPER = (
    {"id": 1, "username": "hotlap"},
    {"id": 2, "username": "mona"},
    {"id": 3, "username": "dan"},
)
MEMBERS = [MAINTAINER | {"access_level": 40}, DEVELOPER | {"access_level": 30}]


def lessons(body, author=MAINTAINER):
    note = {"id": 7, "body": body, "author": author, "created_at": "2026-05-01T10:00:00Z"}
    mr = {"iid": 1, "author": BOT, "state": "closed"}
    record = Record("acme/shop", mr, Change(PATH, "mean", "python", "jit"), MEMBERS, [{"notes": [note]}])
    return learned(record).lessons


def codes(body, after, author=MAINTAINER, path=PATH, before=BEFORE):
    restraints = Restraints.of(lessons(body, author))
    settings = GuardSettings(allow_imports=("numba", "functools"), restraints=restraints)
    tree = Snapshot("c0ffee", {})
    return [one.code for one in objections(tree, [FileChange(path, before, after)], settings)]


@pytest.mark.parametrize(
    "code",
    [
        "import numba",
        "import numba as nb",
        "from numba import njit",
        "from numba.core import types",
        "import os, numba",
        "def f():\n    import numba",
        "try:\n    import numba\nexcept ImportError:\n    numba = None",
        'nb = __import__("numba")',
        'import importlib\nnb = importlib.import_module("numba")',
    ],
)
def test_no_candidate_with_numba_gets_past_the_guard(code):
    assert "guard.lesson" in codes("Please do not add numba.", BEFORE + code.encode() + b"\n")


def test_more_of_what_is_there_is_refused_and_less_is_not():
    before = b"from numba import njit\n\n\n@njit\ndef f(x):\n    return x\n"
    more = before + b"\n\n@njit\ndef g(x):\n    return x\n"
    assert "guard.lesson" in codes("No numba, please.", more, before=before)
    assert codes("No numba, please.", before.replace(b"return x", b"return +x"), before=before) == []
    assert "guard.lesson" not in codes("No numba, please.", b"def f(x):\n    return x\n", before=before)


def test_other_changes_pass():
    assert codes("Please do not add numba.", BEFORE.replace(b"sum(xs)", b"sum(list(xs))")) == []
    assert "guard.lesson" not in codes("There is no rule against numba.", BEFORE + b"import numba\n")
    assert "guard.lesson" not in codes("Use numba only if it pays.", BEFORE + b"import numba\n")


def test_a_developer_proposes_and_does_not_forbid():
    assert [one.state for one in lessons("Please do not add numba.", DEVELOPER)] == [LessonState.PROPOSED]
    assert "guard.lesson" not in codes("Please do not add numba.", BEFORE + b"import numba\n", DEVELOPER)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Please never use lru_cache in this project.", "from functools import lru_cache\nf = lru_cache(None)(mean)"),
        ("We don't use lambdas in this project.", "f = lambda x: x"),
        ("Nested comprehensions are not allowed, we never use list comprehensions.", "f = [x for x in ()]"),
        ("No new dependencies, please.", "import orjson"),
        ("We never use regular expressions in this project.", "import re\nf = re.compile('x')"),
        ("Assignment expressions are banned in our code.", "if (x := 1): pass"),
    ],
)
def test_constructs_and_dependencies(said, code):
    assert {"guard.lesson", "guard.dependency"} & set(codes(said, BEFORE + code.encode() + b"\n"))


def test_a_new_dependency_is_refused_although_the_configuration_allows_it():
    assert "guard.dependency" in codes("We don't accept any new dependencies.", BEFORE + b"import numba\n")


def test_what_a_lesson_forbids_is_not_even_tried():
    target = Target(FunctionId("mean", Span(PATH, 1, 2), "h"))
    edits = EditSet((FileChange(PATH, BEFORE, b"x"),))
    candidate = Candidate(edits, "c0ffee", "why", "rules/hoist-invariants", target)
    progress = FakeProgress()
    search = Search(FakeProposer([candidate]), progress, FakeClock())
    known = lessons("Please stop applying the hoist-invariants rule.")
    assert search.candidates(target, Snapshot("c0ffee"), known) == ()
    assert any(stage == "left out" for _, stage, _ in progress.steps)
    assert len(search.candidates(target, Snapshot("c0ffee"), ())) == 1
