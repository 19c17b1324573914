"""The message of a commit with an accepted change: what, how much, why it is believed."""

import re
import textwrap

from bot.domain.evidence import Verdict
from bot.domain.job import Candidate
from bot.domain.legible import one_line
from bot.report.model import headline

_SUBJECT = 72
# "Closes ABC-12" does so in other trackers.
_CLOSING = re.compile(
    r"\b(clos\w*|fix\w*|resolv\w*|implement\w*):?\s+(?:issues?\s+)?(?=[A-Z][A-Z0-9_]+-\d)", re.IGNORECASE
)


def commit_message(candidate: Candidate, verdict: Verdict) -> str:
    """Return subject and body in plain text, wrapped at 72 columns."""
    best = headline(verdict.comparisons)
    name = candidate.target.function.qualname if candidate.target else "the code"
    subject = f"Make {name} faster"
    parts = [textwrap.fill(_plain(candidate.rationale), 72)]
    if best is not None:
        subject = f"Make {name} {best.ratio.estimate:.2f}x faster"
        ratio = best.ratio
        parts.append(
            textwrap.fill(
                f"{best.benchmark}: {ratio.estimate:.2f}x, interval {ratio.low:.2f} to {ratio.high:.2f}, "
                f"confirmed with fresh pairs of processes.",
                72,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    parts.append(_evidence(verdict))
    parts.append(f"Proposed-by: {candidate.proposer}")
    return "\n\n".join([_cut(subject), *(part for part in parts if part)]) + "\n"


def _evidence(verdict: Verdict) -> str:
    said = []
    if verdict.tests is not None:
        said.append(f"{verdict.tests.passed} of {verdict.tests.total} tests passed as before")
    if verdict.replay is not None:
        calls = verdict.replay
        said.append(f"{calls.captured} captured and {calls.derived + calls.edge} derived calls gave the same answers")
    return textwrap.fill("; ".join(said) + ".", 72) if said else ""


def _plain(text: str) -> str:
    # Whoever proposed it: no references, mentions, quick actions or trailers of its own; commits close issues.
    line = re.sub(r"([#!@~%$&]|(?<!\w)/|:/)(?=[\w\"/])", "\\1 ", one_line(text)).replace(": ", " - ")
    return _CLOSING.sub("\\1 the issue ", line)


def _cut(subject: str) -> str:
    line = " ".join(subject.split())
    return line if len(line) <= _SUBJECT else line[: _SUBJECT - 1] + "…"
