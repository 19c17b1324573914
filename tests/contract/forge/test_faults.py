"""At every call of a run something goes wrong; the next run ends with one branch, one merge request and one reply."""

import datetime as dt

import pytest

from bot.app.comment import Listener, topic
from bot.app.publish import Publisher
from bot.domain.errors import ForgeError
from bot.domain.forge import Noteable, NoteableKind
from bot.domain.publication import PublishedAs
from bot.triggers.authorise import Policy
from bot.triggers.limits import Limits
from bot.triggers.payload import Hint
from tests.gitlab_server import Fault

RUN = 4711


class Killed(BaseException):
    """The bot is gone in the middle of a call; nothing may catch this."""


class Life:
    """Ends the bot: the call is not answered, and the bot does not live to try again."""

    def __init__(self, shop) -> None:
        self.over = False
        shop.sleep = self.sleep

    def end(self):
        self.over = True

    def sleep(self, _seconds):
        if self.over:
            raise Killed


KINDS = {
    "429": lambda _: Fault.status(429, retry_after=1),
    "500 before": lambda _: Fault.status(500),
    "500 after": lambda _: Fault.status(500, acted=True),
    "502": lambda _: Fault.status(502, acted=True),
    "silence before": lambda _: Fault.silence(acted=False, seconds=5),
    "silence after": lambda _: Fault.silence(acted=True, seconds=5),
    "reset before": lambda _: Fault.reset(acted=False),
    "reset after": lambda _: Fault.reset(acted=True),
    "kill before": lambda life: Fault.kill(life.end, acted=False),
    "kill after": lambda life: Fault.kill(life.end, acted=True),
}


@pytest.fixture
def asked(more):
    """A new project in which a Developer just asked for a run: the shop, and the hint of the event."""

    def make():
        shop = more()
        shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "1\n"}, "work")
        request = shop.server.open_merge_request(shop.project, shop.people["dev"], "feature")
        note = shop.server.say(request, shop.people["dev"], "please\n/optimize src/total.py::total")
        return shop, Hint(shop.project.id, Noteable(NoteableKind.MERGE_REQUEST, request.iid), note.id)

    return make


def run(shop, hint):
    """The job of one comment: hear, publish, reply."""
    forge = shop.forge(timeout=0.4)
    heard = Listener(forge, Policy(), Limits(), RUN, lambda: dt.datetime.now(dt.UTC)).hear(hint)
    assert heard.trigger is not None, heard.sentence
    remote = shop.remote()
    found = Publisher(forge, remote, remote).publish(shop.change(remote, asked_for=True))
    assert found.how in {PublishedAs.OPENED, PublishedAs.UPDATED}
    forge.talk.say(hint.at, topic(hint.note), f"Done: {found.sentence}", heard.trigger.thread)


def settled(shop, hint):
    """What must be there once, whatever happened on the way."""
    assert set(shop.project.repository.branches()) == {"main", "feature", "hotlap/src-total-total"}
    assert len(shop.project.repository.log("hotlap/src-total-total")) == 2
    first, second = shop.project.merge_requests.values()
    assert second.source_branch == "hotlap/src-total-total"
    asked, reply = first.human_notes
    assert "Done: !2" in reply.body
    assert asked.id == hint.note
    assert [award.name for award in asked.awards] == ["eyes"]
    assert second.human_notes == []


def calls(shop, through):
    return max((one.number for one in shop.server.log if one.kind == through), default=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("through", ["api", "git"])
def test_a_fault_at_any_call_and_another_run_leave_everything_once(asked, through, kind):
    clean, hint = asked()
    before = calls(clean, through)
    run(clean, hint)
    settled(clean, hint)
    many = calls(clean, through) - before
    assert many > {"api": 20, "git": 5}[through]
    for number in range(1, many + 1):
        shop, hint = asked()
        start = calls(shop, through)
        shop.server.faults.clear()
        shop.server.faults.add(KINDS[kind](Life(shop)), at=start + number, kind=through)
        try:
            run(shop, hint)
        except (Killed, ForgeError):
            run(shop, hint)
        assert len(shop.server.faults.fired) > 0
        settled(shop, hint)
