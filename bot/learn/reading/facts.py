"""Facts that a reviewer states about code or its surroundings and that hold beyond one merge request."""

import re

from bot.learn.reading.clauses import Sentence
from bot.learn.reading.grammar import cue


def fact(sentence: Sentence) -> bool:
    """Say whether a sentence states a standing fact about a place in the code or about where it runs."""
    if sentence.asks or cue("facts.not_a_fact").search(sentence.plain):
        return False
    text = sentence.plain
    marked = cue("facts.marked").search(text) is not None
    names = ("facts.fact", "facts.behaves", "facts.frequency", "facts.pronoun", "facts.surroundings")
    if any(cue(name).search(one) for one in (text, *sentence.clauses) for name in names):
        vague = re.search(r"\b(?:here|it) (?:is|gets)\b", text) and not cue("facts.behaves").search(text)
        return marked or not vague
    return marked and cue("facts.plain_statement").search(text) is not None
