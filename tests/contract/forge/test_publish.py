import pytest

from bot.app.publish import LABEL, SUPERSEDED, Publisher
from bot.domain.errors import Refused
from bot.domain.publication import Picture, PublishedAs

BRANCH = "hotlap/src-total-total"


def published(shop, forge=None, **others):
    remote = shop.remote()
    return Publisher(forge or shop.forge(), remote, remote).publish(shop.change(remote, **others))


def only(shop):
    (one,) = shop.project.merge_requests.values()
    return one


def test_a_change_becomes_one_draft_with_labels_and_an_owner_to_review_it(shop):
    found = published(shop, labels=("performance",))
    one = only(shop)
    assert (found.how, found.merge_request.iid) == (PublishedAs.OPENED, one.iid)
    assert one.draft
    assert set(one.labels) == {LABEL, "performance"}
    assert [user.username for user in one.reviewers] == ["dev"]
    assert shop.project.repository.read(BRANCH, "src/total.py") == b"def total(rows):\n    return fsum(rows)\n"
    assert one.description.startswith("<!-- hotlap:merge-request -->\n\nIt is **1.3x** faster.")


def test_a_second_run_of_the_same_writes_nothing(shop):
    published(shop)
    before = len(shop.writes())
    assert published(shop).how is PublishedAs.UPDATED
    assert len(shop.writes()) == before


def test_a_better_change_replaces_the_earlier_one_and_keeps_what_people_set(shop):
    published(shop, labels=("performance",))
    one = only(shop)
    one.labels.append("mine")
    one.title = one.title.removeprefix("Draft: ")
    found = published(shop, after=b"def total(rows):\n    return 1\n", title="Make total 9x faster")
    assert found.how is PublishedAs.UPDATED
    assert only(shop).title == "Make total 9x faster"
    assert set(only(shop).labels) == {LABEL, "performance", "mine"}
    assert shop.project.repository.read(BRANCH, "src/total.py") == b"def total(rows):\n    return 1\n"
    assert len(shop.project.repository.log(BRANCH)) == 2


def test_what_was_closed_stays_closed_until_somebody_asks(shop):
    published(shop)
    shop.server.close(only(shop), shop.people["dev"])
    assert published(shop).how is PublishedAs.REJECTED_BEFORE
    assert len(shop.project.merge_requests) == 1
    assert published(shop, asked_for=True).how is PublishedAs.OPENED
    assert len(shop.project.merge_requests) == 2


def test_a_branch_that_somebody_pushed_to_is_left_alone_and_that_is_said_once(shop):
    published(shop)
    shop.server.push(shop.project, shop.people["dev"], BRANCH, {"src/total.py": "mine\n"}, "my way")
    tip = shop.project.repository.sha(BRANCH)
    for _ in range(2):
        assert published(shop, after=b"def total(rows):\n    return 1\n").how is PublishedAs.TAKEN_OVER
    assert shop.project.repository.sha(BRANCH) == tip
    (note,) = only(shop).human_notes
    assert "commits of others" in note.body


def test_a_push_in_the_middle_is_not_overwritten(shop):
    published(shop)
    remote = shop.remote()
    change = shop.change(remote, after=b"def total(rows):\n    return 1\n")
    honest = remote.push

    def late(branch, sha, expected):
        shop.server.push(shop.project, shop.people["dev"], BRANCH, {"src/total.py": "mine\n"}, "my way")
        honest(branch, sha, expected)

    remote.push = late
    assert Publisher(shop.forge(), remote, remote).publish(change).how is PublishedAs.TAKEN_OVER
    assert shop.project.repository.read(BRANCH, "src/total.py") == b"mine\n"


@pytest.mark.parametrize(
    ("path", "how"), [("README.md", PublishedAs.OPENED), ("src/other.py", PublishedAs.STALE)], ids=["document", "code"]
)
def test_a_base_that_moved_asks_for_a_new_proof_unless_only_documents_changed(shop, path, how):
    remote = shop.remote()
    change = shop.change(remote)
    shop.server.push(shop.project, shop.people["maria"], "main", {path: "new\n"}, "more")
    assert Publisher(shop.forge(), remote, remote).publish(change).how is how
    assert len(shop.project.merge_requests) == (how is PublishedAs.OPENED)


def test_a_superseded_merge_request_is_closed_with_a_reason_and_may_come_back(shop):
    published(shop)
    old = only(shop).iid
    remote = shop.remote()
    change = shop.change(remote, supersedes=(old,))
    change = type(change)(
        "hotlap/other", change.target_branch, change.base, change.commit, "Both faster", "x", supersedes=(old,)
    )
    Publisher(shop.forge(), remote, remote).publish(change)
    first = shop.project.merge_requests[old]
    assert first.state == "closed"
    assert SUPERSEDED in first.labels
    assert "takes the place" in first.human_notes[0].body
    assert published(shop).how is PublishedAs.OPENED


def test_merge_requests_of_others_are_not_closed(shop):
    other = shop.server.push(shop.project, shop.people["dev"], "mine", {"a.py": "1\n"}, "mine") and None
    other = shop.server.open_merge_request(shop.project, shop.people["dev"], "mine")
    published(shop, supersedes=(other.iid,))
    assert other.state == "opened"


def test_a_picture_is_uploaded_once(shop):
    picture = Picture("plot.png", b"\x89PNG\r\n\x1a\n", "How it *fell*")
    for number in range(3):
        published(shop, pictures=(picture,), title=f"Make total {number}x faster")
    assert len(shop.project.uploads) == 1
    assert "![plot-" in only(shop).description
    assert r"How it \*fell\*" in only(shop).description


def test_an_archived_project_and_disabled_merge_requests_are_said_with_what_to_do(shop):
    shop.project.merge_requests_enabled = False
    with pytest.raises(Refused, match="enable them"):
        published(shop)
    shop.project.merge_requests_enabled = True
    remote = shop.remote()
    change = shop.change(remote)
    shop.project.archived = True
    with pytest.raises(Refused, match="unarchive"):
        Publisher(shop.forge(), remote, remote).publish(change)
    assert not shop.project.merge_requests
