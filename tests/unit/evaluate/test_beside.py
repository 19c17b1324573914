from contextlib import contextmanager

from bot.domain.code import Snapshot
from bot.domain.evidence import Isolation
from bot.evaluate.beside import Beside
from bot.ports import Limits, Place
from tests.fakes.ports import FakeProgress


class Box:
    """A sandbox and its session; `seen` keeps where things were asked to run."""

    isolation, fixes_layout, notes = Isolation.NAMESPACE, True, ()
    tree, tools, scratch = "/t", "/o", "/s"

    def __init__(self) -> None:
        self.seen = []

    @contextmanager
    def open(self, tree, limits):
        self.seen.append("open")
        yield self

    def run(self, argv, *, env, timeout, stdin, place):
        self.seen.append(place)

    def talk(self, argv, *, env, fixed_layout):
        return self

    def pin(self, cpus):
        self.seen.append(cpus)

    def take(self, name, max_bytes):
        return b"taken"


def test_what_is_not_timed_stays_on_the_cores_that_it_got():
    box, held = Box(), []

    @contextmanager
    def cores(waiting):
        waiting()
        held.append("held")
        yield (0, 2)
        held.append("free")

    progress = FakeProgress()
    with Beside(box, progress, cores).open(Snapshot("", {}), Limits()) as session:
        session.run(("x",), env={}, timeout=1.0)
        session.run(("x",), env={}, timeout=1.0, place=Place("sub", (3,), fixed_layout=True))
        session.talk(("x",), env={})
        assert (session.take("a", 1), session.tree, session.tools, session.scratch) == (b"taken", "/t", "/o", "/s")
        assert held == ["held"]
    assert held == ["held", "free"]
    assert box.seen == ["open", Place(cpus=(0, 2)), Place("sub", (3,), fixed_layout=True), (0, 2)]
    assert "waiting" in progress.steps[0][2]
