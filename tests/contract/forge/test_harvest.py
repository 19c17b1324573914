"""The harvest against a GitLab: everything that people did, once, whatever comes in between."""

import contextlib

import pytest

from bot.adapters.gitlab.client import Client, Patience
from bot.adapters.gitlab.reviews import GitLabReviews
from bot.app.harvest import harvested
from bot.domain.errors import ForgeError
from bot.domain.feedback import Reception
from tests.fakes.stores import FakeStores
from tests.gitlab_server import Fault

PATIENCE = Patience(attempts=1)
AT = "2026-01-01T00:00:00+00:00"


class Book:
    """A memory, and what a harvest of one shop does to it."""

    def __init__(self, shop) -> None:
        self.shop, stores = shop, FakeStores(lambda: AT)
        self.memory, self.book = stores.memory("team/shop"), stores.book("team/shop")

    def harvest(self, **more):
        forge = self.shop.forge()
        return list(harvested(forge, "team/shop", self.memory, self.book, **more))

    @property
    def sentences(self):
        return [one.sentence for one in self.book.lessons()]


@pytest.fixture
def reader(shop):
    return Book(shop)


def proposed(shop, name, description="by `rules/call-memo` in `src/total.py::total`"):
    server, bot = shop.server, shop.token.user
    server.push(shop.project, bot, f"hotlap/{name}", {"src/total.py": f"def total(rows):\n    return {name!r}\n"})
    return server.open_merge_request(shop.project, bot, f"hotlap/{name}", title=name, description=description)


def test_all_that_people_do_is_one_piece_of_feedback(shop, reader):
    server, maria, dev = shop.server, shop.people["maria"], shop.people["dev"]
    request = proposed(shop, "total")
    forge = shop.forge()
    position = {
        "position_type": "text", "new_path": "src/total.py", "old_path": "src/total.py", "new_line": 2,
        "base_sha": request.versions[-1].base, "start_sha": request.versions[-1].start, "head_sha": request.sha,
    }  # fmt: skip
    note = server.say(request, dev, "Shorter:\n\n```suggestion:-0+0\n    return 1\n```", position=position)
    server.apply_suggestion(note.suggestions[0], dev)
    server.pushed(shop.project, dev)
    server.award(request, dev, "thumbsup")
    server.award(request, shop.people["guest"], "thumbsdown")
    server.approve(request, maria)
    (found,) = [one.feedback for one in reader.harvest()]
    assert forge.directory.me().id == request.author.id
    assert (found.thumbs_up, found.thumbs_down, found.approvals) == (1, 0, ("maria",))
    assert (found.suggestions, found.threads, found.resolved) == (1, 1, 0)
    assert len(found.human_commits) == 1
    assert found.reception is Reception.REVISED
    assert (found.change.path, found.change.function, found.change.kind) == ("src/total.py", "total", "cache")
    assert found.change.rules == ("call-memo",)


def test_harvesting_again_tells_nothing_and_a_reaction_on_an_open_one_is_found(shop, reader):
    request = proposed(shop, "total")
    assert len(reader.harvest()) == 1
    assert reader.harvest() == []
    shop.server.award(request, shop.people["dev"], "thumbsup")
    (found,) = reader.harvest(opened=True)
    assert found.feedback.thumbs_up == 1


def test_what_was_merged_and_reverted_is_refused(shop, reader):
    server, maria = shop.server, shop.people["maria"]
    request = proposed(shop, "total")
    server.merge(request, maria)
    assert [one.feedback.reception for one in reader.harvest()] == [Reception.ACCEPTED]
    message = f'Revert "total"\n\nThis reverts merge request !{request.iid}'
    server.push(shop.project, maria, "main", {"src/total.py": "def total(rows):\n    return sum(rows)\n"}, message)
    server.say(request, maria, "reverted")
    assert [one.feedback.reception for one in reader.harvest()] == [Reception.REJECTED]


def test_merge_requests_of_others_and_other_branches_of_the_account_are_not_read(shop, reader):
    server, dev, bot = shop.server, shop.people["dev"], shop.token.user
    for user, branch in ((dev, "hotlap/mine"), (bot, "release")):
        server.push(shop.project, user, branch, {"a.py": "x = 1\n"})
        server.open_merge_request(shop.project, user, branch)
    assert reader.harvest() == []


@pytest.mark.parametrize("number", range(1, 16, 2))
def test_a_harvest_that_ends_in_the_middle_is_done_to_its_end_by_the_next(shop, reader, number):
    server, maria = shop.server, shop.people["maria"]
    for word in ("numba", "cython"):
        request = proposed(shop, word)
        server.say(request, maria, f"please do not use {word} in this repository")
        server.close(request, maria)
    server.faults.add(Fault.status(404), at=server.calls + number)
    with contextlib.suppress(ForgeError):
        reader.harvest()
    server.faults.clear()
    reader.harvest()
    assert len(reader.sentences) == 2
    assert [one.mr for one in reader.memory.feedback()] == [1, 2]


def test_a_page_that_moves_while_it_is_read_loses_nobody(shop):
    requests = [proposed(shop, name) for name in "abcde"]
    client = Client(shop.address, shop.redactor, PATIENCE, shop.sleep)
    found = GitLabReviews(client, f"/projects/{shop.project.id}", page=2).changed(shop.token.user.id)
    first = [next(found)["iid"], next(found)["iid"]]
    shop.server.say(requests[0], shop.people["dev"], "changed meanwhile")
    assert first + [one["iid"] for one in found] == [one.iid for one in requests]
