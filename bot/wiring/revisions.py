"""What people want otherwise, for the jobs that survey and propose: read from GitLab, and from the branch itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.adapters.git import GitCheckout
from bot.adapters.lineage import GitLineage
from bot.app import rounds
from bot.app.ci import commands, criticised
from bot.app.ci.criticised import Criticised
from bot.app.publish import LABEL, OUTDATED
from bot.config import Config
from bot.domain.errors import ForgeError
from bot.domain.exchange import Order, Survey
from bot.domain.forge import MergeRequest
from bot.domain.revision import Criticisms
from bot.localize.index import Index
from bot.ports.forge import Forge

_MISSED = "the survey of the benchmarks did not see it"


@dataclass(frozen=True, slots=True)
class Revising:
    """The revisions of one order, with what each is about."""

    order: Order
    found: tuple[Criticised, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, Criticised]:
        """Those that something can be tried for, by their function."""
        return {one.name: one for one in self.found if one.name and not one.revision.problem}

    @property
    def criticisms(self) -> Criticisms:
        """What a proposer is told, by function."""
        return {name: one.criticism for name, one in self.named.items()}

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches to begin with."""
        return tuple(one.revision.branch for one in self.found)

    def wanted(self) -> Order:
        """Return the order about these functions only; Refused where there is none."""
        names = criticised.names(self.found)
        return replace(self.order, trigger=replace(self.order.trigger, wanted=names or self.order.trigger.wanted))

    def within(self, survey: Survey) -> "Revising":
        """Return what the survey has functions for; threads of the others wait, and a comment is told why not."""
        known = {str(one.function): one.skip for one in survey.targets}
        kept, notes = [], list(self.notes)
        for one in self.found:
            why = known.get(one.name, _MISSED) if not one.revision.problem else None
            if why is None:
                kept.append(one)
            elif self.order.at is not None:
                kept.append(replace(one, revision=replace(one.revision, problem=f"{one.name}: {why}")))
            else:
                notes.append(f"{one.name}, which somebody wants otherwise, has to wait: {why}")
        order = replace(self.order, revisions=tuple(one.revision for one in kept))
        return Revising(order, tuple(kept), tuple(notes))

    def only(self, survey: Survey) -> Survey:
        """Return the survey; where a comment asks for another change, without what that is not about."""
        if self.order.at is None or not self.order.revisions:
            return survey
        return replace(survey, targets=tuple(one for one in survey.targets if str(one.function) in self.named))


def revising(checkout: GitCheckout, index: Index, order: Order) -> Revising:
    """Return what the revisions of an order are about; what cannot be fetched waits, unless somebody asked just now."""
    lineage, found, notes = GitLineage(checkout), [], []
    for one in order.revisions:
        try:
            if not one.problem and checkout.known(one.head) is None:
                checkout.bring(one.head)
        except ForgeError as error:
            if order.at is not None:
                raise
            notes.append(str(error))
            continue
        about = Criticised(one) if one.problem else criticised.read(lineage, index, one, order.trigger.project)
        if order.at is not None or not (about.elsewhere or (not one.note and about.revision.problem)):
            found.append(about)
    made = replace(order, revisions=tuple(one.revision for one in found))
    return Revising(made, tuple(found), tuple(notes))


def harvested(forge: Forge, order: Order, config: Config) -> Order:
    """Return a sweep's order with what waits in the bot's merge requests into the same branch.

    First threads, then revised changes whose proof is out of date: what a reviewer asked for is not proposed anew.
    """
    mine = list(_own(forge))
    found = list(rounds.waiting(forge, commands.policy(config), order.target_branch, mine))
    known = {one.branch for one in found}
    found += (one for one in rounds.moved(order.target_branch, mine, OUTDATED) if one.branch not in known)
    return replace(order, revisions=tuple(found)[: order.budget.targets])


def _own(forge: Forge) -> Iterator[MergeRequest]:
    """Yield open merge requests of this account, and of bots: a job that only reads may be another account."""
    me = forge.directory.me().id
    return (one for one in forge.merge_requests.labelled(LABEL) if one.author.id == me or one.author.bot)
