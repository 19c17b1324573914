"""The first job: which functions are worth candidates. It runs the repository's benchmarks, and holds no secret."""

from bot.app import localize
from bot.app.localize import Localized
from bot.app.workshop import Workshop
from bot.domain.code import Snapshot
from bot.domain.command import Verb
from bot.domain.errors import Refused
from bot.domain.exchange import Order, Survey
from bot.ports import Checkout

_MOST = 60
"""Functions that are handed on; the rest costs a reader more than it helps."""


def survey(shop: Workshop, checkout: Checkout, tree: Snapshot, order: Order) -> Survey:
    """Return the functions that the order is about, best first.

    Functions that somebody named come first; then those of a sentence, those that a change touches, or the hottest.
    What cannot be found is a note for the one who asked, not an error.
    """
    try:
        found = _localized(shop, checkout, tree, order)
    except Refused as error:
        return Survey(tree.commit, notes=(str(error),))
    notes = found.notes if found.question is None else (*found.notes, found.question.sentence)
    return Survey(tree.commit, found.targets[:_MOST], notes)


def _localized(shop: Workshop, checkout: Checkout, tree: Snapshot, order: Order) -> Localized:
    command = order.trigger.command
    if order.trigger.wanted:
        return Localized(shop.targets(tree, order.trigger.wanted), notes=shop.project.notes)
    if command is not None and command.text and command.verb is Verb.RUN:
        return localize.told(shop, tree, command.text)
    if order.diff_base:
        return localize.changed(shop, tree, checkout.diff(order.diff_base, tree.commit))
    return localize.profiled(shop, tree)
