"""What active lessons forbid: targets, rules, kinds of change and constructs."""

import pytest

from bot.domain.code import FileChange, FunctionId, Span, Target
from bot.domain.job import ADDS_A_CACHE, Candidate, EditSet
from bot.domain.kind import KINDS, kinds_of
from bot.domain.lesson import Lesson, LessonState, Polarity
from bot.domain.restraint import Restraints, covers
from bot.propose.rules.catalogue import catalogue

PATH = "src/billing/tax.py"


def function(name="rate", path=PATH):
    return FunctionId(name, Span(path, 1, 2), "h")


def candidate(proposer="rules/hoist-invariants", labels=(), path=PATH):
    edits = EditSet((FileChange(path, b"", b"x"),))
    return Candidate(edits, "c0ffee", "why", proposer, Target(function(path=path)), labels=frozenset(labels))


def lesson(scope, *subjects, polarity=Polarity.AVOID, state=LessonState.ACTIVE):
    return Lesson(scope, f"about {scope}", ("x",), state, polarity, subjects)


def refused(scope, *subjects, asked=None, **more):
    return Restraints.of([lesson(scope, *subjects, **more)]).refuses(asked or candidate()) is not None


def test_a_path_is_left_alone():
    restraints = Restraints.of([lesson("path:src/billing/")])
    assert restraints.skips(function()) is not None
    assert restraints.skips(function(path="src/shop/cart.py")) is None


def test_only_the_function_that_was_named_is_left_alone():
    restraints = Restraints.of([lesson(f"path:{PATH}", "function:rate")])
    assert restraints.skips(function()) is not None
    assert restraints.skips(function("other")) is None


def test_a_ban_in_a_path_does_not_close_the_path():
    restraints = Restraints.of([lesson(f"path:{PATH}", "module:numba")])
    assert restraints.skips(function()) is None
    assert len(restraints.contents(PATH)) == 1
    assert restraints.contents("other.py") == ()


@pytest.mark.parametrize("state", [LessonState.PROPOSED, LessonState.RETIRED])
def test_only_active_lessons_forbid(state):
    assert not refused("rule:hoist-invariants", state=state)
    assert Restraints.of([lesson(f"path:{PATH}", state=state)]).skips(function()) is None


@pytest.mark.parametrize("polarity", [Polarity.PREFER, Polarity.REQUIRE, Polarity.INFO])
def test_what_is_not_avoided_is_not_forbidden(polarity):
    assert not refused("rule:hoist-invariants", polarity=polarity)


def test_rules_and_kinds_are_refused():
    assert refused("rule:hoist-invariants")
    assert refused("rule:hoist-look-ups", asked=candidate("rules/join-pieces+hoist-look-ups"))
    assert not refused("rule:hoist-invariants", asked=candidate("llm/model/blocks/v2"))
    assert refused("kind:hoisting")
    assert not refused("kind:cache")


def test_a_ban_of_caches_refuses_what_says_that_it_adds_one():
    assert refused("project:x", "label:adds a cache", asked=candidate("llm/m", {ADDS_A_CACHE}))
    assert refused("kind:cache", asked=candidate("llm/m", {ADDS_A_CACHE}))
    assert not refused("path:other/", "label:adds a cache", asked=candidate("llm/m", {ADDS_A_CACHE}))


def test_reviewers_are_those_of_the_changed_paths():
    found = Restraints.of(
        [
            lesson("path:src/billing/", "reviewer:alice", polarity=Polarity.REQUIRE),
            lesson("project:x", "reviewer:bob", polarity=Polarity.REQUIRE),
            lesson("path:docs/", "reviewer:carol", polarity=Polarity.REQUIRE),
        ]
    )
    assert found.reviewers([PATH]) == ("alice", "bob")


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("src/legacy/", "src/legacy/a/b.py", True),
        ("src/legacy", "src/legacy/a.py", True),
        ("src/legacy/*", "src/legacy/a/b.py", True),
        ("src/legacy/**", "src/legacy/a/b.py", True),
        ("./src/a.py", "src/a.py", True),
        ("src/a.py", "src/a.pyx", False),
        ("src/leg", "src/legacy/a.py", False),
        ("migrations/", "app/shop/migrations/0001.py", True),
        ("report.py", "app/report.py", True),
        ("report.py", "app/my_report.py", False),
        ("src/*_pb2.py", "src/x_pb2.py", True),
        ("*.py", "src/x.py", True),
    ],
)
def test_paths_of_lessons(pattern, path, meant):
    assert covers(pattern, path) is meant


def test_every_rule_has_a_kind():
    for rule in catalogue():
        assert kinds_of(candidate(f"rules/{rule.name}"))[0] in set(KINDS) - {"rewrite"}, rule.name
