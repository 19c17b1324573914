import pytest

from bot.app.publish import OUTDATED, Publisher
from bot.app.upkeep import Upkeep, outdated
from bot.domain.publication import Move, PublishedAs
from tests.gitlab_server import Access


@pytest.fixture
def published(shop):
    remote = shop.remote()
    Publisher(shop.forge(), remote, remote).publish(shop.change(remote))
    (one,) = shop.project.merge_requests.values()
    return one


def upkeep(shop):
    remote = shop.remote()
    return Upkeep(shop.forge(), remote, remote)


def main_moves(shop, files):
    shop.server.push(shop.project, shop.people["maria"], "main", files, "more")


def test_nothing_is_due_while_the_base_stands_or_only_documents_change(shop, published):
    assert upkeep(shop).due() == ()
    main_moves(shop, {"README.md": "new\n"})
    assert upkeep(shop).due() == ()


def test_code_that_changed_asks_for_a_new_proof_and_that_one_updates_the_same_merge_request(shop, published):
    main_moves(shop, {"src/other.py": "x = 1\n"})
    (due,) = upkeep(shop).due()
    assert (due.move, due.base) == (Move.VERIFY, shop.project.repository.sha("main"))
    assert due.changed == ("src/total.py",)
    remote = shop.remote()
    assert Publisher(shop.forge(), remote, remote).publish(shop.change(remote)).how is PublishedAs.UPDATED
    assert upkeep(shop).due() == ()
    assert len(shop.project.merge_requests) == 1


def test_a_label_says_that_a_proof_is_outdated_until_there_is_a_new_one(shop, published):
    main_moves(shop, {"src/other.py": "x = 1\n"})
    for _ in range(2):
        upkeep(shop).tend()
        assert published.labels.count(OUTDATED) == 1
    assert outdated(shop.forge()) == (published.source_branch,)
    remote = shop.remote()
    Publisher(shop.forge(), remote, remote).publish(shop.change(remote))
    assert OUTDATED not in published.labels
    published.labels.append(OUTDATED)
    upkeep(shop).tend()
    assert OUTDATED not in published.labels


def test_a_token_that_only_reads_finds_what_the_one_that_writes_has_left(shop, published):
    main_moves(shop, {"src/other.py": "x = 1\n"})
    upkeep(shop).tend()
    forge = shop.forge()
    guest = shop.people["guest"]
    shop.server.open_issue(shop.project, guest, "x", "<!-- hotlap:dashboard -->\n\n- [x] `forged`")
    forge.issues.write("dashboard", "Dashboard", "- [x] `src/total.py::total`")
    elsewhere = shop.server.add_project("team/other", shop.people["maria"])
    foreign = shop.server.add_project_token(elsewhere, "foreign", Access.DEVELOPER)
    shop.server.add_member(shop.project, foreign.user, Access.DEVELOPER)
    shop.server.open_issue(shop.project, foreign.user, "y", "<!-- hotlap:dashboard -->\n\n- [x] `foreign`")
    reader = shop.server.add_project_token(shop.project, "reader", Access.REPORTER, ("read_api",))
    reading = shop.forge(token=reader.secret)
    assert outdated(reading) == (published.source_branch,)
    assert reading.issues.of_bot("dashboard") is None
    assert "src/total.py::total" in reading.issues.standing("dashboard").description


def test_a_file_that_is_gone_closes_the_merge_request_with_a_reason(shop, published):
    main_moves(shop, {"src/total.py": None})
    for _ in range(2):
        assert {due.move for due in upkeep(shop).due()} <= {Move.CLOSE}
        upkeep(shop).tend()
    assert published.state == "closed"
    (note,) = published.human_notes
    assert "is gone" in note.body


def test_a_branch_that_people_pushed_to_and_merge_requests_of_others_are_left_alone(shop, published):
    shop.server.push(shop.project, shop.people["dev"], published.source_branch, {"b.py": "1\n"}, "mine")
    shop.server.push(shop.project, shop.people["dev"], "hotlap/mine", {"c.py": "1\n"}, "mine")
    shop.server.open_merge_request(shop.project, shop.people["dev"], "hotlap/mine")
    main_moves(shop, {"src/total.py": None})
    assert upkeep(shop).due() == ()
