"""Whether a rule is about the technique that a kind of change uses: "stop parallelising", "no native extensions"."""

import re

from bot.domain.lesson import Polarity
from bot.learn.reading import words
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import cue, techniques

_SHORTEST = 3
_BROAD = frozenset({"data", "memory", "structure"})
"""Words in the names of kinds that are said of much else."""


def meant(rule: Directive, plain: str, kind: str) -> bool:
    """Say whether `rule` is about the technique of `kind` as such; a ban on some uses of it is about the code."""
    says = _says(kind)
    if not says or in_code(rule):
        return False
    others = words.packages(re.sub(rf"\b(?:{says})\b", " ", rule.matter))
    if rule.polarity is Polarity.AVOID:
        return not others and _banned(rule, says)
    head = cue("technique.head").pattern
    if re.match(rf"{head}(?:{says}){cue('technique.yours').pattern}", rule.matter):
        return True
    if not others and re.match(rf"{head}(?:{says})\b(?! (?:in|for|of|on)\b)", rule.matter):
        return True
    change, of, proposed, doing = (cue(f"technique.{name}").pattern for name in ("change", "of", "proposed", "doing"))
    wanted = rf"\b(?:{says}) {change}|(?:{of}|{doing}|{proposed} (?:\w+ ){{0,2}}?)(?:{says})\b"
    return re.search(wanted, plain) is not None


def _banned(rule: Directive, says: str) -> bool:
    several = rf"(?:{says})(?:(?:,| or| and| nor|/)+ (?:\w+ )?(?:{says})){{0,3}}"
    found = re.match(rf"{cue('technique.before').pattern}{several}\b(?P<rest>.*)", rule.matter)
    if found is None:
        return False
    # Who is to stop doing it proposes it, whatever it is done to.
    stopped = cue("technique.stop").match(rule.clause) is not None
    return stopped or cue("technique.as_such").match(found["rest"]) is not None


def named(plain: str, kind: str) -> bool:
    """Say whether `plain` names `kind` or its technique; one of a place in the code ("module-level") is another."""
    says = _says(kind)
    if not says:
        return False
    text = cue("technique.placed").sub(" ", plain)
    stems = (part.removesuffix("e") for part in kind.lower().split("-") if len(part) > _SHORTEST and part not in _BROAD)
    known = re.search(rf"\b(?:{says})\b", text) is not None
    return known or any(re.search(rf"\b{re.escape(stem)}", text) for stem in stems)


def in_code(rule: Directive) -> bool:
    """Say whether a rule is about what code may use, and not about what is proposed."""
    return cue("technique.in_code").search(rule.clause) is not None


def _says(kind: str) -> str:
    return next((says for named, says in techniques() if re.search(named, kind.lower())), "")
