"""What a settled plan has to say: one report for each function, in the forms of every other run."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bot
from bot.app.ci.exchange import Exchange
from bot.app.ci.settle import Settled
from bot.domain.code import FunctionId
from bot.domain.evidence import Isolation
from bot.domain.exchange import Evidence, Gathered, Plan
from bot.domain.lesson import Lesson
from bot.domain.publication import BRANCHES
from bot.report.model import RunReport
from bot.report.render import html, markdown

_WEAKEST = (Isolation.PROCESS, Isolation.NAMESPACE, Isolation.CONTAINER, Isolation.VM)


@dataclass(frozen=True, slots=True)
class Context:
    """What reports of one pipeline have in common: the run's name, the plan, the evidence, the confidence.

    `lessons` are what reviewers have taught so far, `notes` what a reader must know besides.
    """

    run: str
    plan: Plan
    gathered: Gathered
    confidence: float
    lessons: tuple[Lesson, ...] = ()
    notes: tuple[str, ...] = ()

    def report(self, settled: Sequence[Settled], branch: str | None = None) -> RunReport:
        """Return the report on some functions; `branch` is the one that holds the change, if any does."""
        order, lead = self.plan.order, self._lead()
        return RunReport(
            run=self.run,
            trigger=order.trigger,
            base=self.plan.commit,
            isolation=self._isolation(),
            reproduce=shlex.join(
                ["hotlap", "measure", "--base", self.plan.commit[:12], "--candidate", branch or "HEAD"]
            ),
            worked=tuple(one.attempt for one in settled),
            ranked=tuple(one.attempt.target for one in settled),
            branch=branch,
            notes=(
                *self.plan.notes,
                *(f"{one.hardware} gave no evidence: {one.why}" for one in self.gathered.silent),
                *self.notes,
            ),
            lessons=self.lessons,
            machine=None if lead is None else lead.machine,
            canary=None if lead is None else lead.canary,
            seconds=max((one.seconds for one in self.gathered.evidence), default=0.0),
            confidence=self.confidence,
            version=bot.__version__,
            columns=tuple(pair for one in settled for pair in one.columns),
        )

    def _lead(self) -> Evidence | None:
        weights = {one.name: one.weight for one in self.plan.order.hardware}
        return max(self.gathered.evidence, key=lambda one: weights.get(one.hardware, 0.0), default=None)

    def _isolation(self) -> Isolation:
        """Return the weakest isolation of all machines: a report claims no more than each of them had."""
        found = {one.isolation for one in self.gathered.evidence}
        return next((level for level in _WEAKEST if level in found), Isolation.PROCESS)


def branch_of(plan: Plan, settled: Settled) -> str:
    """Return the branch of a function: always the same one for the same function and the same place of its change."""
    return branch_for(settled.attempt.target.function, plan.order.trigger.merge_request)


def branch_for(function: FunctionId, merge_request: int | None = None) -> str:
    """Return the branch of a function's change, onto a merge request's branch or the default one."""
    return f"{BRANCHES}{function.slug}" if merge_request is None else f"{BRANCHES}mr-{merge_request}/{function.slug}"


def leave(report: RunReport, exchange: Exchange, redact: Callable[[str], str]) -> None:
    """Write the whole report as files of the job, secrets taken out."""
    for name, text in (("report.md", markdown(report)), ("report.html", html(report))):
        exchange.put(f"report/{name}", redact(text).encode())
