"""Whether a rule is about the technique that a kind of change uses: "stop parallelising", "no native extensions"."""

import re

from bot.domain.lesson import Polarity
from bot.learn.reading import words
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import cue, techniques


def meant(rule: Directive, plain: str, kind: str) -> bool:
    """Say whether `rule` is about the technique of `kind` as such; a ban on some uses of it is about the code."""
    says = next((says for named, says in techniques() if re.search(named, kind.lower())), "")
    if not says or cue("technique.in_code").search(rule.clause):
        return False
    if rule.polarity is Polarity.AVOID:
        found = re.match(rf"{cue('technique.before').pattern}(?:{says})\b(?P<rest>.*)", rule.matter)
        others = words.packages(re.sub(rf"\b(?:{says})\b", " ", rule.matter))
        if found is None or others:
            return False
        # Who is to stop doing it proposes it, whatever it is done to.
        return cue("technique.stop").match(rule.clause) is not None or (
            cue("technique.as_such").match(found["rest"]) is not None
        )
    change = cue("technique.change").pattern
    proposed = cue("technique.proposed").pattern
    return re.search(rf"\b(?:{says}) {change}|{proposed} (?:\w+ ){{0,2}}?(?:{says})\b", plain) is not None
