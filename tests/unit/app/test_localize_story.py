from dataclasses import dataclass, field

import pytest

from bot.app import localize as story
from bot.cli.localize import shape
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.domain.plain import plain
from bot.evaluate.contexts import Contexts
from bot.localize.exclude import Exclusions
from bot.localize.index import Index
from bot.localize.rank import Ranker
from bot.localize.stacks import BenchmarkProfile, Frame, Profile

SOURCE = "def hot(x):\n    return x + 1\n\ndef warm(x):\n    return x\n\ndef unseen(x):\n    return x\n"
TREE = Snapshot("", {"pkg/a.py": File(SOURCE.encode()), "tests/test_a.py": File(b"def test(): pass\n")})
HOT, WARM = Frame("pkg/a.py", 1, "hot"), Frame("pkg/a.py", 4, "warm")
DIFF = (
    "--- a/pkg/a.py\n"
    "+++ b/pkg/a.py\n"
    "@@ -1,8 +1,8 @@\n"
    " def hot(x):\n"
    "-    return x\n"
    "+    return x + 1\n"
    " \n"
    " def warm(x):\n"
    "     return x\n"
    " \n"
    " def unseen(x):\n"
    "-    return 1\n"
    "+    return x\n"
)


@dataclass
class FakeShop:
    project: Project = field(
        default_factory=lambda: Project("python", ("",), None, (("functions", "b.py"),), notes=("tests: none found",))
    )
    profiles: int = 0
    recorded: Contexts = field(
        default_factory=lambda: Contexts(("t::a", "t::b"), {"pkg/a.py": {1: frozenset({0, 1}), 4: frozenset({1})}})
    )

    def profile(self, tree):
        self.profiles += 1
        stacks = {(WARM, HOT): 80.0, (WARM,): 20.0}
        return Profile((BenchmarkProfile("b.py::bench", stacks, samples=100),), ("b.py::other was not profiled: no",))

    def contexts(self, tree):
        return self.recorded

    def ranker(self, tree):
        return Ranker(Index(tree), Exclusions(tree))


def names(found):
    return [one.function.qualname for one in found.targets]


def test_a_profile_lists_what_was_seen_and_all_lists_everything():
    found = story.profiled(FakeShop(), TREE)
    assert names(found) == ["hot", "warm"]
    assert found.notes == ("tests: none found", "b.py::other was not profiled: no")
    everything = story.profiled(FakeShop(), TREE, everything=True)
    assert [(one.function.qualname, one.skip) for one in everything.targets] == [
        ("hot", None),
        ("warm", None),
        ("unseen", "no benchmark reaches it"),
        ("test", "in a test file"),
    ]


def test_a_diff_is_ranked_by_the_profile():
    found = story.changed(FakeShop(), TREE, DIFF)
    assert names(found) == ["hot", "unseen"]
    assert found.targets[0].why.startswith("changed in the diff; 80% of bench in its own body")
    assert found.targets[1].skip == "no benchmark reaches it"


def test_without_benchmarks_nothing_is_profiled_or_skipped():
    shop = FakeShop(Project("python", ("",), None, ()))
    found = story.changed(shop, TREE, DIFF)
    assert [(one.function.qualname, one.skip, one.bound) for one in found.targets] == [
        ("hot", None, None),
        ("unseen", None, None),
    ]
    assert shop.profiles == 0


def test_whole_programs_as_benchmarks_are_not_profiled():
    shop = FakeShop(Project("python", ("",), None, (("command", ".hotlap.yml"), ("go-test", "pkg"))))
    assert names(story.changed(shop, TREE, DIFF)) == ["hot", "unseen"]
    assert shop.profiles == 0
    with pytest.raises(Refused, match="functions cannot be localized without a Python benchmark"):
        story.profiled(shop, TREE)


def test_a_text_is_a_target_or_a_question():
    found = story.told(FakeShop(), TREE, "`hot` is slow")
    assert names(found) == ["hot"]
    assert found.targets[0].why.startswith("named in the text; 80%")
    assert story.told(FakeShop(), TREE, "`test` is slow").targets[0].skip == "in a test file"
    asked = story.told(shop := FakeShop(), TREE, "`hott` is slow")
    assert asked.question is not None
    assert asked.question.sentence == "there is no function `hott` here"
    assert shop.profiles == 0


def test_a_recorded_profile_is_ranked():
    found = story.recorded(
        FakeShop(), TREE, b"warm (/x/pkg/a.py:5);hot (/x/pkg/a.py:2) 9\nwarm (/x/pkg/a.py:5) 1\n", "p.txt"
    )
    assert [(one.function.qualname, one.share_own) for one in found.targets] == [("hot", 0.9), ("warm", 0.1)]
    with pytest.raises(Refused):
        story.recorded(FakeShop(), TREE, b"no profile", "p.txt")


def test_the_json_shape():
    data = plain(shape(story.profiled(FakeShop(), TREE)))
    assert set(data) == {"targets", "question", "notes"}
    assert data["question"] is None
    assert data["targets"][1] == {
        "path": "pkg/a.py",
        "qualname": "warm",
        "start": 4,
        "end": 5,
        "language": "python",
        "share_self": 0.2,
        "share_own": 0.2,
        "share_total": 1.0,
        "calls": None,
        "bound": None,
        "benchmarks": ["b.py::bench"],
        "tests": None,
        "why": "20% of bench in its own body, 100% with the functions that it calls; "
        "no limit from the rest of the benchmark",
        "skip": None,
    }
    asked = shape(story.told(FakeShop(), TREE, "warm or hot"))
    assert [one["qualname"] for one in asked["question"]["candidates"]] == ["warm", "hot"]


def test_functions_that_no_profiler_looks_at_are_not_called_unreached():
    tree = Snapshot("", {**TREE.files, "native/x.c": File(b"int f(void) { return 1; }\n")})
    found = story.told(FakeShop(), tree, "native/x.c:1 and `hot`")
    assert [(one.function.qualname, one.skip) for one in found.targets] == [("f", None)]
    everything = story.profiled(FakeShop(), tree, everything=True)
    assert [one.skip for one in everything.targets if one.function.language == "c"] == [story.NOT_PROFILED]


def test_the_tests_that_reach_a_target_are_said():
    shop = FakeShop()
    found = story.with_tests(shop, TREE, story.profiled(shop, TREE))
    assert [one["tests"] for one in shape(found)["targets"]] == [["t::a", "t::b"], ["t::b"]]
    shop.recorded = Contexts(reason="no pytest")
    found = story.with_tests(shop, TREE, story.profiled(shop, TREE))
    assert found.tests is None
    assert found.notes[-1] == "which tests reach a function is not known: no pytest"
