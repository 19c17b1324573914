"""Attempts as a search leaves them, for whatever keeps or counts them."""

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import FileChange, FunctionId, Span, Target
from bot.domain.conversation import Spent
from bot.domain.evidence import Finding, Gate, Machine, Outcome, TestsEvidence
from bot.domain.job import Candidate, EditSet
from tests.fakes.ports import comparison, verdict

MACHINE = Machine("cpu \u00e9", 2, "kernel", "performance", "3.11", "fixed")


def target(name="work", path="pkg/module.py"):
    function = FunctionId(name, Span(path, 3, 9), f"hash-of-{name}")
    return Target(function, ("bench::b",), 0.4, 0.5, 0.8, 12, 5.0, "hot")


def candidate(number=0, *, of=None, parents=(), spent=None, text=None):
    after = f"x = {number}\n" if text is None else text
    edits = EditSet((FileChange("pkg/module.py", b"x = None\n", after.encode("utf-8", "surrogateescape")),))
    return Candidate(edits, "base-sha", "because \U0001f600", "rule:one", of, tuple(parents), spent=spent)


def attempt(number=0, *, outcome=Outcome.ACCEPTED, ratio=2.0, parents=(), name="work", commit="c" * 40):
    """Return one target with two candidates: one that tests disproved, and one that came to `outcome`."""
    of = target(name)
    first = Tried(candidate(number * 2, of=of), verdict(Outcome.REJECTED, Gate.TESTS, tests=TestsEvidence(3, 2, 1, 0)))
    found = verdict(
        outcome,
        comparisons=(comparison("bench::b", ratio),),
        machine=MACHINE,
        plausibility=(Finding("cache.label", "keeps state"),),
        seconds=3.5,
    )
    last = Tried(candidate(number * 2 + 1, of=of, parents=parents, spent=Spent(1, 100, 20, 0.01)), found)
    kept = last if outcome is Outcome.ACCEPTED else None
    return Attempt(of, (first, last), kept, commit if kept else None)
