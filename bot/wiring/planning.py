"""From an order and a survey to the candidates that are judged: what people want first, otherwise, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.adapters.clock import SystemClock
from bot.adapters.git import GitCheckout
from bot.app.ci import privilege
from bot.app.ci.heeding import Heeding
from bot.app.ci.propose import lessons_of, propose, wished
from bot.app.ci.survey import survey
from bot.app.upkeep import outdated
from bot.config import Config
from bot.domain.errors import Refused
from bot.domain.exchange import DryRun, Order, Plan, Survey
from bot.domain.rollout import Phase
from bot.localize.index import Index
from bot.ports import Progress
from bot.ports.forge import Forge
from bot.report import dashboard
from bot.search.loop import Search
from bot.wiring import Local
from bot.wiring import forge as gitlab
from bot.wiring.knowing import Knowing
from bot.wiring.proposers import proposing
from bot.wiring.revisions import Revising, harvested, revising


@dataclass(frozen=True, slots=True)
class Planning:
    """What the job that proposes and the single job have in common; `environ` says whether GitLab can be asked."""

    progress: Progress
    environ: Mapping[str, str]

    def asked(self, order: Order) -> Forge | None:
        """Return the project on GitLab, of which a sweep asks what people want; None where this job has no token."""
        return gitlab.forge() if order.at is None and self.environ.get(privilege.TOKEN) else None

    def ticking(self, order: Order) -> Forge | None:
        """Return where boxes were ticked that change the memory; None in a dry run, which changes nothing of it."""
        return self.asked(order) if order.dry is DryRun.NO else None

    def surveyed(self, made: Local, order: Order) -> Survey:
        """Survey what the order is about: the function of a change that is wanted otherwise, where it asks for that."""
        if order.revisions:
            try:
                order = revising(made.checkout, Index(made.tree), order).wanted()
            except Refused as error:
                return Survey(made.tree.commit, notes=(str(error),))
        return survey(made.shop, made.checkout, made.tree, order)

    def revised(self, order: Order, checkout: GitCheckout, index: Index, config: Config) -> Revising:
        """Return what is wanted otherwise: by the comment that asked, or, in a sweep, in threads that wait."""
        forge = self.asked(order)
        return revising(checkout, index, order if forge is None else harvested(forge, order, config))

    def plan(self, revised: Revising, found: Survey, knowing: Knowing, index: Index, config: Config) -> Plan:
        """Return the plan for what was surveyed, with what is remembered and what is wanted otherwise."""
        order = revised.order
        proposer, notes = proposing(order.proposer, config.protected, self.progress, revised.criticisms)
        heeding = Heeding(proposer, revised.named)
        search = Search(
            heeding, self.progress, SystemClock(), config.rollout.value, knowing.expected, least=Phase.SUGGEST
        )
        surveyed = self._in_order(order, revised.only(found), knowing, revised.branches)
        plan = propose(search, index, order, surveyed, (*knowing.lessons, *lessons_of(order, surveyed)))
        return replace(plan, notes=(*plan.notes, *revised.notes, *heeding.notes, *notes()))

    def _in_order(self, order: Order, survey: Survey, knowing: Knowing, revised: Sequence[str]) -> Survey:
        """Return a survey in the order in which a sweep works, where this job can ask what people want first.

        Ticked boxes of the dashboard come first, then the branches that are `revised`, then changes whose proof is
        to be made again, then what is urgent.
        """
        forge = self.asked(order)
        if forge is None:
            return wished(survey, (), revised)
        found = forge.issues.standing(dashboard.TOPIC)
        names = () if found is None else dashboard.ticked(found.description)
        return wished(survey, names, (*revised, *outdated(forge)), knowing.urgency(survey))
