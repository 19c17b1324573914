"""After the merge: what new measurements say of merged gains, and what is opened because of it; for people to decide.

Evidence is untrusted input here as everywhere in the last job: what was taken out of the tree is taken out again in the
bot's own clone and compared, and intervals are computed again from samples.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.app.ci import checks
from bot.app.ci.publish import Publisher
from bot.app.publish import LABEL
from bot.domain.errors import ForgeError, Refused
from bot.domain.exchange import Checked, Gathered, Plan, PlannedCheck
from bot.domain.hardware import fingerprint
from bot.domain.job import EditSet
from bot.domain.ledger import LedgerEntry, Standing
from bot.domain.legible import one_line
from bot.domain.publication import Publication
from bot.domain.rollout import Phase
from bot.evaluate.coherent import remeasured
from bot.learn.aftermath import Remedy, Step, Thresholds, checked, ended, proposal
from bot.ports import Checkout
from bot.ports.forge import Issues, Past
from bot.ports.store import Memory
from bot.report import aftermath as texts


@dataclass(frozen=True, slots=True)
class Rules:
    """When a measurement decides, at which confidence, and how far the bot goes by itself."""

    thresholds: Thresholds
    confidence: float
    phase: Phase


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Looks after merged gains; `clone` and `past` are of the bot's own clone, `branch` is the default one.

    `said` hears what could not be done for one of them.
    """

    memory: Memory
    past: Past
    clone: Checkout
    publisher: Publisher
    issues: Issues
    branch: str
    rules: Rules
    redact: Callable[[str], str]
    said: Callable[[str], None]

    def learn(self, plan: Plan, gathered: Gathered, now: str) -> None:
        """Write what was measured into the ledger, and why a line cannot be measured any more."""
        lines = {one.id: one for one in self.memory.ledger() if one.landed}
        known = dict(lines)
        for check, found, hardware in _answers(plan, gathered):
            entry = lines.get(check.entry)
            if entry is not None and checks.without(entry, self.past, check.commit) == check.changes:
                lines[entry.id] = self._checked(entry, check, found, now, hardware)
        for name, entry in lines.items():
            lines[name] = self._noted(entry, plan.commit)
        self.memory.keep_ledger([one for name, one in lines.items() if one != known[name]])

    def act(self, plan: Plan) -> None:
        """Open what the ledger asks for: one issue, or one draft that reverts; both are found again, never doubled."""
        for entry in self.memory.ledger():
            try:
                self._act(entry, plan)
            except (ForgeError, Refused) as error:
                if isinstance(error, ForgeError) and error.retryable:
                    raise
                self.said(f"nothing could be opened for the gain of !{entry.mr}: {error}")

    def _act(self, entry: LedgerEntry, plan: Plan) -> None:
        wanted = proposal(entry)
        if wanted.remedy is Remedy.ISSUE and not entry.suspects and self.rules.phase.reaches(Phase.SUGGEST):
            self._report(entry, wanted.topic)
        if wanted.remedy is Remedy.REVERT and self.rules.phase.reaches(Phase.APPROVE):
            self._revert(entry, wanted.branch, plan.commit)

    def _checked(self, entry: LedgerEntry, check: PlannedCheck, found: Checked, now: str, hardware: str) -> LedgerEntry:
        limits = self.rules.thresholds
        if found.comparison is None:
            return checked(entry, check.commit, now, hardware, None, limits, one_line(found.why))
        interval = remeasured(found.comparison, self.rules.confidence)
        if found.comparison.benchmark != check.benchmark:
            return entry
        why = one_line(found.comparison.note) or "too few pairs"
        note = "" if interval is not None else f"its figures prove nothing: {why}"
        return checked(entry, check.commit, now, hardware, interval, limits, note)

    def _noted(self, entry: LedgerEntry, head: str) -> LedgerEntry:
        """Return a line with the reason why it cannot be measured; a step of a bisection is passed over for it."""
        if entry.suspects or any(one.commit == head for one in entry.checks):
            return entry
        commit = checks.place(entry, self.past, head)
        why = "" if commit is None else checks.without(entry, self.past, commit)
        if commit is None or not isinstance(why, str):
            return entry
        if entry.standing is Standing.GONE:
            return checked(entry, commit, entry.checks[-1].at, entry.hardware, None, self.rules.thresholds, why)
        return replace(entry, note=why)

    def _report(self, entry: LedgerEntry, topic: str) -> None:
        step = ended(entry, checks.since(entry, self.past))
        if step is None or step.step is Step.MEASURE:
            return
        suspects = (step.commit,) if step.step is Step.FOUND else step.suspects
        title, body = texts.issue(entry, suspects)
        self.issues.write(topic, self.redact(title), self.redact(body), (LABEL,))
        self.memory.keep_ledger([replace(entry, suspects=suspects)])

    def _revert(self, entry: LedgerEntry, branch: str, head: str) -> None:
        """Publish the exact reverse of a merged change, where it is at this very commit that it was proven to cost."""
        changes = (
            None
            if entry.last is None or entry.last.commit != head
            else self.past.without(entry.before, entry.merged, head)
        )
        if not changes:
            return
        title, body, message = texts.revert(entry)
        commit = self.clone.commit(head, EditSet(changes), self.redact(message))
        self.publisher.publish(
            Publication(
                branch=branch,
                target_branch=self.branch,
                base=head,
                commit=commit,
                title=self.redact(title),
                description=self.redact(body),
                changed=tuple(one.path for one in changes),
            )
        )


def _answers(plan: Plan, gathered: Gathered) -> Iterator[tuple[PlannedCheck, Checked, str]]:
    """Yield the checks of the plan with what the machine that was asked says of them, and its fingerprint."""
    planned: Mapping[tuple[str, str, str], PlannedCheck] = {
        (one.entry, one.commit, one.hardware): one for one in plan.checks
    }
    for evidence in gathered.evidence:
        for found in evidence.checked:
            check = planned.get((found.entry, found.commit, evidence.hardware))
            if check is not None and evidence.machine is not None:
                yield check, found, fingerprint(evidence.machine)
