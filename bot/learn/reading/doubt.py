"""Where a reading is doubtful nothing is learned: a lesson that is missing costs less than one that is wrong."""

from bot.domain.feedback import Change
from bot.domain.lesson import Polarity, Reach
from bot.learn.reading import technique, words
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import cue
from bot.learn.reading.scope import Place


def uncertain(rule: Directive, place: Place, whole: str, change: Change, *, points: bool) -> bool:
    """Say whether `place` is the project only because nothing said clearly what else is meant.

    So it is where the kind of change or its technique is named, and where the rule is about "it" (`points`), and
    nothing in `whole`, the plain text that was read, says what that is.
    """
    if place.reach is not Reach.PROJECT:
        return False
    everywhere = cue("scope.whole").search(rule.clause) or cue("doubt.everywhere").search(rule.clause)
    if everywhere or technique.in_code(rule) or words.packages(whole):
        return False
    return technique.named(whole, change.kind) or (points and not words.technical(whole))


def adds(written: str) -> bool:
    """Say whether a sentence announces another rule: "and never ...", "also, ..."."""
    return cue("doubt.adds").match(written.lower()) is not None


def rivals(one: Polarity, other: Polarity) -> bool:
    """Say whether two rules of one paragraph can hardly both be meant: the later one says why, or what follows."""
    swapped = {one, other} == {Polarity.AVOID, Polarity.PREFER}
    return one is not other and Polarity.INFO not in {one, other} and not swapped
