"""Sentences that must not be taken at their word: doubts, irony, questions, and orders to a language model."""

from bot.learn.reading.asked import asked_for, without_asides
from bot.learn.reading.clauses import Sentence
from bot.learn.reading.grammar import cue


def commands_model(body: str) -> bool:
    """Say whether a note tries to steer a language model or the bot's own gates: nothing of it is learned then."""
    return cue("tone.model").search(body) is not None


def ignorable(text: str) -> bool:
    """Say whether an author asks not to be taken seriously, or takes back what was said."""
    return cue("tone.ignorable").search(text) is not None


def serious(sentence: Sentence) -> bool:
    """Say whether a sentence means what it says: no doubt, no irony, no question but a polite order."""
    plain = sentence.plain
    told = cue("tone.reported").search(plain) and not cue("tone.still").search(plain)
    if told or cue("tone.counterfactual").search(plain):
        return False
    if cue("tone.doubt").search(cue("tone.courtesy").sub(" ", plain)) or cue("tone.irony").search(
        f"{sentence.written}\n{plain}"
    ):
        return False
    return not sentence.asks or polite(sentence)


def mocks(sentence: Sentence) -> bool:
    """Say whether a sentence opens in irony, so that nothing after it is to be taken at its word either."""
    return cue("tone.mockery").match(sentence.plain) is not None


def polite(sentence: Sentence) -> bool:
    """Say whether a question is an order in polite form, such as "could you please avoid caches?"."""
    return any(
        cue("tone.asks_for_rule").match(one) or cue("directive.passive").match(one) or asked_for(without_asides(one))
        for one in sentence.clauses
    )
