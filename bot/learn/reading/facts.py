"""Facts that a reviewer states about code or its surroundings and that hold beyond one merge request."""

import re

from bot.learn.reading.clauses import Sentence
from bot.learn.reading.grammar import cue

_STATED = ("facts.fact", "facts.behaves", "facts.frequency", "facts.pronoun", "facts.surroundings")
_OWN = ("facts.runs", "facts.measure")


def fact(sentence: Sentence) -> bool:
    """Say whether a sentence states a standing fact about a place in the code or about where it runs."""
    told = _told(sentence)
    if sentence.asks or any(cue("facts.not_a_fact").search(one) for one in told):
        return False
    text = sentence.plain
    marked = cue("facts.marked").search(text) is not None
    if any(cue(name).search(one) for one in (text, *sentence.clauses) for name in (*_STATED, *_OWN)):
        vague = re.search(r"\b(?:here|it) (?:is|gets)\b", text) and not cue("facts.behaves").search(text)
        return marked or not vague
    stated = any(cue("facts.plain_statement").search(one) for one in told)
    return marked and stated and not any(cue("facts.personal").search(one) for one in told)


def worth_keeping(sentence: Sentence) -> bool:
    """Say whether a fact stands beside the rule that follows from it: what runs where, and what values mean."""
    if any(cue("facts.measure").search(one) for one in sentence.clauses):
        return True
    marked = cue("facts.marked").search(sentence.plain) is not None
    return marked and any(cue("facts.runs").search(one) for one in sentence.clauses)


def _told(sentence: Sentence) -> tuple[str, ...]:
    """Return the clauses of a sentence without the one that only says that something will be told."""
    first, *rest = sentence.clauses or ("",)
    return tuple(rest) if rest and cue("facts.marked").search(first) else sentence.clauses
