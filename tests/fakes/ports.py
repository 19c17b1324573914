"""Fakes that mirror `bot.ports`; each keeps what it was asked, so that tests look at behaviour from outside."""

from dataclasses import dataclass, field

from bot.domain.evidence import (
    Arm,
    Canary,
    Comparison,
    Decision,
    Gate,
    Interval,
    Isolation,
    Machine,
    Outcome,
    ReplayEvidence,
    TestsEvidence,
    Verdict,
)
from bot.evaluate.held_out import HeldOut


@dataclass
class FakeClock:
    time: float = 0.0
    tick: float = 0.0

    def monotonic(self):
        self.time += self.tick
        return self.time

    def now(self):
        return "2026-01-01T00:00:00+00:00"


@dataclass
class FakeCache:
    known: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def get(self, keys):
        self.asked += keys
        return {key: self.known[key] for key in keys if key in self.known}

    def put(self, found):
        self.known.update(found)


@dataclass
class FakeProgress:
    steps: list = field(default_factory=list)

    def step(self, subject, stage, detail=""):
        self.steps.append((subject, stage, detail))


@dataclass
class FakeProposer:
    candidates: list
    name: str = "fake"

    def propose(self, target, tree, lessons):
        yield from self.candidates


@dataclass
class FakeJudge:
    """`screened` and `confirmed` map a candidate's proposer to an outcome; accepted where nothing is said."""

    screened: dict = field(default_factory=dict)
    confirmed: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def screen(self, candidate, tests=1):
        self.asked.append(("screen", candidate.proposer, tests))
        return verdict(self.screened.get(candidate.proposer, Outcome.ACCEPTED), Gate.BENCH)

    def confirm(self, candidate, screened):
        self.asked.append(("confirm", candidate.proposer))
        return verdict(self.confirmed.get(candidate.proposer, Outcome.ACCEPTED), Gate.CONFIRM)


def verdict(outcome, gate=Gate.CONFIRM, reason="", message="", **more):
    return Verdict(outcome, gate, reason or outcome.value, message, Isolation.PROCESS, **more)


@dataclass
class FakeBench:
    """Answers with prepared comparisons; `asked` keeps the benchmarks of each call."""

    decided: tuple = ()
    confirmed: tuple = ()
    fault: Exception | None = None
    asked: list = field(default_factory=list)

    def collect(self, tree):
        return ()

    def canary(self, tree, benchmarks):
        return canary()

    def decide(self, base, candidate, benchmarks, *, tests=1):
        self.asked.append(("decide", tuple(benchmarks), tests))
        if self.fault is not None:
            raise self.fault
        return self.decided

    def confirm(self, base, candidate, benchmarks):
        self.asked.append(("confirm", tuple(benchmarks)))
        return tuple(one for one in self.confirmed if one.benchmark in benchmarks)

    def machine(self):
        return Machine("cpu", 2, "kernel", "performance", "3.11", "fixed")


@dataclass
class FakeTests:
    evidence: TestsEvidence = field(default_factory=lambda: TestsEvidence(3, 3, 0, 0))

    def check(self, baseline, tree, first=()):
        return self.evidence


@dataclass
class FakeReplay:
    evidence: ReplayEvidence = field(default_factory=lambda: ReplayEvidence(5, 20, 4))
    captured: list = field(default_factory=list)
    gains: HeldOut | None = None

    def capture(self, tree, function, benchmarks):
        self.captured.append(function)
        return function

    def compare(self, captured, base, candidate, seed):
        return self.evidence

    def held_out(self, captured, base, candidate, seed):
        return self.gains


def canary(*, quiet=True, sentence=""):
    return Canary(10, 0.01, Decision.EQUIVALENT, quiet, sentence)


def comparison(name="b", ratio=2.0, decision=Decision.FASTER, **more):
    """Return a comparison in which everything follows `ratio` unless said otherwise."""
    interval = Interval(ratio, ratio * 0.98, ratio * 1.02)
    arm = Arm(0.001, 0.001, 1 << 24, 0.001)
    values = {
        "ratio": interval, "base": arm, "candidate": arm, "cpu_ratio": interval,
        "memory_ratio": Interval(1, 0.99, 1.01), "first_call_ratio": interval,
        "samples": (-0.7,) * 20, "pairs": 20, "seconds": 1.0,
    } | more  # fmt: skip
    return Comparison(name, decision, **values)
