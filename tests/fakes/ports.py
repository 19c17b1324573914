"""Fakes that mirror `bot.ports`; each keeps what it was asked, so that tests look at behaviour from outside."""

from dataclasses import dataclass, field

from bot.domain.evidence import Gate, Isolation, Outcome, Verdict


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
