"""Whether a directive is a standing rule or a remark about the change at hand: a sum of what its words say.

The weights are few and round, and stand beside their reason; nothing was fitted to examples by a program.
"""

import re
from dataclasses import dataclass

from bot.domain.lesson import Polarity
from bot.learn.reading import words
from bot.learn.reading.clauses import Sentence
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import Form, cue, vocabulary

THRESHOLD = 1.0
_SLIGHT = 0.25
"""The weight of an order to do something: about the change at hand unless something else says that it is not."""

_SPECIFIC = re.compile(r"^(?:this|that|these|those|it|its|them|him|your|my)\b")
_DEFINITE = re.compile(r"^(?:the|a|an)\b")
_EACH = re.compile(r"\b(?:each|every|all|any|future|always|never|ever)\b")
_LASTING = re.compile(
    r"\b(?:never|always|any ?more|ever|again)\b.*\bin here\b|\b[a-z]+(?:-[a-z]+)+ (?:rewrite )?rule\b"
)
_SHORTEST = 3
_ASIDE = re.compile(r"^(?:if |that )?(?:you |we )?(?:could |would |to )?")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known around a sentence: `imports` are modules that the change brings in.

    `suggested` says that the note offers an edit of its own.
    """

    imports: frozenset[str] = frozenset()
    suggested: bool = False


def score(found: Directive, sentence: Sentence, setting: Setting, *, named_path: bool) -> float:
    """Return how much speaks for a standing rule; `THRESHOLD` and above is one."""
    if found.form is Form.PRAISE:
        return found.weight
    general = found.weight + _general(found, sentence) + _about(found, setting, named_path=named_path)
    return general - _at_hand(found, sentence, setting) - _pointing(found, sentence, setting)


def _general(found: Directive, sentence: Sentence) -> float:
    """Return what says that it holds beyond this change."""
    text = f"{sentence.plain}; {found.clause}"
    total = 1.5 if cue("standing.general").search(text) or cue("scope.beyond").search(text) else 0.0
    total += 1.0 if cue("standing.place").search(text) else 0.0
    total += 1.5 if cue("standing.kind").search(text) else 0.0
    total += 1.75 if cue("standing.case").search(sentence.plain) else 0.0
    return min(total, 3.0)


def _about(found: Directive, setting: Setting, *, named_path: bool) -> float:
    """Return what its object says: technologies, plurals and places are matters of rules, "this line" is not."""
    slight = found.polarity is Polarity.REQUIRE and found.form is Form.ORDER and found.weight <= _SLIGHT
    total = 0.0
    if words.technical(found.matter, setting.imports):
        total += 0.5 if slight else 1.0
    if words.packages(found.matter, setting.imports) or cue("words.dependency").search(found.matter):
        total += 0.75 if cue("standing.adding").search(found.clause) else 0.25
    total += 0.75 if _generic(found.thing) or _bare(found) else 0.0
    if named_path:
        total += 1.25
    elif _unit(found):
        total += 1.5
    return min(total, 2.5)


def _generic(thing: str) -> bool:
    """Say whether the object is a plural or quantified, and not what runs a million times a second."""
    first = thing.split()[:4]
    plural = any(cue("words.plural").match(word.strip(",.")) for word in first) and not _SPECIFIC.match(thing)
    start = " ".join(first)
    return plural or bool(cue("standing.quantified").search(start) and not cue("standing.running").search(start))


def _object(found: Directive) -> str:
    """Return what is not to be done without the verb, also where the verb is none that the grammar knows."""
    led = found.thing == found.matter and re.search(rf"\b(?:not|never) {re.escape(found.matter)}", found.clause)
    return found.matter.partition(" ")[2] if led else found.thing


def _bare(found: Directive) -> bool:
    """Say whether a ban is on something as such, with no article: "never weaken input validation"."""
    first = _object(found).partition(" ")[0].strip(",.;")
    plain = first.isalpha() and len(first) > _SHORTEST and first not in vocabulary("no_nouns")
    return found.polarity is Polarity.AVOID and found.form in {Form.ORDER, Form.POLICY} and plain


def _unit(found: Directive) -> bool:
    """Say whether it is about leaving a whole file, function or the like alone, or about how such a one is."""
    if cue("standing.it_alone").search(found.clause):
        return True
    named = cue("standing.this_unit").search(found.clause)
    if named is None or re.search(r"\bin this (?:function|method|code)\b", found.clause):
        return False
    inside = cue("standing.inside").search(found.clause)
    general = inside and (found.form is Form.POLICY or found.polarity is Polarity.PREFER)
    touched = cue("standing.touched").search(found.clause) or cue("standing.left").search(found.clause)
    return bool(general) or touched is not None


def _at_hand(found: Directive, sentence: Sentence, setting: Setting) -> float:
    """Return what says that it is about the change at hand, or about today."""
    clause = cue("scope.beyond").sub(" ", found.clause)
    for name in ("standing.place", "standing.kind", "standing.this_unit"):
        clause = cue(name).sub("", clause)
    total = 0.5 if sentence.asks else 0.0
    if cue("standing.here").search(clause):
        # "We do not use numba here" is about the project; "do not use a list here" is not.
        lasting = _LASTING.search(found.clause) is not None
        house = lasting or (found.form is Form.POLICY and words.technical(found.matter, setting.imports))
        total += 0.0 if house else 1.25
    if cue("standing.at_hand").search(clause):
        # What a rewrite rule must look at is in every change that it makes.
        ruled = found.polarity is Polarity.REQUIRE and _LASTING.search(found.clause)
        total += 0.25 if ruled or _EACH.match(found.thing) else 0.75 if _EACH.search(clause) else 1.75
    if any(cue("standing.chore").match(text) for text in (found.clause, _ASIDE.sub("", found.thing))):
        total += 1.5
    total += 2.0 if cue("standing.timed").search(clause) else 0.0
    return total + (0.75 if setting.suggested else 0.0)


def _pointing(found: Directive, sentence: Sentence, setting: Setting) -> float:
    """Return what its object takes away: "it", "this" and "the loop" point at something that everybody looks at."""
    thing, unit = found.thing, cue("standing.this_unit")
    total = 0.0
    kind = cue("standing.kind").search(found.matter)
    if _SPECIFIC.match(cue("standing.kind").sub("", unit.sub("", thing))) and not kind:
        total += 1.0
    elif _DEFINITE.match(thing) and not _EACH.search(thing) and not words.technical(found.matter, setting.imports):
        total += 0.0 if unit.match(thing) else 0.5
    if unit.match(thing) and not _unit(found):
        total += 1.0
    elif found.form is Form.VERDICT and _SPECIFIC.match(found.matter) and not kind and not unit.match(found.matter):
        total += 0.0 if cue("standing.case").search(sentence.plain) else 0.75
    return total
