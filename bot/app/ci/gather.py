"""Reads what the machines left behind: untrusted input from jobs in which a stranger's code ran."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.app.ci.evaluate import wrong_cpu
from bot.app.ci.exchange import EVIDENCE, Exchange
from bot.config import Config
from bot.domain.errors import ExchangeError
from bot.domain.evidence import Isolation, Verdict
from bot.domain.exchange import Evidence, Gathered, Plan, Silence
from bot.domain.hardware import Hardware
from bot.domain.legible import one_line
from bot.evaluate.coherent import objection

_RANK = (Isolation.PROCESS, Isolation.NAMESPACE, Isolation.CONTAINER, Isolation.VM)
_ASKED = {"process": Isolation.PROCESS, "namespace": Isolation.NAMESPACE, "docker": Isolation.CONTAINER}
_LONGEST = 600
"""Characters of a sentence that a machine may have somebody read."""
Why = Callable[[str], str]
"""Says why a machine left nothing, by the machine's name."""


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Takes evidence on one plan, whose SHA-256 is `digest`; `why` is asked about machines that left none."""

    exchange: Exchange
    digest: str
    config: Config
    why: Why

    def gather(self, plan: Plan) -> Gathered:
        """Return the evidence that can be believed, and why the other machines have none."""
        evidence: list[Evidence] = []
        silent: list[Silence] = []
        for one in plan.order.hardware:
            if not plan.asks(one.name):
                continue
            try:
                evidence.append(self._of(one, plan))
            except ExchangeError as error:
                silent.append(Silence(one.name, one_line(str(error), _LONGEST)))
        return Gathered(tuple(evidence), tuple(silent))

    def _of(self, hardware: Hardware, plan: Plan) -> Evidence:
        """Return the evidence of one machine; ExchangeError where there is none to believe."""
        if not self.exchange.has(EVIDENCE, hardware.name):
            raise ExchangeError(self.why(hardware.name))
        found = self.exchange.read(EVIDENCE, hardware.name)
        if found.hardware != hardware.name or found.plan != self.digest:
            raise ExchangeError("its evidence is about another machine or another plan")
        if found.fault and not found.judged and not found.checked:
            raise ExchangeError(found.fault)
        if found.machine is None:
            raise ExchangeError("its evidence names no machine")
        if wrong := wrong_cpu(found.machine, hardware):
            raise ExchangeError(wrong)
        self._coherent(found, plan)
        return self._believed(found)

    def _believed(self, found: Evidence) -> Evidence:
        """Return evidence that claims no stronger isolation than the configuration asks for, and is brief."""
        judged = tuple(replace(one, verdict=self._modest(one.verdict)) for one in found.judged)
        checked = tuple(replace(one, why=one_line(one.why, _LONGEST)) for one in found.checked)
        return replace(found, judged=judged, checked=checked, isolation=self._at_most(found.isolation))

    def _modest(self, verdict: Verdict) -> Verdict:
        message = one_line(verdict.message, _LONGEST)
        return replace(verdict, isolation=self._at_most(verdict.isolation), message=message)

    def _at_most(self, claimed: Isolation) -> Isolation:
        asked = _ASKED.get(self.config.isolation)
        return claimed if asked is None or _RANK.index(claimed) < _RANK.index(asked) else asked

    def _coherent(self, found: Evidence, plan: Plan) -> None:
        known = {one.id for one in plan.candidates}
        judged = [one.candidate for one in found.judged]
        if len(set(judged)) < len(judged) or not known.issuperset(judged):
            raise ExchangeError("its evidence is about candidates that the plan does not have")
        accept = self.config.accept
        for one in found.judged:
            if one.verdict.candidate_id != one.candidate:
                raise ExchangeError("its evidence mixes up candidates")
            if said := objection(one.verdict, accept.confidence, accept.margin, accept.min_gain):
                raise ExchangeError(f"its evidence on {one.candidate} contradicts itself: {said}")
