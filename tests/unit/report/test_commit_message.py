import re

import pytest

from bot.domain.evidence import Gate, Isolation, Outcome, Verdict
from bot.domain.job import Candidate, EditSet
from bot.report.commit import commit_message
from tests.fakes.hostile import STRINGS

VERDICT = Verdict(Outcome.ACCEPTED, Gate.CONFIRM, "accepted", "", Isolation.PROCESS)
SMALL = {name: text for name, text in STRINGS.items() if not name.startswith("huge")}
# As GitLab's default pattern for closing issues has it, with references of its own and of other trackers.
CLOSES = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +"
    r"(?:issues? +)?(?:[\w/.-]*#\d|[A-Z][A-Z0-9_]+-\d|https?://)",
    re.IGNORECASE,
)


def said(rationale):
    return commit_message(Candidate(EditSet(()), "a" * 40, rationale, "rule"), VERDICT)


@pytest.mark.parametrize("text", SMALL.values(), ids=SMALL)
def test_a_rationale_closes_nothing_and_mentions_nobody(text):
    message = said(f"It is faster. {text}")
    assert CLOSES.search(message) is None
    assert re.search(r"@\w|(?<!\w)[#!]\d|://", message) is None
    assert not any(line.startswith("/") for line in message.splitlines())
    assert len([line for line in message.splitlines() if re.match(r"[\w-]+: ", line)]) == 1


def test_plain_words_stay():
    words = "The loop ran over n*n pairs (99% of the time), now it sorts once; UTF-8 and a/b stay."
    assert words in said(words).replace("\n", " ")
