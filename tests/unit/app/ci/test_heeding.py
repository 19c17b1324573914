"""What is proposed where somebody wants another change: not the same, not what the comment rules out, the next best."""

from dataclasses import replace

from bot.app.ci.criticised import Criticised, names, read, refused
from bot.app.ci.heeding import Heeding
from bot.domain.code import File, FileChange, Snapshot
from bot.domain.revision import Commit, Earlier, Revision
from bot.learn.reading.wishes import bans
from bot.localize.index import Index
from tests.fakes import exchange as made
from tests.fakes import reports
from tests.fakes.ports import FakeProposer

INDEX = Index(made.TREE)
(REAL,) = INDEX.functions(made.PATH)
TARGET = replace(made.TARGET, function=REAL)
REVISION = Revision(4, "hotlap/src-shop-report-total", "c" * 40, 77, said=("no lambdas",))
FIRST = made.candidate(target=TARGET)
OTHER = made.candidate(b"def total(rows):\n    return ','.join(rows)\n", target=TARGET)
LAMBDA = made.candidate(b"def total(rows):\n    return (lambda: ','.join(rows))()\n", target=TARGET)


class FakeLineage:
    """A branch of prepared commits on the tree that the tests work on."""

    def __init__(self, *commits) -> None:
        self.every = [one for one, _ in commits]
        self.changed = {one.sha: changes for one, changes in commits}

    def commits(self, base, tip):
        return tuple(self.every)

    def changes(self, base, tip):
        return self.changed[tip]

    def fork_point(self, base, tip):
        return base


def commit(sha="c" * 40, message="Make total faster\n", parent="a" * 40, *, own=True):
    return Commit(sha, (parent,), message, own)


def about(*commits, revision=REVISION):
    return read(FakeLineage(*commits), INDEX, revision, "group/shop")


def heeded(criticised, *candidates):
    heeding = Heeding(FakeProposer(list(candidates)), {str(REAL): criticised})
    return list(heeding.propose(TARGET, made.TREE, ())), heeding.notes


def test_the_change_that_stands_there_and_what_the_comment_rules_out_are_left_out():
    found = about((commit(), FIRST.edits.changes))
    assert (found.name, found.revision.problem) == (str(REAL), "")
    tried, notes = heeded(found, FIRST, LAMBDA, OTHER)
    assert tried == [OTHER]
    assert notes == (f"{REAL}: not tried were 1 that stood here before, 1 that the comment rules out",)


def test_functions_that_nobody_criticised_pass_through():
    heeding = Heeding(FakeProposer([FIRST, LAMBDA]), {})
    assert list(heeding.propose(TARGET, made.TREE, ())) == [FIRST, LAMBDA]
    assert heeding.notes == ()


def test_the_same_edit_is_known_again_where_other_lines_of_the_file_have_moved():
    old = (FileChange(made.PATH, b"import os\n\n\n" + reports.BEFORE, b"import os\n\n\n" + reports.AFTER),)
    criticised = Criticised(REVISION, REAL, (Earlier(old, ""),))
    assert refused(criticised, FIRST)
    assert not refused(criticised, OTHER)


def test_what_was_pushed_for_this_comment_before_is_the_only_candidate():
    first, second = commit("b" * 40), commit("c" * 40, "Make it\n\nRevised-for: note 77\n", "b" * 40)
    found = about((first, FIRST.edits.changes), (second, OTHER.edits.changes))
    assert found.revision.head == "b" * 40
    (tried,), _ = heeded(found, LAMBDA)
    assert (tried.id, tried.base) == (OTHER.id, made.COMMIT)
    assert "Make total faster" in found.criticism.proof
    elsewhere = about((first, FIRST.edits.changes), (second, OTHER.edits.changes), revision=replace(REVISION, note=78))
    assert elsewhere.standing is None


def test_commits_of_others_and_a_function_that_is_gone_are_problems():
    assert "commits of others" in about((commit(own=False), FIRST.edits.changes)).revision.problem
    gone = about((commit(), FIRST.edits.changes), revision=replace(REVISION, branch="hotlap/other"))
    assert "no function that is still there" in gone.revision.problem
    assert gone.function is None


def test_what_is_to_be_surveyed_is_the_functions_by_name():
    assert names([about((commit(), FIRST.edits.changes))]) == (str(REAL),)


def test_a_ban_of_the_comment_holds_for_this_function_only():
    found = Criticised(REVISION, REAL, banned=bans(["no lambdas"], "p"))
    tree = Snapshot(made.COMMIT, {**made.TREE.files, "other.py": File(b"def f():\n    return 1\n")})
    heeding = Heeding(FakeProposer([LAMBDA]), {"other.py::f": found})
    assert list(heeding.propose(TARGET, tree, ())) == [LAMBDA]
