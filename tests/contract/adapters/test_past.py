"""What became of merged changes, in repositories made by git itself."""

import pytest

from bot.adapters.git import GitCheckout
from bot.adapters.past import GitPast
from bot.domain.errors import Refused
from tests.e2e.conftest import Repository

OLD = "def f(rows):\n    return [row for row in rows if row in list(rows)]\n"
NEW = OLD.replace("list(rows)", "set(rows)")
MORE = "\n\ndef g(rows):\n    return len(rows)\n"


@pytest.fixture
def story(tmp_path):
    """A repository in which a change was merged: its commits before and after."""
    repository = Repository(tmp_path / "shop")
    repository.write("shop.py", OLD + MORE)
    before = repository.commit("before")
    repository.write("shop.py", NEW + MORE)
    return repository, GitPast(GitCheckout(repository.root)), before, repository.commit("merged")


def test_a_change_comes_out_again_around_what_came_later(story):
    repository, past, before, merged = story
    repository.write("shop.py", NEW + MORE.replace("len(rows)", "len(rows) + 1"))
    repository.write("other.py", "x = 1\n")
    head = repository.commit("later")
    (change,) = past.without(before, merged, head)
    assert change.path == "shop.py"
    assert change.before.decode() == NEW + MORE.replace("len(rows)", "len(rows) + 1")
    assert change.after.decode() == OLD + MORE.replace("len(rows)", "len(rows) + 1")


@pytest.mark.parametrize("now", [NEW.replace("row in set", "row not in set") + MORE, None])
def test_where_the_same_place_has_changed_or_the_file_is_gone_it_does_not(story, now):
    repository, past, before, merged = story
    if now is None:
        repository.git("rm", "-q", "shop.py")
    else:
        repository.write("shop.py", now)
    assert past.without(before, merged, repository.commit("later")) is None


def test_what_is_out_already_needs_nothing(story):
    repository, past, before, merged = story
    repository.write("shop.py", OLD + MORE)
    assert past.without(before, merged, repository.commit("reverted")) == ()


def test_files_that_came_with_a_change_go_with_it_and_binary_ones_are_left(story):
    repository, past, _, merged = story
    repository.write("new.py", "x = 1\n")
    repository.write("data.bin", b"\x00\x01")
    added = repository.commit("added")
    found = {one.path: one.after for one in past.without(merged, added, added)}
    assert found == {"new.py": None, "data.bin": None}
    repository.write("data.bin", b"\x00\x02")
    changed = repository.commit("changed")
    repository.write("data.bin", b"\x00\x03")
    assert past.without(added, changed, repository.commit("later")) is None


def test_a_change_has_the_same_digest_wherever_it_stands_and_another_one_has_not(story):
    repository, past, before, merged = story
    repository.git("checkout", "-q", "-b", "elsewhere", before)
    repository.write("shop.py", "# a line above\n" + OLD + MORE)
    base = repository.commit("above")
    repository.write("shop.py", "# a line above\n" + NEW + MORE)
    moved = repository.commit("the same")
    assert past.patch(base, moved) == past.patch(before, merged)
    repository.write("shop.py", "# a line above\n" + NEW.replace("set", "tuple") + MORE)
    assert past.patch(base, repository.commit("another")) != past.patch(before, merged)


def test_commits_in_between_are_those_of_the_branch_and_what_is_no_ancestor_has_none(story):
    repository, past, before, merged = story
    repository.git("checkout", "-q", "-b", "side")
    repository.write("side.py", "x = 1\n")
    side = repository.commit("side")
    repository.git("checkout", "-q", "main")
    repository.write("main.py", "x = 1\n")
    on_main = repository.commit("on main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    tip = repository.git("rev-parse", "HEAD")
    assert past.between(merged, tip) == (on_main, tip)
    assert past.between(on_main, side) == ()
    assert past.parent(tip) == on_main
    with pytest.raises(Refused):
        past.parent(before)
