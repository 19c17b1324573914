"""At every call of a run something goes wrong; the next run ends with one branch, one merge request and one reply."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

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


BEFORE = {
    "429": lambda _: Fault.status(429, retry_after=1),
    "500": lambda _: Fault.status(500),
    "502": lambda _: Fault.status(502),
    "timeout": lambda _: Fault.silence(acted=False, seconds=5),
    "reset": lambda _: Fault.reset(acted=False),
    "kill": lambda life: Fault.kill(life.end, acted=False),
}
AFTER = {
    "500": lambda _: Fault.status(500, acted=True),
    "502": lambda _: Fault.status(502, acted=True),
    "timeout": lambda _: Fault.silence(acted=True, seconds=5),
    "reset": lambda _: Fault.reset(acted=True),
    "kill": lambda life: Fault.kill(life.end, acted=True),
}
"""What GitLab did, and nobody was told: of a call that only reads that is the same as not having done it."""
LEAST = 300


@pytest.fixture
def asked(more):
    """A new project in which somebody just asked for a run: the shop, and the hint of the event."""

    def make(who):
        shop = more()
        shop.server.push(shop.project, shop.people["dev"], "feature", {"a.py": "1\n"}, "work")
        request = shop.server.open_merge_request(shop.project, shop.people["dev"], "feature")
        note = shop.server.say(request, shop.people[who], "please\n/optimize src/total.py::total")
        return shop, Hint(shop.project.id, Noteable(NoteableKind.MERGE_REQUEST, request.iid), note.id)

    return make


def run(shop, hint, seconds):
    """The job of one comment, which waits so long for an answer: hear, publish, reply."""
    forge = shop.forge(timeout=seconds)
    heard = listener(shop, seconds).hear(hint)
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
    """The calls so far: their numbers, and whether they write."""
    reads = ("GET", "HEAD")
    return {
        one.number: one.method not in reads and not one.path.endswith("git-upload-pack")
        for one in shop.server.log
        if one.kind == through
    }


def clean_run(asked, story, through):
    """The calls of one run without a fault, by how many after its start they come, and whether they write."""
    shop, hint = asked(story.who)
    start = max(calls(shop, through), default=0)
    story.run(shop, hint, 10)
    story.settled(shop, hint)
    return {number - start: writes for number, writes in calls(shop, through).items() if number > start}


def planned(made, kind):
    """The faults of one kind, by the call that they hit."""
    before = [(at, BEFORE[kind]) for at in made]
    return before + [(at, AFTER[kind]) for at, writes in made.items() if writes and kind in AFTER]


@dataclass(frozen=True)
class Story:
    """What the bot does about the comment of somebody, through which of its doors, and how it must end."""

    who: str
    through: tuple
    run: Callable
    settled: Callable


def listener(shop, seconds):
    return Listener(shop.forge(timeout=seconds), Policy(), Limits(), RUN, lambda: dt.datetime.now(dt.UTC))


def turn_away(shop, hint, seconds):
    assert listener(shop, seconds).hear(hint).trigger is None


def turned_away(shop, hint):
    (request,) = shop.project.merge_requests.values()
    asked, reply = request.human_notes
    assert "Not done: this needs the role Developer" in reply.body
    assert sorted(award.name for award in asked.awards) == ["eyes", "no_entry_sign"]
    assert set(shop.project.repository.branches()) == {"main", "feature"}


STORIES = {
    "published": Story("dev", ("api", "git"), run, settled),
    "refused": Story("guest", ("api",), turn_away, turned_away),
}
MATRIX = [(name, through, kind) for name, one in STORIES.items() for through in one.through for kind in BEFORE]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "through", "kind"), MATRIX)
def test_a_fault_at_any_call_and_another_run_leave_everything_once(asked, name, through, kind):
    story = STORIES[name]
    for at, fault in planned(clean_run(asked, story, through), kind):
        shop, hint = asked(story.who)
        start = max(calls(shop, through), default=0)
        shop.server.faults.clear()
        shop.server.faults.fired.clear()
        shop.server.faults.add(fault(Life(shop)), at=start + at, kind=through)
        try:
            story.run(shop, hint, 0.4 if kind == "timeout" else 10)
        except (Killed, ForgeError):
            shop.sleep = shop.slept.append
            story.run(shop, hint, 10)
        assert len(shop.server.faults.fired) == 1
        story.settled(shop, hint)


@pytest.mark.slow
def test_together_they_are_as_many_as_promised(asked):
    # tests/contract/ci/test_last_job_faults.py has some more.
    runs = [clean_run(asked, one, through) for one in STORIES.values() for through in one.through]
    assert sum(len(planned(made, kind)) for made in runs for kind in BEFORE) >= LEAST
