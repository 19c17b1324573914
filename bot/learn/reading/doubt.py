"""Where a reading is doubtful nothing is learned: a lesson that is missing costs less than one that is wrong."""

from bot.domain.feedback import Change
from bot.domain.lesson import Polarity, Reach
from bot.learn.reading import technique, words
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import cue
from bot.learn.reading.scope import Place


def uncertain(rule: Directive, place: Place, change: Change) -> bool:
    """Say whether `place` is the project only because nothing said clearly that the kind of change is meant."""
    if place.reach is not Reach.PROJECT or not technique.named(rule, change.kind):
        return False
    everywhere = cue("scope.whole").search(rule.clause) or technique.in_code(rule)
    return not everywhere and not words.packages(rule.matter)


def adds(written: str) -> bool:
    """Say whether a sentence announces another rule: "and never ...", "also, ..."."""
    return cue("doubt.adds").match(written.lower()) is not None


def rivals(one: Polarity, other: Polarity) -> bool:
    """Say whether two rules of one paragraph can hardly both be meant: the later one says why, or what follows."""
    swapped = {one, other} == {Polarity.AVOID, Polarity.PREFER}
    return one is not other and Polarity.INFO not in {one, other} and not swapped
