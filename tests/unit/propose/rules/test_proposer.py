import hashlib
import logging

import libcst as cst
import pytest

from bot.domain.code import File, FunctionId, Snapshot, Span, Target
from bot.domain.job import ADDS_A_CACHE
from bot.propose.rules.catalogue import POLISH, catalogue
from bot.propose.rules.deque_queue import DequeQueue
from bot.propose.rules.membership import Membership
from bot.propose.rules.proposer import RuleProposer
from bot.propose.rules.rule import Rewrite
from bot.propose.rules.surgery import statements, swap

TEXT = b'''"""A module."""


class Shop:
    def find(self, wanted, items: list):  # kept
        queue = [wanted]
        seen = []
        while queue:
            one = queue.pop(0)
            if one not in seen:
                seen.append(one)
                queue.extend(items)
        return seen


def find(n):
    return n
'''


def target(qualname="Shop.find", start=5, end=13, path="shop.py"):
    return Target(FunctionId(qualname, Span(path, start, end), hashlib.sha256(b"").hexdigest()))


def tree(data=TEXT, path="shop.py"):
    return Snapshot("a" * 40, {path: File(data)})


def texts(found):
    return [one.edits.changes[0].after.decode() for one in found]


class Renames:
    """Renames one name of the function, up to as often as it occurs."""

    precondition = "none"

    def __init__(self, old, new, labels=frozenset()) -> None:
        self.name = f"{old}-to-{new}"
        self._old, self._new, self._labels = old, new, labels

    def rewrites(self, source):
        nodes = []

        class Names(cst.CSTVisitor):
            def visit_Name(visitor, node):  # noqa: N802, N805
                if node.value == self._old:
                    nodes.append(node)

        source.function.visit(Names())
        for node in nodes:
            yield Rewrite(swap(source.module, {node: cst.Name(self._new)}), f"{self._old}.", self._labels)


class Grows:
    """Always finds something more to do."""

    name = "grows"
    precondition = "none"

    def rewrites(self, source):
        body = source.function.body
        new = body.with_changes(body=[*body.body, *statements(source.module, "pass")])
        yield Rewrite(swap(source.module, {body: new}), "more.")


class Breaks:
    name = "breaks"
    precondition = "none"

    def rewrites(self, source):
        raise ZeroDivisionError


def test_the_combination_comes_first_and_every_candidate_is_an_edit_of_the_base():
    found = list(RuleProposer((Membership(), DequeQueue())).propose(target(), tree(), ()))

    assert found[0].proposer == "rules/membership-set+deque-queue"
    assert "seen_set.add(one)" in texts(found)[0]
    assert "queue.popleft()" in texts(found)[0]
    assert [one.proposer for one in found[1:]] == ["rules/membership-set", "rules/deque-queue"]
    for one in found:
        assert one.base == "a" * 40
        assert one.target == target()
        assert one.rationale
        assert "<<<<<<< SEARCH" in one.edits.reply
        assert "# kept" in texts([one])[0]


def test_equal_results_are_yielded_once():
    rules = (Renames("one", "uno"), Renames("one", "uno"))

    found = texts(RuleProposer(rules).propose(target(), tree(), ()))

    assert len(found) == len(set(found))


def test_a_rule_that_always_finds_more_is_bounded():
    found = texts(RuleProposer((Grows(),)).propose(target(), tree(), ()))

    assert found[0].count("pass") == 3
    assert found[1].count("pass") == 1


def test_rewrites_with_side_conditions_stay_out_of_the_combination_and_keep_their_label():
    rules = (Renames("wanted", "cached", frozenset({ADDS_A_CACHE})), Renames("items", "things"))

    found = list(RuleProposer(rules).propose(target(), tree(), ()))

    assert found[0].proposer == "rules/items-to-things"
    assert {one.proposer for one in found if ADDS_A_CACHE in one.labels} == {"rules/wanted-to-cached"}


def test_fixes_are_proposed_alone_and_stay_out_of_the_combination():
    found = list(RuleProposer((Grows(),), fixes=(Renames("items", "things"),)).propose(target(), tree(), ()))

    assert found[0].proposer == "rules/grows"
    assert "rules/items-to-things" in {one.proposer for one in found[1:]}


def test_three_rules_together_are_followed_by_all_pairs_of_them():
    rules = (Renames("wanted", "a"), Renames("items", "b"), Renames("one", "c"))

    found = [one.proposer for one in RuleProposer(rules).propose(target(), tree(), ())]

    assert found[0] == "rules/wanted-to-a+items-to-b+one-to-c"
    assert found[-3:] == [
        "rules/items-to-b+one-to-c",
        "rules/wanted-to-a+one-to-c",
        "rules/wanted-to-a+items-to-b",
    ]


def test_the_second_of_two_functions_with_one_name_is_found_by_its_span():
    data = b"if x:\n    def f(n):\n        return n\nelse:\n    def f(n):\n        return n\n"

    (first, *_) = texts(RuleProposer((Renames("n", "m"),)).propose(target("f", 5, 6), tree(data), ()))

    assert first == "if x:\n    def f(n):\n        return n\nelse:\n    def f(m):\n        return m\n"


def test_line_endings_byte_order_mark_and_missing_newline_are_kept():
    data = b"\xef\xbb\xbfdef f(n):\r\n    # \xc3\xa9\r\n    return n"

    (first, *_) = RuleProposer((Renames("n", "m"),)).propose(target("f", 1, 3), tree(data), ())

    assert first.edits.changes[0].after == b"\xef\xbb\xbfdef f(m):\r\n    # \xc3\xa9\r\n    return m"


def test_nothing_to_do_gives_nothing():
    assert list(RuleProposer(catalogue()).propose(target("find", 16, 17), tree(), ())) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"def find(:\n", "does not parse"),
        (b"x = '\xff'\n", "does not parse"),
        (b"x = 1\n", "has no function Shop.find"),
        (None, "is not a file of the tree"),
    ],
)
def test_a_function_that_cannot_be_read_gives_no_candidates_and_a_reason(caplog, data, sentence):
    caplog.set_level(logging.INFO)
    snapshot = Snapshot("a" * 40) if data is None else tree(data)

    assert list(RuleProposer(catalogue()).propose(target(), snapshot, ())) == []
    assert sentence in caplog.text


def test_a_rule_that_raises_is_logged_and_the_others_go_on(caplog):
    found = list(RuleProposer((Breaks(), *catalogue())).propose(target(), tree(), ()))

    assert found == list(RuleProposer(catalogue()).propose(target(), tree(), ()))
    assert found
    assert "ZeroDivisionError" in caplog.text


def test_a_protected_path_gives_no_candidates_and_a_reason(caplog):
    caplog.set_level(logging.INFO)

    assert list(RuleProposer(catalogue(), protected=("shop.py",)).propose(target(), tree(), ())) == []
    assert "shop.py" in caplog.text


def test_names_and_preconditions_of_the_catalogue_are_complete_and_unique():
    rules = catalogue()

    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.precondition.endswith(".") for rule in rules)


def test_code_that_is_nested_too_deeply_gives_no_candidates_and_a_reason(caplog):
    caplog.set_level(logging.INFO)
    data = b"def f(n):\n    return " + b" + ".join([b"n"] * 600) + b"\n"

    assert list(RuleProposer(catalogue()).propose(target("f", 1, 2), tree(data), ())) == []
    assert "nested too deeply" in caplog.text


def test_what_counts_as_polish_are_rules_that_there_are():
    assert {rule.name for rule in catalogue()} | {"linter-fixes"} >= POLISH
