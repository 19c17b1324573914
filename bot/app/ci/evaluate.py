"""The job of one machine: every candidate before the whole judge. It runs hostile code, and holds no secret."""

from collections.abc import Callable
from dataclasses import replace

from bot.app.ci.remeasure import Remeasured
from bot.app.workshop import Workshop
from bot.domain.code import Snapshot
from bot.domain.errors import HotlapError
from bot.domain.evidence import Machine, Outcome, Verdict
from bot.domain.exchange import Evidence, Judged, Plan, Proposed
from bot.domain.hardware import Hardware
from bot.domain.job import Candidate
from bot.evaluate.judge import GateJudge

Save = Callable[[Evidence], None]
_SHARE = 0.25
"""The share of the time after which no merged optimisation is measured again."""


def evaluate(shop: Workshop, tree: Snapshot, plan: Plan, digest: str, hardware: Hardware, save: Save) -> Evidence:
    """Judge the candidates of `plan` and return what was found out; `save` is called after each of them.

    Where one machine is asked, a function is done with its first accepted candidate; several machines judge all of
    them, because another one may disagree. What keeps this machine from an answer is a sentence in the evidence.
    """
    bench = _Bench(shop, tree, plan, save)
    found = Evidence(hardware.name, digest)
    try:
        return bench.run(found, hardware)
    except HotlapError as error:
        return bench.kept(replace(bench.found or found, fault=str(error)))


class _Bench:
    """One machine at work on one plan; `found` is what it knows so far."""

    def __init__(self, shop: Workshop, tree: Snapshot, plan: Plan, save: Save) -> None:
        self._shop, self._tree, self._plan, self._save = shop, tree, plan, save
        self.found: Evidence | None = None
        self._began = shop.parts.clock.monotonic()

    def run(self, found: Evidence, hardware: Hardware) -> Evidence:
        """Judge until the candidates or the time are used up."""
        parts = self._shop.parts
        machine = parts.bench.machine()
        found = self.kept(replace(found, machine=machine, isolation=parts.isolation, notes=parts.notes()))
        if wrong := wrong_cpu(machine, hardware):
            return self.kept(replace(found, fault=wrong))
        checks = [one for one in self._plan.checks if one.hardware == hardware.name]
        telling = (
            *(name for one in self._plan.candidates for name in one.target.benchmarks),
            *(one.benchmark for one in checks),
        )
        names = tuple(dict.fromkeys(telling))
        base = self._shop.base(self._tree, lambda: names or self._shop.benchmarks(self._tree))
        base.baseline()  # a repository whose tests cannot be run is told so before anything is tried
        found = self.kept(replace(found, canary=base.canary()))
        if not base.canary().quiet:
            return self.kept(replace(found, fault=base.canary().sentence))
        remeasured = Remeasured(self._shop, self._tree.commit, base)
        for check in checks:
            again = None if self._late(_SHARE) else remeasured(check)
            found = found if again is None else self.kept(replace(found, checked=(*found.checked, again)))
        judge = self._shop.judge(base)
        for proposed in self._plan.candidates:
            if self._settled(found, proposed):
                continue
            if self._late():
                found = self.kept(replace(found, untried=(*found.untried, proposed.id)))
                continue
            verdict = self._judged(judge, proposed)
            found = self.kept(replace(found, judged=(*found.judged, Judged(proposed.id, verdict))))
        return self.kept(replace(found, machine=self._shop.parts.bench.machine()))

    def kept(self, found: Evidence) -> Evidence:
        """Note and save what is known; a job that is killed leaves that behind."""
        self.found = replace(found, seconds=self._shop.parts.clock.monotonic() - self._began)
        self._save(self.found)
        return self.found

    def _judged(self, judge: GateJudge, proposed: Proposed) -> Verdict:
        candidate: Candidate = proposed.candidate(self._tree.commit, self._tree.files)
        rivals = sum(one.target.function == proposed.target.function for one in self._plan.candidates)
        self._say(proposed, "candidate", candidate.proposer)
        verdict = judge.screen(candidate, tests=rivals)
        if verdict.outcome is Outcome.ACCEPTED:
            verdict = judge.confirm(candidate, verdict)
        self._say(proposed, "verdict", f"{verdict.outcome}: {verdict.message}")
        return verdict

    def _settled(self, found: Evidence, proposed: Proposed) -> bool:
        if len(self._plan.order.hardware) > 1:
            return False
        functions = {one.id: one.target.function for one in self._plan.candidates}
        accepted = (one.candidate for one in found.judged if one.verdict.outcome is Outcome.ACCEPTED)
        return any(functions[one] == proposed.target.function for one in accepted)

    def _late(self, share: float = 1.0) -> bool:
        seconds = self._plan.order.budget.seconds
        return seconds is not None and self._shop.parts.clock.monotonic() - self._began > seconds * share

    def _say(self, proposed: Proposed, stage: str, detail: str) -> None:
        self._shop.parts.progress.step(str(proposed.target.function), stage, detail)


def wrong_cpu(machine: Machine, hardware: Hardware) -> str:
    """Return why a machine is not the one that was asked for, "" where it is."""
    if hardware.cpu.casefold() in machine.cpu_model.casefold():
        return ""
    return f"the CPU is {machine.cpu_model}, where {hardware.name} should have {hardware.cpu}"
