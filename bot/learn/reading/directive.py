"""What one clause asks for: orders, policies, verdicts and tastes, as `grammar.toml` lists their forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.lesson import Polarity
from bot.learn.reading.asked import asked_for, without_asides, without_reason
from bot.learn.reading.grammar import Form, Phrase, cue, phrases

_CHOICE = re.compile(
    r"\b(?:instead of|rather than|over|in preference to|(?:where|when)(?:ver)? possible"
    r"|what (?:we|i) (?:want|prefer|like))\b"
)
_DECIDED = re.compile(r"\b(?:decid|decision|agree|policy|banned|chose)")
_WHEN = re.compile(
    r"\b(?:in (?:the|our) )?last \w+|\b(?:a while|long|\w+ (?:years?|months?|weeks?)) ago\b|\bback in \w+"
)


@dataclass(frozen=True, slots=True)
class Directive:
    """A clause that asks for something; `matter` is what it is about, `weight` that of the phrase."""

    polarity: Polarity
    form: Form
    weight: float
    matter: str
    clause: str

    @property
    def thing(self) -> str:
        """The matter without the verb of a "do not ..." in front of it."""
        return cue("standing.verb").sub("", self.matter)


def directives(clause: str) -> tuple[Directive, ...]:
    """Return what `clause` (as `clauses` gives it) may ask for, all of one polarity; nothing where it is taken back."""
    clause = without_reason(clause)
    # When a standing decision was taken does not matter.
    timeless = _WHEN.sub("", clause) if _DECIDED.search(clause) else clause
    if cue("directive.cancelled").search(clause) or cue("directive.elsewhen").search(timeless):
        return tuple(_matches(Polarity.PREFER, phrases("praise"), clause, clause))
    text = _wanted(without_asides(clause))
    lead = cue("directive.lead").match(text)
    bare = re.sub(r"^(?:please|kindly|just) ", "", text[lead.end() :] if lead else text)
    groups = (tuple(_matches(polarity, phrases(group), bare, text)) for polarity, group in _order(text))
    return next(filter(None, groups), ())


def _order(text: str) -> list[tuple[Polarity, str]]:
    """Return the groups of phrases in the order in which they are asked: the first that knows the clause has it."""
    order = [
        (Polarity.PREFER, "praise"),
        (Polarity.REQUIRE, "without"),
        (Polarity.AVOID, "avoid"),
        (Polarity.REQUIRE, "require"),
        (Polarity.PREFER, "prefer"),
    ]
    if _CHOICE.search(text):
        order.insert(3, (Polarity.PREFER, "prefer"))
    return order


def _wanted(clause: str) -> str:
    """Return what a polite question or request asks for; `clause` itself where it is none."""
    if (order := asked_for(clause)) is not None:
        return order
    if found := cue("directive.passive").match(clause):
        return f"{found['subject']} must {found['m']}"
    asked = cue("directive.asking").match(clause)
    return _requested(clause[asked.end() :]) if asked else clause


def _requested(rest: str) -> str:
    """Return an order for what follows "could you please"."""
    rest = re.sub(r"^(?:please|also|just|maybe|at least) ", "", rest)
    if found := re.match(r"^(?:not|never) (.*)", rest):
        return f"do not {found[1]}"
    if found := re.match(r"^mind not (\w+ing .*)", rest):
        return f"avoid {found[1]}"
    return re.sub(r"^mind (\w+)ing\b", r"\1", rest)


def _matches(polarity: Polarity, group: tuple[Phrase, ...], bare: str, clause: str) -> Iterator[Directive]:
    """Yield what each phrase finds."""
    for phrase in group:
        if found := phrase.pattern.search(bare):
            parts = found.groupdict()
            matter = " ".join(filter(None, (parts.get("m"), parts.get("n"))))
            yield Directive(polarity, phrase.form, phrase.weight, matter.strip(" ,."), clause)
