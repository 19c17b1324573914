"""The answer to somebody who wants another change: what was tried, what came of it, and what speaks for what stands."""

from collections.abc import Sequence

from bot.domain.attempt import Attempt, Tried
from bot.domain.evidence import Outcome
from bot.domain.exchange import Silence
from bot.domain.revision import Revision
from bot.report import numbers
from bot.report.escape import Markdown, code, text
from bot.report.model import headline
from bot.report.note import Entry

_SHOWN = 10


def answer(
    revision: Revision,
    entry: Entry | None,
    silent: Sequence[Silence] = (),
    notes: Sequence[str] = (),
    proof: str = "",
    pipeline: str = "",
    *,
    pushed: bool = False,
) -> str:
    """Return the body; `entry` is None where nothing was tried, `proof` is what the change that stands there has shown.

    `pushed` says that the accepted change is on the branch.
    """
    attempt = None if entry is None else entry.attempt
    lines = [f"**Hotlap:** {_lead(revision, entry, pushed=pushed)}", ""]
    lines += [_line(one) for one in ([] if attempt is None else attempt.tried[:_SHOWN])]
    if not pushed and proof:
        lines += ["", f"What is known about the change that stands here: {text(proof)}"]
    lines += [f"- No evidence from {code(one.hardware)}: {text(one.why)}" for one in silent]
    others = [one for one in dict.fromkeys(notes[:_SHOWN]) if one != revision.problem]
    if others:
        lines += ["", *(f"- {text(one)}" for one in others)]
    if not revision.problem:
        lines += ["", f"Round {revision.round} of {revision.rounds}."]
    if pipeline:
        lines += ["", f"[Pipeline and report]({pipeline})"]
    return "\n".join(lines).rstrip() + "\n"


def conclusive(attempt: Attempt) -> bool:
    """Say whether enough was found out to answer: time was left, and some machine has decided something."""
    decided = any(one.verdict.outcome is not Outcome.UNKNOWN for one in attempt.tried)
    return attempt.accepted is not None or (decided and not attempt.untried)


def _lead(revision: Revision, entry: Entry | None, *, pushed: bool) -> Markdown:
    if revision.problem:
        return Markdown(f"nothing was tried: {text(revision.problem)}")
    if pushed:
        return Markdown("another change is on the branch now; title, description and figures are its own.")
    if entry is None:
        return Markdown("there is no other candidate to try, so the change stays as it is.")
    if entry.attempt.accepted is not None:
        return Markdown(f"another change was proven, and not pushed: {text(entry.sentence)}")
    return Markdown(_tried(entry.attempt))


def _tried(attempt: Attempt) -> str:
    if not conclusive(attempt):
        return "there is no answer yet: `/optimize retry` tries again."
    many = numbers.counted(len(attempt.tried), "other candidate")
    if any(one.verdict.outcome is Outcome.HELD for one in attempt.tried):
        return f"{many} tried; a gain is proven, but a person must look before anything is done with it."
    return f"{many} tried, none accepted, so the change stays as it is."


def _line(one: Tried) -> Markdown:
    best, verdict = headline(one.verdict.comparisons), one.verdict
    shown = f" {numbers.times(best.ratio.estimate)} ({numbers.interval(best.ratio)})" if best is not None else ""
    why = "" if verdict.outcome is Outcome.ACCEPTED else f" ({text(verdict.message)})"
    return Markdown(f"- {text(one.candidate.rationale)} **{verdict.outcome}**{why}{shown} {code(verdict.reason)}")
